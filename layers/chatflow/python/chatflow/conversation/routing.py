"""Applies `routes.yaml`: which flow a message starts, and which words leave any flow. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, Literal

from chatflow.conversation.words import plain, plain_without_emoji, plain_word
from chatflow.dataclass import dataclass
from chatflow.messages import UNAVAILABLE, WELCOME, IncomingMessage

RESEND: Final = "That file did not arrive. Please send it again."  # unless the routes say something else


@dataclass(frozen=True)
class Route:
    """What a message that leaves a flow does: start a flow, restart the present one, or end. `say` is sent first."""

    then: Literal["start", "restart", "end"]
    flow: str = ""
    say: str = ""


def flow_for(routes: dict[str, Any], message: IncomingMessage) -> str:
    """The flow that a message starts when no session waits, "" when no route matches. The first match wins."""
    words = _words(message)
    matching = [route for route in routes.get("routes", ()) if _matches(route, message, words)]
    if not matching:
        return ""
    if matching[0].get("keywords"):
        # Validation refuses keywords that are alike, but routes that are live may have been published before it did.
        typed = {" ".join(each.casefold().split()) for each in (message.choice, message.text)}
        exact = (route for route in matching if typed.intersection(route.get("keywords", ())))
        return str(next(exact, matching[0])["flow"])
    return str(matching[0]["flow"])


def flow_or_text(routes: dict[str, Any], message: IncomingMessage) -> tuple[str, str]:
    """What a message starts when no session runs: a flow, or the text of the routes that answers it; "" for neither."""
    if message.lost_file:
        return "", routes.get("resend", RESEND)
    if message.kind == "other" and message.other not in (WELCOME, UNAVAILABLE):
        return "", routes.get("unsupported", "")
    flow = flow_for(routes, message)
    return flow, "" if flow or message.other == WELCOME else routes.get("no_match", "")


def leave_route(routes: dict[str, Any], message: IncomingMessage, *, asked: bool = False) -> Route | None:
    """The route of a message that, as a whole, is one of the words that leave any flow; None for any other message.

    A tap on an option of a menu is an answer to the menu, whatever its title is. A message that begins a conversation
    is never the answer to a question (`asked`): it starts the flow of its route, or the present one anew.
    """
    if message.kind != "text" and not message.from_template:
        return None
    words = _words(message)
    for rule in routes.get("leave", ()):
        if _stands_in(words, rule["words"]):
            then = rule["then"]
            if isinstance(then, dict):
                return Route("start", flow=then["flow"], say=rule.get("say", ""))
            return Route("restart" if then == "restart" else "end", say=rule.get("say", ""))
    if message.begins and asked:
        flow = flow_for(routes, message)
        return Route("start", flow=flow) if flow else Route("restart")
    return None


def flow_after(route: Route, present: str) -> str:
    """The flow that a message which leaves a flow starts, "" for none. `present` is the one to restart."""
    return {"start": route.flow, "restart": present, "end": ""}[route.then]


def _matches(route: dict[str, Any], message: IncomingMessage, words: set[str]) -> bool:
    if route.get("channel") not in ("", None, message.channel):
        return False
    if route.get("account") not in ("", None, message.account):
        return False
    if not _came_from(message, route.get("referral", "")):
        return False
    return not route.get("keywords") or _stands_in(words, route["keywords"])


def _came_from(message: IncomingMessage, referral: str) -> bool:
    """Whether the ad or post that led to a message is the one of a route: any, its type, or its id."""
    if not referral:
        return True
    found = message.referral or {}
    return bool(found) and referral in ("any", found.get("source_type"), found.get("source_id"))


def _stands_in(words: set[str], published: Iterable[str]) -> bool:
    """Whether one of these words was published. Earlier versions published words in another form."""
    return any(plain_word(each) in words for each in published)


def _words(message: IncomingMessage) -> set[str]:
    """What a message says as a whole: a text, or the id or the title of an option."""
    if message.kind not in ("text", "choice"):
        return set()
    texts = (message.choice, message.text)
    return {form for each in texts for form in (plain(each), plain_without_emoji(each)) if form}
