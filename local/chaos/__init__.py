"""Chaos: many customers send files while workers are killed, the API fails and the channel refuses.

Then a host hangs, and is down, and customers who do not need it are asked what they notice.
"""
