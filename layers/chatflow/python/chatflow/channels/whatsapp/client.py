"""The client of one WhatsApp account: sends messages and files, opens customers' files."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any
from urllib.parse import quote

from chatflow.channels.untrusted_json import json_list, json_object, optional_text, required_text
from chatflow.channels.upload_retry import with_retries
from chatflow.channels.whatsapp.file_transfer import Download, download_by_id, download_by_url, upload_body
from chatflow.channels.whatsapp.graph_api import GraphApi
from chatflow.channels.whatsapp.rendering import Body, UploadedFile, render
from chatflow.errors import ChannelInDoubt, ChannelRefused, ChannelUnavailable, InDoubt, InvalidInput
from chatflow.messages import IncomingMedia, OutgoingFile, OutgoingMessage, piece_tag
from chatflow.nodes.ports import Fetch, Readable

# Media ids of uploads live for 30 days (Meta: "Media"); a day less, so that none dies on its way to a customer.
MEDIA_ID_SECONDS = 29 * 86_400

_LONGEST_TAG = 512  # Meta's limit for biz_opaque_callback_data


class Client:
    """Deadlines are in milliseconds since the epoch. `url` and `hosts` are the manifest's.

    `renewed` reads the secret again when WhatsApp refuses the token. The constructor raises NotPublished when the
    secret holds no access token.
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
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._graph = GraphApi(secret, fetch, hosts, url, renewed=renewed)
        self._account = account
        self._pause = pause

    def send(
        self, message: OutgoingMessage, contact: str, tag: str, deadline: int, sent: list[str] | None = None
    ) -> list[str]:
        """Send a message, in as many pieces as it takes; returns the ids of the pieces.

        Meta's statuses repeat `piece_tag(tag, piece)`. `sent` holds the ids of the pieces that an earlier attempt sent:
        these are skipped, and each new id is appended at once. Raises ChannelRefused, ChannelUnavailable (nothing was
        sent beside `sent`), InDoubt (the next piece may have been).
        """
        ids = [] if sent is None else sent
        self._send_pieces(render(message, contact), tag, deadline, ids)
        return ids

    def deliver(
        self, file: OutgoingFile, contact: str, tag: str, deadline: int, sent: list[str] | None = None
    ) -> list[str]:
        """Upload a file, unless WhatsApp holds it already, and send it; otherwise like `send`.

        The first piece is the file, the others are what its caption is too long for. WhatsApp forgets uploads early and
        reports that in many ways, so any refusal of a remembered id counts: a refusal means that nothing was sent.
        """
        ids = [] if sent is None else sent

        def send(media_id: str) -> None:
            uploaded = UploadedFile(file.kind, media_id, file.caption, file.filename)
            self._send_pieces(render(uploaded, contact), tag, deadline, ids)

        if ids:
            send("")  # only texts are left
        elif media_id := file.stored_id:
            try:
                send(media_id)
            except ChannelRefused:
                if ids:
                    raise  # of a text behind the file
                send(self._upload_file(file, deadline))
        else:
            send(self._upload_file(file, deadline))
        return ids

    def _send_pieces(self, bodies: Sequence[Body], tag: str, deadline: int, ids: list[str]) -> None:
        for body in bodies[len(ids) :]:
            tagged = {**body, "biz_opaque_callback_data": piece_tag(tag, len(ids))[:_LONGEST_TAG]} if tag else body
            ids.append(self._send(tagged, deadline))

    def _upload_file(self, file: OutgoingFile, deadline: int) -> str:
        def upload() -> str:
            with file.open() as stream:
                return self.upload(stream, file.size, file.mime, file.filename, deadline)

        media_id = with_retries(upload, deadline, pause=self._pause)
        file.remember(media_id, MEDIA_ID_SECONDS)
        return media_id

    def _send(self, body: dict[str, Any], deadline: int) -> str:
        encoded = json.dumps(body).encode()
        answer = self._graph.call(
            "POST", self._path("/messages"), deadline, body=encoded, content_type="application/json"
        )
        try:
            return required_text(json_object(json_list(answer.get("messages"), "messages")[0], "message"), "id")
        except (IndexError, InvalidInput):
            raise InDoubt("WhatsApp took a message and named no id for it") from None

    def upload(self, stream: Readable, size: int, mime: str, filename: str, deadline: int) -> str:
        """Upload a file of `size` bytes and return its media id, valid for MEDIA_ID_SECONDS.

        Raises ChannelRefused, ChannelUnavailable. The stream is used up then; to try again, pass a new one.
        """
        body = upload_body(stream, size, mime, filename)
        try:
            answer = self._graph.call(
                "POST", self._path("/media"), deadline, body=body, content_type=body.content_type, length=body.len
            )
            return required_text(answer, "id")
        except ChannelInDoubt as error:  # a second upload does no harm, so nothing is in doubt
            raise ChannelUnavailable(str(error), error.after, error.code) from None
        except (InDoubt, InvalidInput):
            raise ChannelUnavailable("WhatsApp did not confirm the upload") from None

    @contextmanager
    def open(self, media: IncomingMedia, deadline: int) -> Iterator[Download]:
        """Open a customer's file for reading. Raises MediaUnavailable."""
        with ExitStack() as stack:
            file = download_by_url(self._graph, media, deadline, stack)
            yield file or download_by_id(self._graph, media, deadline, stack)

    def mark_as_read(self, message_id: str, deadline: int) -> None:
        """Show the customer that a message was read and that an answer is being prepared.

        WhatsApp shows "typing" until something is sent, for 25 seconds at most (Meta: "Typing indicators"). Raises
        ChannelRefused, ChannelUnavailable, InDoubt.
        """
        mark = {"messaging_product": "whatsapp", "status": "read", "message_id": message_id}
        body = json.dumps({**mark, "typing_indicator": {"type": "text"}}).encode()
        self._graph.call("POST", self._path("/messages"), deadline, body=body, content_type="application/json")

    def account_name(self, deadline: int) -> str:
        """The account's name and number, to show a person that token and number belong together.

        Raises ChannelRefused, ChannelUnavailable.
        """
        try:
            number = self._graph.call("GET", self._path("?fields=display_phone_number,verified_name"), deadline)
            return f"{optional_text(number, 'verified_name')} ({required_text(number, 'display_phone_number')})".strip()
        except (InDoubt, InvalidInput):
            raise ChannelUnavailable("WhatsApp did not say whose number that is") from None

    def _path(self, end: str) -> str:
        return f"{quote(self._account, safe='')}{end}"
