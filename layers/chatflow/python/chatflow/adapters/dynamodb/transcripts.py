"""Sessions and transcripts, as people read them: lists by the index `by_state`, records by their keys. Never a scan.

Reads are eventually consistent: who looks on sees a turn a moment after it was saved.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, cast

from chatflow.adapters.aws import client
from chatflow.conversation.erasure import ERASED
from chatflow.conversation.session import Session, State
from chatflow.errors import Unavailable

_INDEX = "by_state"
_ROUNDS = 5  # of one list: a rare flow among many others is looked for over several pages
_EVALUATED = 200  # items of one state in a round
_KEYS = 100  # of one BatchGetItem
_LATEST, _EARLIEST = "~", "0"  # after and before every place in the index: those begin with ten digits


@dataclass(frozen=True)
class Listed:
    """One session in a list. `place` is where it stands in the index; times are in seconds since the epoch."""

    place: str
    conversation: str
    state: State
    session: str
    flow: str
    version: int
    at: str
    turn: int
    started_at: int
    updated_at: int


@dataclass(frozen=True)
class Newest:
    """A conversation's newest session, and when it was saved."""

    session: Session
    updated_at: int


@dataclass(frozen=True)
class Entry:
    """A turn record or a note in the history of a conversation, without what it says."""

    item: str
    session: str
    turn: int
    flow: str
    kind: str
    at: int


@dataclass(frozen=True)
class Known:
    """What is said of a dead event. `letter`: why it failed for good. `taken`: it had its turn after all."""

    letter: dict[str, Any] | None
    taken: bool


class Transcripts:
    """Tables `sessions` and `deliveries`, read only."""

    def __init__(self, sessions_table: str, deliveries_table: str) -> None:
        self._sessions = sessions_table
        self._deliveries = deliveries_table

    def sessions(
        self, states: Sequence[str], *, flow: str = "", since: int = 0, before: str = "", limit: int
    ) -> tuple[list[Listed], str]:
        """The newest sessions of these states before a place in the index, and the place to go on from ("" at the end).

        A page may hold fewer than `limit` and yet have a next one: what was looked through is bounded.
        """
        found: list[Listed] = []
        lower = f"{since:010d}" if since else _EARLIEST
        upper = before or _LATEST
        for _ in range(_ROUNDS):
            pages = [self._page(state, flow, lower, upper) for state in states]
            # Below the highest place where a state's page broke off, that state may have more than was read.
            floor = max(broke_off for _, broke_off in pages)
            merged = sorted((each for items, _ in pages for each in items), key=lambda each: each.place, reverse=True)
            found += [each for each in merged if each.place >= floor]
            if len(found) > limit:
                return found[:limit], found[limit - 1].place
            if not floor:
                return found, ""
            upper = floor
            if len(found) == limit:
                break
        return found, upper

    def newest(self, conversation: str) -> Newest | None:
        answer = client("dynamodb").get_item(TableName=self._sessions, Key=_key(conversation, "session"))
        item = answer.get("Item")
        if item is None:
            return None
        return Newest(Session.from_json(json.loads(item["document"]["S"])), int(item["updated_at"]["N"]))

    def history(self, conversation: str) -> list[Entry]:
        """Every record of a conversation, in the order of its turns; a note stands behind the turn that came before."""
        items = self._of_prefix(conversation, "turn#", "#item, #session, turn, flow, kind, taken_at")
        entries = [
            Entry(
                item=item["item"]["S"],
                session=item["session"]["S"],
                turn=int(item["turn"]["N"]),
                flow=_text(item, "flow"),
                kind=_text(item, "kind"),
                at=_number(item, "taken_at"),
            )
            for item in items
        ]
        return sorted(entries, key=lambda entry: (entry.turn, entry.at, entry.item))

    def records(self, conversation: str, items: Sequence[str]) -> list[dict[str, Any]]:
        """What the records say, in the order asked for; one that is gone meanwhile is left out."""
        found = {
            item["item"]["S"]: json.loads(item["document"]["S"])
            for item in self._batch(self._sessions, [_key(conversation, item) for item in items])
        }
        return [found[item] for item in items if item in found]

    def letters(self, conversation: str) -> list[dict[str, Any]]:
        """Why events of the conversation failed for good: `event` is the id of each."""
        found = self._of_prefix(conversation, "letter#", "#item, document")
        return [
            {**json.loads(item["document"]["S"]), "event": item["item"]["S"].removeprefix("letter#")} for item in found
        ]

    def erasure(self, conversation: str) -> dict[str, Any] | None:
        """What is remembered of the conversation's last erasure: at, done, removed."""
        found = client("dynamodb").get_item(TableName=self._sessions, Key=_key(conversation, ERASED)).get("Item")
        return cast(dict[str, Any], json.loads(found["document"]["S"])) if found else None

    def known(self, events: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Known]:
        """What is known of events that lie in a dead-letter queue, by conversation and event id."""
        asked = list(dict.fromkeys(events))
        keys = [_key(of, f"{what}#{id}") for of, id in asked for what in ("letter", "turn")]
        items = {(item["conversation"]["S"], item["item"]["S"]): item for item in self._batch(self._sessions, keys)}
        return {
            (of, id): Known(
                letter=json.loads(found["document"]["S"]) if (found := items.get((of, f"letter#{id}"))) else None,
                taken=(of, f"turn#{id}") in items,
            )
            for of, id in asked
        }

    def standing(self, conversations: Iterable[str]) -> dict[str, Newest]:
        """The newest session of each conversation that has one."""
        keys = [_key(each, "session") for each in dict.fromkeys(conversations)]
        return {
            item["conversation"]["S"]: Newest(
                Session.from_json(json.loads(item["document"]["S"])), int(item["updated_at"]["N"])
            )
            for item in self._batch(self._sessions, keys)
        }

    def statuses(self, channel: str, account: str, message_ids: Iterable[str]) -> dict[str, dict[str, Any]]:
        """What became of messages that we sent, by their ids: status, at, code, explanation."""
        place = f"{channel}/{account}/"
        keys = [{"message": {"S": f"{place}{id}"}} for id in dict.fromkeys(message_ids)]
        return {
            item["message"]["S"].removeprefix(place): {
                "status": item["status"]["S"],
                "at": int(item["at"]["N"]),
                "code": _number(item, "code"),
                "explanation": _text(item, "explanation"),
            }
            for item in self._batch(self._deliveries, keys)
        }

    def _page(self, state: str, flow: str, lower: str, upper: str) -> tuple[list[Listed], str]:
        """Sessions of one state below `upper`, and the place where reading broke off ("" when it came to the end)."""
        asked: dict[str, Any] = {
            "TableName": self._sessions,
            "IndexName": _INDEX,
            "KeyConditionExpression": "#state = :state AND listed_at BETWEEN :lower AND :upper",
            "ExpressionAttributeNames": {"#state": "state"},
            "ExpressionAttributeValues": {":state": {"S": state}, ":lower": {"S": lower}, ":upper": {"S": upper}},
            "ScanIndexForward": False,
            "Limit": _EVALUATED + 1,  # the place where the page before ended is read again
        }
        if flow:
            asked["FilterExpression"] = "flow = :flow"
            asked["ExpressionAttributeValues"][":flow"] = {"S": flow}
        answer = client("dynamodb").query(**asked)
        items = [_listed(item) for item in answer["Items"] if item["listed_at"]["S"] < upper]
        return items, answer.get("LastEvaluatedKey", {}).get("listed_at", {}).get("S", "")

    def _of_prefix(self, conversation: str, prefix: str, projection: str) -> list[dict[str, Any]]:
        names = {"#item": "item", "#session": "session"}
        pages = (
            client("dynamodb")
            .get_paginator("query")
            .paginate(
                TableName=self._sessions,
                KeyConditionExpression="conversation = :conversation AND begins_with(#item, :prefix)",
                ExpressionAttributeNames={name: names[name] for name in names if name in f"{projection} #item"},
                ExpressionAttributeValues={":conversation": {"S": conversation}, ":prefix": {"S": prefix}},
                ProjectionExpression=projection,
            )
        )
        return [item for page in pages for item in page["Items"]]

    def _batch(self, table: str, keys: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """Raises Unavailable when DynamoDB keeps leaving keys out."""
        found: list[dict[str, Any]] = []
        for start in range(0, len(keys), _KEYS):
            requests: dict[str, Any] = {table: {"Keys": list(keys[start : start + _KEYS])}}
            for _ in range(20):  # an answer ends at 16 MB
                answer = client("dynamodb").batch_get_item(RequestItems=requests)
                found += answer["Responses"].get(table, [])
                requests = answer.get("UnprocessedKeys") or {}
                if not requests:
                    break
            else:
                raise Unavailable("DynamoDB did not return all keys; ask again")
        return found


def _listed(item: dict[str, Any]) -> Listed:
    return Listed(
        place=item["listed_at"]["S"],
        conversation=item["conversation"]["S"],
        state=cast(State, item["state"]["S"]),
        session=_text(item, "session"),
        flow=_text(item, "flow"),
        version=_number(item, "version"),
        at=_text(item, "at"),
        turn=_number(item, "turn"),
        started_at=_number(item, "started_at"),
        updated_at=_number(item, "updated_at"),
    )


def _key(conversation: str, item: str) -> dict[str, Any]:
    return {"conversation": {"S": conversation}, "item": {"S": item}}


def _text(item: dict[str, Any], name: str) -> str:
    return str(item.get(name, {}).get("S", ""))


def _number(item: dict[str, Any], name: str) -> int:
    return int(item.get(name, {}).get("N", 0))
