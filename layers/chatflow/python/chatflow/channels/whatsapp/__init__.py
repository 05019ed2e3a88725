"""The channel WhatsApp, through Meta's Cloud API (Graph API; its version is in the manifest).

`webhook` answers the handshake, verifies the signature and parses a POST; `updates` translates what a POST carries,
`people` reads who it is about. `addresses` knows the forms of numbers, user ids and usernames.
`client` sends, downloads and uploads, with `graph_api` (calls and token), `file_transfer` and `errors` (Meta's codes).
`rendering` builds the bodies to send, `profile` says which files and messages are taken.
"""
