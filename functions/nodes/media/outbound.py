"""Outbound: sends one file, from the asset library or from an earlier API Integration, then continues at once.

When the channel does not take the file now, the node waits until it was sent or given up.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from chatflow.conversation.events import DELIVERY
from chatflow.conversation.owed import TOO_MANY_OWED, UNAVAILABLE
from chatflow.errors import ChannelRefused, MediaRejected, NotPublished, Refused, TooManyOwed, Unavailable
from chatflow.media import object_keys
from chatflow.media.filenames import clean_filename
from chatflow.media.media_rules import check_sendable
from chatflow.media.profiles import FORMATS, PRODUCT
from chatflow.media.reference import MediaReference, is_media
from chatflow.nodes.contract import Outcome, Visit, Wait
from chatflow.nodes.ports import Ports
from chatflow.templating import Scope, fill, render

# An owed file is given up by the conversation; the node's own deadline only follows it, should that word be lost.
_GIVEN_UP_SECONDS = 600
_BY_MIME = {each.mime: each for each in FORMATS.values()}


def visit(visit: Visit, ports: Ports) -> Outcome:
    """Exit `sent`, or `failed` with the reason in the variable `<node>_failure`."""
    if visit.phase == "resume":
        return _delivered(visit)
    try:
        file = _renamed(_file(visit, ports), visit)
        if rejected := _rejected(file, ports):
            raise rejected
        caption = render(visit.config["caption"], Scope.of(visit))  # the channel knows which kinds show one
        sent = ports.send_file("give", file, caption=caption)
    except (MediaRejected, NotPublished, Refused, Unavailable) as error:
        failure = _failure(error)
        if failure["reason"] == "not_shown":
            failure["encoding"] = file.encoding
        effect = {"effect": "give", "failed": str(error), **failure}
        return Outcome(exit="failed", set={f"{visit.node}_failure": failure}, effects=(effect,))
    if "owed" in sent:
        return Outcome(wait=Wait((DELIVERY,), seconds=_GIVEN_UP_SECONDS), effects=(sent,))
    return Outcome(exit="sent", effects=(sent,))


def _delivered(visit: Visit) -> Outcome:
    """The outcome of a file that was owed. A timeout means that the word of it was lost."""
    reason = visit.event["failure"] if visit.event["kind"] == DELIVERY else UNAVAILABLE
    if not reason:
        return Outcome(exit="sent", effects=({"effect": "give", "sent_late": True},))
    failure: dict[str, Any] = {"reason": reason}
    if code := visit.event.get("code"):
        failure["code"] = code
    effect = {"effect": "give", "failed": "the file was not sent", **failure}
    return Outcome(exit="failed", set={f"{visit.node}_failure": failure}, effects=(effect,))


def _file(visit: Visit, ports: Ports) -> MediaReference:
    source = visit.config["source"]
    if "asset" in source:
        return ports.asset(source["asset"])
    value = fill(source["media"], Scope.of(visit))
    # A variable may look like a file because an API answered so; only this conversation's own files may be sent.
    if not is_media(value) or not object_keys.may_use(
        visit.conversation.key, str(value["key"]), visit.conversation.formerly
    ):
        raise NotPublished("the variable holds no file of this conversation")
    return MediaReference.from_json(value)


def _rejected(file: MediaReference, ports: Ports) -> MediaRejected | None:
    found = _BY_MIME.get(file.mime)
    found = replace(found, encoding=file.encoding) if found else None
    return check_sendable(PRODUCT.narrowed_by(ports.channel_profile()), found, file.size)


def _renamed(file: MediaReference, visit: Visit) -> MediaReference:
    wanted = render(visit.config["filename"], Scope.of(visit))
    found = _BY_MIME.get(file.mime)
    return replace(file, filename=clean_filename(wanted, found)) if wanted and found else file


def _failure(error: MediaRejected | NotPublished | Refused | Unavailable) -> dict[str, Any]:
    if isinstance(error, MediaRejected):
        return {"reason": error.reason}
    if isinstance(error, ChannelRefused):
        return {"reason": "refused", "code": error.code, "cause": error.cause}
    if isinstance(error, NotPublished):
        return {"reason": "not_published"}
    if isinstance(error, TooManyOwed):
        return {"reason": TOO_MANY_OWED}
    return {"reason": "unavailable" if isinstance(error, Unavailable) else "refused"}
