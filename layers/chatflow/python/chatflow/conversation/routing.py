"""Applies `routes.yaml`: which flow a message starts, and which words leave any flow. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Literal

from chatflow.conversation.words import plain, plain_without_emoji, plain_word
from chatflow.messages import UNAVAILABLE, WELCOME, IncomingMessage

RESEND: Final = "That file did not arrive. Please send it again."  # unless the routes say something else


@dataclass(frozen=True)
class Route:
    """What a message that leaves a flow does: start a flow, restart the present one, or end. `say` is sent first."""

    then: Literal["start", "restart", "end"]
    flow: str = ""
    say: str = ""


class PublishedRoutes(dict[str, Any]):
    """The routes as they are published. Which words they name is found out once, and remembered with them."""

    @cached_property
    def index(self) -> _WordIndex:
        return _WordIndex(self)


class _WordIndex:
    """The rules of the routes by the words that they name."""

    def __init__(self, routes: dict[str, Any]) -> None:
        self._routes = [*routes.get("routes", ())]
        self._leave = [*routes.get("leave", ())]
        self._without_words = [number for number, each in enumerate(self._routes) if not each.get("keywords")]
        self._by_keyword = _numbers_by_word(each.get("keywords", ()) for each in self._routes)
        self._by_leave_word = _numbers_by_word(each["words"] for each in self._leave)

    def routes(self, words: set[str]) -> list[dict[str, Any]]:
        """The routes that name one of these words, and those that name none, in their order."""
        numbers = {number for word in words for number in self._by_keyword.get(word, ())}
        return [self._routes[number] for number in sorted(numbers.union(self._without_words))]

    def leave_rule(self, words: set[str]) -> dict[str, Any] | None:
        """The first rule that one of these words leaves a flow by."""
        numbers = {number for word in words for number in self._by_leave_word.get(word, ())}
        return self._leave[min(numbers)] if numbers else None


def _numbers_by_word(rules: Iterable[Iterable[str]]) -> dict[str, list[int]]:
    """The numbers of the rules that name a word. Earlier versions published words in another form."""
    found: dict[str, list[int]] = {}
    for number, words in enumerate(rules):
        for word in words:
            found.setdefault(plain_word(word), []).append(number)
    return found


def _index(routes: dict[str, Any]) -> _WordIndex:
    return routes.index if isinstance(routes, PublishedRoutes) else _WordIndex(routes)


def flow_for(routes: dict[str, Any], message: IncomingMessage) -> str:
    """The flow that a message starts when no session waits, "" when no route matches. The first match wins."""
    matching = [route for route in _index(routes).routes(_words(message)) if _matches(route, message)]
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
    if rule := _index(routes).leave_rule(_words(message)):
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


def _matches(route: dict[str, Any], message: IncomingMessage) -> bool:
    """Whether a route fits a message, whatever its words are."""
    if route.get("channel") not in ("", None, message.channel):
        return False
    if route.get("account") not in ("", None, message.account):
        return False
    return _came_from(message, route.get("referral", ""))


def _came_from(message: IncomingMessage, referral: str) -> bool:
    """Whether the ad or post that led to a message is the one of a route: any, its type, or its id."""
    if not referral:
        return True
    found = message.referral or {}
    return bool(found) and referral in ("any", found.get("source_type"), found.get("source_id"))


def _words(message: IncomingMessage) -> set[str]:
    """What a message says as a whole: a text, or the id or the title of an option."""
    if message.kind not in ("text", "choice"):
        return set()
    texts = (message.choice, message.text)
    return {form for each in texts for form in (plain(each), plain_without_emoji(each)) if form}
