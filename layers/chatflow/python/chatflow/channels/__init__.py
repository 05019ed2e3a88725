"""One folder a channel, found by `manifest`. Each keeps one contract, checked by tests/channels/test_contract.py:

manifest.toml   title, hosts that may get its token, its secret's fields, what it has, how to connect it
webhook.py      handshake(query, secret) -> str | None · verify(headers, body, secret) · parse(body) -> Webhook   (pure)
rendering.py    render(message, contact) -> list of request bodies, each to be sent in turn                       (pure)
profile.py      PROFILE: what the channel takes
client.py       Client(account, secret, fetch, hosts, url, *, renewed): send, open, upload, account_name
                MEDIA_ID_SECONDS · `renewed()` gives the secret anew, for a token that the channel has just refused
"""
