"""Logging in: finding a deployment, signing in to its user pool, and storing the tokens in a profile."""
