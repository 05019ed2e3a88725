"""Dead letters: events that failed as often as they may, and deadlines that could not be delivered."""

from __future__ import annotations

from typing import Annotated, Literal

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Path
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from pydantic import BaseModel, Field

from chatflow.adapters.dead_letters import QueuedDeadLetter
from chatflow.adapters.dynamodb.transcripts import FailedEvent, StoredSession
from management.audit import service
from management.conversations.transcript import digest
from management.dead_letters.service import event_to_redrive
from management.dependencies import Dependencies
from management.http.openapi import openapi_options
from management.http.pagination import DEFAULT_LIMIT, Cursor, Limit, Page, decode_cursor, encode_cursor
from management.http.problems import Problem
from management.http.times import Time, rfc3339
from management.sessions.routes import Accepted

LetterId = Annotated[str, Path(pattern=r"^[es]-[0-9A-Za-z-]{1,100}$", description="A letter's id.")]
_NOT_THERE = "no such letter, or someone else looks at it at this moment: ask again in half a minute"
_UNKNOWN = FailedEvent(failure=None, processed=False)


class DeadLetter(BaseModel):
    """One event that was set aside."""

    id: str
    queue: Literal["events", "schedules"]
    conversation: str | None = Field(description="Null when the letter is no event of ours.")
    event: str | None = Field(description="A digest of the event's id, as the transcript has it.")
    kind: str | None = Field(description="What kind of event it is.")
    at: Time = Field(description="When it was set aside.")
    reason: str | None = Field(description="Null when the worker died before it could say why.")
    session: str | None
    turn: int | None
    node: str | None = Field(description="Where its session stood.")
    state: Literal["dead", "stale", "taken", "unreadable"] = Field(
        description="dead: can be redriven. stale: its session has moved on. taken: the event had its turn after all."
    )


class DeadLetters(Page[DeadLetter]):
    """What was to be seen now."""

    hidden: int = Field(
        description="About how many more there are: SQS shows ten of one conversation at a time, and none that someone "
        "else looks at."
    )


def routes(dependencies: Dependencies) -> APIGatewayHttpRouter:
    router = APIGatewayHttpRouter()  # type: ignore[no-untyped-call]

    @router.get(
        "/dead-letters",
        **openapi_options(role="viewer", summary="Dead letters with their reasons, the newest first"),
    )
    def list_dead_letters(limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None) -> DeadLetters:
        seen = dependencies.dead_letters.visible()
        letters = sorted(seen.letters, key=_place, reverse=True)
        after = decode_cursor(cursor, "at", "id")
        if after:
            letters = [letter for letter in letters if _place(letter) < (after["at"], after["id"])]
        page = letters[:limit]
        known, standing = _what_is_known(dependencies, page)
        return DeadLetters(
            items=[_shown(letter, known, standing) for letter in page],
            next=_cursor(page[-1]) if len(letters) > limit else None,
            hidden=seen.hidden,
        )

    @router.post(
        "/dead-letters/<letter>/redrive",
        **openapi_options(
            role="editor",
            summary="Send the event once more",
            description="It applies only if its session still stands where it stood when it failed.",
            status=202,
            problems=["not-found", "stale-letter"],
        ),
    )
    def redrive_dead_letter(letter: LetterId) -> Accepted:
        with dependencies.dead_letters.locked(letter) as held:
            if held is None:
                raise Problem("not-found", _NOT_THERE)
            known, standing = _what_is_known(dependencies, [held])
            event = event_to_redrive(held, _of(held, known), standing.get(_conversation(held)))
            if event is None:
                raise Problem("stale-letter", "its session has moved on since: it can only be thrown away")
            service.add_audit_facts(conversation=event["conversation"], kind=event["kind"])
            dependencies.dead_letters.redrive(held, event)
        return Accepted(conversation=event["conversation"], event=digest(event["id"]))

    @router.delete(
        "/dead-letters/<letter>",
        **openapi_options(role="editor", summary="Throw the letter away", status=204, problems=["not-found"]),
    )
    def delete_dead_letter(letter: LetterId) -> Response[None]:
        with dependencies.dead_letters.locked(letter) as held:
            if held is None:
                raise Problem("not-found", _NOT_THERE)
            if held.event:
                service.add_audit_facts(conversation=held.event["conversation"], kind=held.event["kind"])
            dependencies.dead_letters.discard(held)
        return Response(status_code=204)

    return router


def _what_is_known(
    dependencies: Dependencies, letters: list[QueuedDeadLetter]
) -> tuple[dict[tuple[str, str], FailedEvent], dict[str, StoredSession]]:
    events = [letter.event for letter in letters if letter.event]
    reader = dependencies.transcripts
    known = reader.failed_events([(event["conversation"], event["id"]) for event in events])
    return known, reader.newest_of([event["conversation"] for event in events])


def _of(letter: QueuedDeadLetter, known: dict[tuple[str, str], FailedEvent]) -> FailedEvent:
    event = letter.event
    return known.get((event["conversation"], event["id"]), _UNKNOWN) if event else _UNKNOWN


def _conversation(letter: QueuedDeadLetter) -> str:
    return str(letter.event["conversation"]) if letter.event else ""


def _shown(
    letter: QueuedDeadLetter, known: dict[tuple[str, str], FailedEvent], standing: dict[str, StoredSession]
) -> DeadLetter:
    found = _of(letter, known)
    told = found.failure or {}
    return DeadLetter(
        id=letter.id,
        queue=letter.queue,
        conversation=letter.event["conversation"] if letter.event else None,
        event=digest(letter.event["id"]) if letter.event else None,
        kind=letter.event["kind"] if letter.event else None,
        at=rfc3339(told.get("at", letter.moved_at)),
        reason=told.get("reason") or letter.error or None,
        session=told.get("session"),
        turn=told.get("turn"),
        node=told.get("node"),
        state=_state(letter, found, standing.get(_conversation(letter))),
    )


def _state(
    letter: QueuedDeadLetter, known: FailedEvent, newest: StoredSession | None
) -> Literal["dead", "stale", "taken", "unreadable"]:
    if letter.event is None:
        return "unreadable"
    if known.processed:
        return "taken"
    return "dead" if event_to_redrive(letter, known, newest) else "stale"


def _place(letter: QueuedDeadLetter) -> tuple[str, str]:
    return f"{letter.moved_at:010d}", letter.id


def _cursor(letter: QueuedDeadLetter) -> str:
    at, id = _place(letter)
    return encode_cursor(at=at, id=id)
