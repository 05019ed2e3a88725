"""The client of one Telegram bot: sends messages and files, opens customers' files, sets the webhook."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

from chatflow.channels.telegram.bot_api import BotApi, sent_id
from chatflow.channels.telegram.file_download import Download, download
from chatflow.channels.telegram.file_sending import send_file
from chatflow.channels.telegram.rendering import Body, render, split_caption, text_bodies
from chatflow.channels.telegram.webhook import ALLOWED_UPDATES
from chatflow.channels.untrusted_json import json_object, optional_text, required_text, whole_number
from chatflow.errors import ChannelRefused, ChannelUnavailable, InDoubt, InvalidInput
from chatflow.messages import IncomingMedia, OutgoingFile, OutgoingMessage
from chatflow.nodes.ports import Fetch


class Client:
    """Deadlines are in milliseconds since the epoch. `url` and `hosts` are the manifest's.

    `renewed` reads the secret again when Telegram refuses the token. The constructor raises NotPublished when the
    secret holds no token.
    """

    def __init__(
        self,
        account: str,
        secret: Mapping[str, Any],
        fetch: Fetch,
        hosts: frozenset[str],
        url: str,
        *,
        renewed: Callable[[], Mapping[str, Any]] | None = None,
    ) -> None:
        self._api = BotApi(secret, fetch, hosts, url, renewed=renewed)
        self._account = account

    def send(
        self, message: OutgoingMessage, contact: str, _tag: str, deadline: int, sent: list[str] | None = None
    ) -> list[str]:
        """Send a message, in as many pieces as it takes; returns the ids of the pieces. Telegram knows no tags.

        `sent` holds the ids of the pieces that an earlier attempt sent: these are skipped, and each new id is appended
        at once. Raises ChannelRefused, ChannelUnavailable (nothing was sent beside `sent`), InDoubt (the next piece may
        have been).
        """
        ids = [] if sent is None else sent
        self._send_bodies(render(message, contact)[len(ids) :], deadline, ids)
        return ids

    def deliver(
        self, file: OutgoingFile, contact: str, _tag: str, deadline: int, sent: list[str] | None = None
    ) -> list[str]:
        """Send a file, then what its caption is too long for; otherwise like `send`."""
        ids = [] if sent is None else sent
        caption, rest = split_caption(file.caption)
        if not ids:
            send_file(self._api, file, contact, caption, deadline, sent=ids)
        self._send_bodies(text_bodies(rest, contact)[len(ids) - 1 :], deadline, ids)
        return ids

    @contextmanager
    def open(self, media: IncomingMedia, deadline: int) -> Iterator[Download]:
        """Open a customer's file for reading. Raises MediaUnavailable, TooLarge for more than Telegram hands over."""
        with ExitStack() as stack:
            yield download(self._api, media, deadline, stack)

    def account_name(self, deadline: int) -> str:
        """The bot's name and username, to show a person whose token that is.

        Raises ChannelRefused, also when the token is another bot's; ChannelUnavailable.
        """
        bot = self._bot(deadline)
        if bot["id"] != self._account:
            raise ChannelRefused(0, "the bot token belongs to another bot than this account", "account")
        return f"{bot['name']} (@{bot['username']})".strip()

    def account_id(self, deadline: int) -> str:
        """The account that the token is of, whatever the client was made for: the bot's id.

        Raises ChannelRefused, ChannelUnavailable.
        """
        return self._bot(deadline)["id"]

    def register_webhook(self, url: str, secret_token: str, deadline: int) -> None:
        """Have Telegram post the updates that Chatflow reads to this URL, with this text in the secret header.

        Repeating it changes nothing (Bot API, "setWebhook"). Raises ChannelRefused, ChannelUnavailable.
        """
        parameters = {"url": url, "secret_token": secret_token, "allowed_updates": list(ALLOWED_UPDATES)}
        try:
            self._api.call("setWebhook", parameters, deadline)
        except InDoubt:
            raise ChannelUnavailable("Telegram did not confirm the webhook") from None

    def remove_webhook(self, url: str, deadline: int) -> None:
        """Have Telegram post nothing more to this URL (Bot API, "getWebhookInfo", "deleteWebhook").

        A bot has one webhook: what another deployment or program has set since stays. Raises ChannelRefused,
        ChannelUnavailable.
        """
        try:
            info = json_object(self._api.call("getWebhookInfo", {}, deadline), "webhook")
            if info.get("url") == url:
                self._api.call("deleteWebhook", {}, deadline)
        except (InDoubt, InvalidInput):
            raise ChannelUnavailable("Telegram did not confirm that the webhook is removed") from None

    def _bot(self, deadline: int) -> dict[str, str]:
        try:
            bot = json_object(self._api.call("getMe", {}, deadline), "bot")
            id, username = whole_number(bot.get("id"), "id"), required_text(bot, "username")
        except (InDoubt, InvalidInput):
            raise ChannelUnavailable("Telegram did not say whose token that is") from None
        return {"id": str(id), "username": username, "name": optional_text(bot, "first_name")}

    def _send_bodies(self, bodies: Iterable[Body], deadline: int, ids: list[str]) -> None:
        for body in bodies:
            ids.append(sent_id(self._api.call("sendMessage", body, deadline)))
