"""The ports of one visit, on AWS. Each adapter is imported and created on first use: a visit pays for what it needs."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from chatflow.adapters.channel_accounts import ChannelAccounts
from chatflow.adapters.dynamodb.effects import Effects
from chatflow.adapters.message_sender import Content, MessageSender
from chatflow.adapters.secrets import REFUSED_SECONDS, drop_cached, secret_text
from chatflow.channels import manifest
from chatflow.errors import ChannelUnavailable, ChatflowError, NotConnected, NotPublished
from chatflow.integrations.secret_hosts import deserialize_secret
from chatflow.media.profiles import Profile
from chatflow.media.reference import MediaReference
from chatflow.media.retention import kept_until
from chatflow.messages import (
    Choices,
    IncomingMedia,
    Text,
    outgoing_from_json,
    outgoing_to_json,
)
from chatflow.nodes.contract import Visit
from chatflow.settings import NodeSettings, channel_url, channel_version

if TYPE_CHECKING:
    from chatflow.adapters.dynamodb.hosts import HostSlot
    from chatflow.adapters.dynamodb.rates import AccountRate
    from chatflow.adapters.http.fetch import GuardedFetch
    from chatflow.adapters.outbound_files import StoredFile
    from chatflow.adapters.s3.media_store import MediaStore
    from chatflow.nodes.ports import Answer, Call


_UNAUTHORIZED = 401
_READ_MARK_MILLISECONDS = 2_000  # that a read mark may take from the visit of a file


class VisitPorts:
    """Implements `chatflow.nodes.ports.Ports` for one visit."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._settings = NodeSettings.from_environment()
        self._effects = Effects(self._settings.effects_table, visit)
        self._used_secrets: set[str] = set()  # full names of the business's secrets that this visit read

    def now(self) -> int:
        return time.time_ns() // 1_000_000

    def secret(self, name: str, url: str) -> str:
        full_name = f"{self._settings.business_secret_prefix}{name}"
        self._used_secrets.add(full_name)
        return deserialize_secret(name, secret_text(full_name)).for_call(name, url)

    def send_message(self, effect: str, message: Text | Choices) -> dict[str, Any]:
        return self._sender.send(effect, outgoing_to_json(message))

    def channel_profile(self) -> Profile:
        profile: Profile = manifest.part(self._visit.conversation.channel, "profile").PROFILE
        return profile

    def receive_file(self, media: IncomingMedia, profile: Profile) -> MediaReference:
        from chatflow.adapters.inbound_files import receive_file
        from chatflow.media import object_keys

        # The same message always gets the same key: a repeated visit overwrites its own object.
        name = hashlib.sha256(self._visit.event["id"].encode()).hexdigest()[:16]
        self._mark_as_read(self._visit.event["id"])
        visit = self._visit
        key = object_keys.customer_file(visit.conversation.key, visit.session, visit.visit, name)
        file = receive_file(
            self._channel,
            media,
            profile,
            key=key,
            store=self._media,
            deadline=visit.deadline,
            scanned=self.scan_seconds() > 0,
        )
        return self._kept(file)

    def _kept(self, file: MediaReference) -> MediaReference:
        """A file that was stored just now, with the time until which it is kept."""
        return replace(file, kept_until=kept_until(self._visit.retention_days, self.now() // 1000))

    def scan_seconds(self) -> int:
        return int(self._settings.scan_seconds or 0)

    def send_file(self, effect: str, media: MediaReference, *, caption: str = "") -> dict[str, Any]:
        return {**media.summary(), **self._sender.send(effect, {"file": media.to_json(), "caption": caption})}

    def deliver(self) -> dict[str, Any]:
        """Send the owed message in the visit's configuration; returns the effect for the transcript."""
        return self._sender.deliver(self._visit.config["owed"])

    @property
    def owed(self) -> list[dict[str, Any]]:
        """The messages of this visit that the channel did not take."""
        return self._sender.owed if "_sender" in vars(self) else []  # a visit that sends nothing loads no sender

    @property
    def owes(self) -> int:
        """The size of everything that the conversation owes after this visit."""
        return self._sender.owes

    def asset(self, name: str) -> MediaReference:
        from chatflow.adapters.dynamodb.assets import live_file

        return live_file(self._settings.assets_table, name)

    def call_api(self, effect: str, call: Call) -> Answer:
        from chatflow.adapters.dynamodb.hosts import RECORD_SECONDS
        from chatflow.adapters.http.integration_calls import perform
        from chatflow.integrations.stored_response import deserialize_answer, serialize_answer
        from chatflow.media import object_keys

        visit = self._visit
        key = call.key or self._effects.key(effect)
        slot = self._slot(call)
        download_key = object_keys.download(visit.conversation.key, visit.session, visit.visit, effect)

        def perform_call() -> dict[str, Any]:
            answer = perform(
                call,
                fetch=self._fetch,
                store=self._media,
                key=key,
                download_key=download_key,
                deadline=visit.deadline - RECORD_SECONDS * 1000,
            )
            if answer.status == _UNAUTHORIZED:  # this call failed; after a rotation, the next one must not
                for secret in self._used_secrets:
                    drop_cached(secret)
            if slot:
                slot.health = call.health(answer)
            if answer.file:
                answer = replace(answer, file=self._kept(answer.file))
            return serialize_answer(answer)

        return deserialize_answer(self._effects.call(effect, perform_call, slot))

    def _slot(self, call: Call) -> HostSlot | None:
        """The slot of a call at its host; None in a deployment that counts no calls."""
        from chatflow.adapters.dynamodb.hosts import HostSlot
        from chatflow.integrations.host_health import host_of

        calls = call.at_most or int(self._settings.calls_per_host or 0)
        if not self._settings.hosts_table or not calls:
            return None
        return HostSlot(self._settings.hosts_table, host_of(call.url), calls, self._visit.deadline)

    def hold_seconds(self, hold_for: int, files: Iterable[MediaReference]) -> int:
        from chatflow.integrations.holding import longest_hold

        conversation = self._visit.conversation
        return longest_hold(
            hold_for,
            self.now() // 1000,
            window=manifest.load(conversation.channel).window,
            last_message_at=conversation.last_message_at,
            kept_until=[file.kept_until for file in files],
        )

    @cached_property
    def _sender(self) -> MessageSender:
        from chatflow.adapters.dynamodb.rates import PacedEffects

        records = PacedEffects(self._effects, self._rate) if self._rate else self._effects
        return MessageSender(self._visit, records, self._transmit, self._find_sent, self._check_channel)

    @cached_property
    def _rate(self) -> AccountRate | None:
        """The rate of the conversation's account; None where no limit is known, or none is kept."""
        from chatflow.adapters.dynamodb.rates import AccountRate, has_slot

        visit, table = self._visit, self._settings.rates_table
        channel, account = visit.conversation.channel, visit.conversation.account
        rate = self._settings.rate_of(account) or manifest.load(channel).rates.account_per_second
        if not table or not rate:
            return None
        owed = visit.config["owed"] if visit.phase == "deliver" else {}
        return AccountRate(table, f"{channel}/{account}", rate, is_paid=has_slot(owed, self.now()))

    def _transmit(self, content: Content, tag: str, sent: list[str]) -> None:
        """Send what is not in `sent` yet of a message, as a part of the account's rate."""
        known = len(sent)
        try:
            self._send_pieces(content, tag, sent)
        except ChannelUnavailable as error:
            if self._rate and error.account_after:
                error.after = max(error.after, self._rate.refused(error.account_after))
            raise
        finally:
            if self._rate:
                self._rate.sent(len(sent) - known)

    def _send_pieces(self, content: Content, tag: str, sent: list[str]) -> None:
        """A channel may be unavailable between two pieces of a message."""
        contact, deadline = self._visit.conversation.contact, self._visit.deadline
        if "file" in content:
            self._channel.deliver(self._outgoing_file(content), contact, tag, deadline, sent)
        else:
            self._channel.send(outgoing_from_json(content), contact, tag, deadline, sent)

    def _find_sent(self, tag: str) -> str:
        """The id of the piece that was sent with this tag, as its status shows; "" on a channel that reports none."""
        from chatflow.adapters.dynamodb.deliveries import message_with_tag

        table = self._settings.deliveries_table
        if not table or not self._can("statuses"):
            return ""
        return message_with_tag(table, self._visit.conversation.key, tag)

    def _can(self, capability: str) -> bool:
        return capability in manifest.load(self._visit.conversation.channel).capabilities

    def _check_channel(self) -> None:
        self._channel.account_name(self._visit.deadline)

    def _mark_as_read(self, message_id: str) -> None:
        """Show that a file is being looked at, where the deployment and the channel do. A failure never matters.

        Only for a node that asked for the file: while a person talks to the customer, files are stored in silence.
        """
        if self._visit.phase != "resume" or not self._settings.read_marks:
            return
        if self._can("read_marks"):
            with suppress(ChatflowError):
                self._channel.mark_as_read(message_id, min(self._visit.deadline, self.now() + _READ_MARK_MILLISECONDS))

    @cached_property
    def _fetch(self) -> GuardedFetch:
        from chatflow.adapters.http.fetch import GuardedFetch

        return GuardedFetch(self._settings.private)

    @cached_property
    def _channel(self) -> Any:
        """The client of the conversation's account. Raises NotConnected."""
        name, account = self._visit.conversation.channel, self._visit.conversation.account
        channel = manifest.load(name).at(channel_url(name), channel_version(name))
        accounts = ChannelAccounts(self._settings.channel_secret_prefix)
        try:
            return manifest.part(name, "client").Client(
                account,
                accounts.credentials(name, account),
                self._fetch,
                channel.hosts,
                channel.api,
                renewed=lambda: accounts.credentials(name, account, max_age=REFUSED_SECONDS),
                **({"push": self._push} if "push" in channel.infrastructure else {}),
            )
        except NotPublished as error:  # a secret without a token says as little about a message as one that is missing
            raise NotConnected(str(error)) from None

    def _push(self, body: bytes) -> int:
        """`chatflow.channels.connections.Push`, for the contact of this conversation and no other."""
        from chatflow.adapters.connections import push

        settings = self._settings
        return push(settings.connections_table, settings.push_endpoint, self._visit.conversation.key, body)

    def _outgoing_file(self, content: Content) -> StoredFile:
        from chatflow.adapters.dynamodb.uploads import UploadStore
        from chatflow.adapters.outbound_files import StoredFile

        conversation = self._visit.conversation
        return StoredFile(
            MediaReference.from_json(content["file"]),
            content["caption"],
            account=f"{conversation.channel}/{conversation.account}",
            store=self._media,
            uploads=UploadStore(self._settings.uploads_table),
        )

    @cached_property
    def _media(self) -> MediaStore:
        from chatflow.adapters.s3.media_store import MediaStore

        return MediaStore(self._settings.media_bucket, self._settings.asset_bucket, self._visit.retention_days)
