"""Messaging channels, one folder each, found by `manifest`. tests/contract/channels checks the contract of a folder:

manifest.toml   title, hosts that may get its token, its secret's fields, its capabilities and rates, how to connect it:
                `manifest` lists the fields and capabilities
webhook.py      verify(headers, body, secret) · parse(body, account) -> Webhook: `account` is the one of the address
                that the POST came to, "" for none; a body that names its account decides                         (pure)
                `Webhook.answer` is what the channel does when it reads our answer to its POST, see decision record 0033
                with the capability handshake: handshake(query, secret) -> str | None
rendering.py    render(message, contact) -> bodies of a text or a question, each to be sent in turn            (pure)
addresses.py    normalize_address(text) -> str: the one form of a contact's address; raises InvalidInput
                stored_spellings(address) -> the forms that webhooks may have brought, itself first
                is_writable(address) -> whether a message may be sent to it; others only find a conversation      (pure)
profile.py      PROFILE: the file formats and sizes that the channel accepts
                LIMITS: the texts, options and captions that it takes, see `message_limits`                       (pure)
client.py       Client(account, secret, fetch, hosts, url, *, renewed)
                send(message, contact, tag, deadline, sent), deliver(file, contact, tag, deadline, sent): `sent` holds
                the ids of the pieces that an earlier attempt sent, which are skipped; each new id is appended at once
                deliver uploads a file where the channel wants that, and reads and remembers the channel's id of it
                open(media, deadline), account_name(deadline); open raises TooLarge for what the channel never sends
                with the capability read_marks: mark_as_read(message_id, deadline)
                `renewed()` reads the secret again, for a token that the channel has just refused
                For `chatflow channels`, where the channel's API offers it: account_id(deadline), where the credentials
                alone name the account; register_webhook(url, secret, deadline) and remove_webhook(url, deadline), where
                no person has to; the latter leaves a webhook at another URL alone
routes.py       where the manifest requests `routes`: answer(request, secret), see `public_routes`      (pure)
page/           where it requests `page`: the files that are served at /channels/<channel>/page/<file>
push.py         where it requests `push`: admit(request, secret) -> contact, see `connections`                  (pure)
                then the client's constructor has `push`, too, keyword only and None by default: push(body) -> number of
                connections reached; `send` and `deliver` push what a waiting browser is to show

A client reports three kinds of failure, which decide what happens to a message:
ChannelUnavailable   nothing was sent: the connection was refused, or a limit was reached. The message is sent later.
InDoubt              the message may have been sent: the server failed, or no answer came. It is repeated once at most.
ChannelRefused       the channel will never send this message; `cause` says why in the words of every channel.
"""
