"""Chaos: many customers send files while workers are killed, the API fails and the channel refuses.

Then a host hangs, and is down, and a number is over its rate. Customers who need neither are asked what they notice.
"""
