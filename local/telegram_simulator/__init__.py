"""A simulator of Telegram's Bot API on loopback, with the chat page on which a person acts as the customer.

It is written from Telegram's documentation and from its own server (tdlib/telegram-bot-api), and imports nothing of
Chatflow, so that it refuses a mistake of Chatflow's channel code instead of repeating it.
"""
