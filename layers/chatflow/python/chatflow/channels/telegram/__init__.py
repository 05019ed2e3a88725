"""The channel Telegram, through the Bot API (core.telegram.org/bots/api; written for Bot API 10.1 of June 2026).

`webhook` compares the secret header and parses a POST, `updates` translates the update that it carries, `contents`
reads what a message holds. `addresses` knows the ids of chats and usernames. `client` sends, downloads and connects,
with `bot_api` (calls and token), `file_sending`, `file_download`, `photos` (what may be sent as a photo) and `errors`
(Telegram's descriptions). `rendering` builds the bodies to send, `profile` says which files and messages are taken.
"""
