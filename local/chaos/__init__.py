"""Chaos: many customers send files while workers are killed, the API fails and the channel refuses."""
