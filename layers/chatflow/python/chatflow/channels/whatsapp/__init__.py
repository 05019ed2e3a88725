"""The channel WhatsApp, through Meta's Cloud API (Graph API; its version is in the manifest).

`webhook` answers the handshake, verifies the signature and parses a POST; `updates` translates what a POST carries.
`client` sends, downloads and uploads, with `graph_api` (calls and token), `file_transfer` and `errors` (Meta's codes).
`rendering` builds the bodies to send, `profile` lists the accepted files, `untrusted_json` reads what Meta wrote.
"""
