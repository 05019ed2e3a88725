"""Whatever is posted with the secret: it is understood, or skipped by its name, and nothing is raised."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatflow.channels.telegram.webhook import ALLOWED_UPDATES, parse
from chatflow.errors import InvalidInput
from chatflow.messages import IncomingMessage, Webhook
from tests.unit.chatflow.channels.telegram.examples import ACCOUNT, UPDATE, message, posted
from tests.unit.chatflow.channels.telegram.shapes import (
    ALWAYS,
    ANSWERED,
    EXAMPLES,
    QUIET,
    READ,
    TAP,
    TAP_ALWAYS,
    UPDATE_TYPES,
    Path,
    optional_paths,
    paths,
)

MISSING = object()
ODD: dict[str, Any] = {
    "missing": MISSING,
    "null": None,
    "a-number": 7,
    "below-zero": -1,
    "a-fraction": 0.5,
    "true": True,
    "no-text": "",
    "a-word": "odd",
    "a-long-text": "x" * 20_000,
    "half-a-surrogate": "\ud83d",
    "a-list": ["odd"],
    "no-list": [],
    "an-object": {"odd": 1},
    "no-object": {},
}


def changed(example: Any, path: Path, odd: Any) -> Any:
    """The example with something else at this place."""
    whole = copy.deepcopy(example)
    holder = whole
    for step in path[:-1]:
        holder = holder[step]
    if odd is not MISSING:
        holder[path[-1]] = odd
    elif isinstance(holder, dict):
        del holder[path[-1]]
    else:
        holder.pop(path[-1])
    return whole


def read(whole: Any) -> IncomingMessage | None:
    found = parse(posted("message", whole), ACCOUNT).messages
    return found[0] if found else None


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_odd_optional_field_leaves_the_message_what_it_is(name: str) -> None:
    whole = read(EXAMPLES[name])
    assert whole is not None
    for path in optional_paths(name):
        for odd, instead in ODD.items():
            found = read(changed(EXAMPLES[name], path, instead))
            assert found is not None, (path, odd)
            assert (found.id, found.contact, found.at) == (whole.id, whole.contact, whole.at), (path, odd)
            allowed = {whole.kind, "other"} if name in ("venue", "contact", "poll", "video_note") else {whole.kind}
            assert found.kind in allowed, (path, odd)


def test_an_odd_optional_field_leaves_a_tap_what_it_is() -> None:
    for path in (path for path in paths(TAP) if path not in TAP_ALWAYS):
        for odd, instead in ODD.items():
            [found] = parse(posted("callback_query", changed(TAP, path, instead)), ACCOUNT).messages
            assert (found.id, found.choice, found.reply_to) == (f"58.tap.{UPDATE}", "yes", "58"), (path, odd)


@pytest.mark.parametrize("kind", UPDATE_TYPES)
@pytest.mark.parametrize("content", [{}, {"odd": 1}, None, 7, "odd", [1], message(text="Hello")], ids=repr)
def test_an_update_of_any_type_is_understood_or_skipped_by_its_name(kind: str, content: Any) -> None:
    webhook = parse(posted(kind, content), ACCOUNT)
    if kind not in ALLOWED_UPDATES:
        assert webhook == Webhook(skipped=[f"update:{kind}"])
    elif not webhook.messages and content != message(text="Hello"):
        assert [each.partition(":")[0] for each in webhook.skipped] == [kind]


def test_a_type_that_is_yet_to_come_is_skipped_by_its_name() -> None:
    assert parse(posted("telepathy", {}), ACCOUNT) == Webhook(skipped=["update:telepathy"])
    assert parse(posted("Tele pathy", {}), ACCOUNT) == Webhook(skipped=["update:unknown"])
    assert parse(json.dumps({"update_id": 1}).encode(), ACCOUNT) == Webhook(skipped=["update:unknown"])


@pytest.mark.parametrize("kind", READ)
def test_what_is_read_and_cannot_be_is_not_lost_in_silence(kind: str) -> None:
    found = read(message(**{kind: {"odd": 1}}))
    assert found is not None
    assert found.kind == "other"
    assert not found.quiet


@pytest.mark.parametrize("kind", ANSWERED)
def test_what_no_flow_reads_gets_an_answer(kind: str) -> None:
    found = read(message(**{kind: {"odd": 1}}))
    assert found is not None
    assert (found.kind, found.other, found.quiet) == ("other", kind, False)


@pytest.mark.parametrize("kind", QUIET)
def test_what_nobody_wrote_is_quiet(kind: str) -> None:
    found = read(message(**{kind: {"odd": 1}}))
    assert found is not None
    assert found.kind == "other"
    assert found.quiet


def test_content_that_is_yet_to_come_gets_an_answer() -> None:
    found = read(message(telepathy={}))
    assert found is not None
    assert (found.other, found.quiet) == ("unknown", False)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)
WHOLES: dict[str, Any] = {**EXAMPLES, "tap": TAP}


@st.composite
def mutated(draw: st.DrawFn, *, spare: tuple[Path, ...] = ()) -> tuple[str, Any]:
    """The name of an update's type, and content of its shape with a few places changed."""
    name = draw(st.sampled_from(sorted(WHOLES)))
    whole = WHOLES[name]
    for _ in range(draw(st.integers(1, 4))):
        if places := [path for path in paths(whole) if path not in spare]:
            whole = changed(whole, draw(st.sampled_from(places)), draw(anything | st.just(MISSING)))
    kinds = ["callback_query"] if name == "tap" else ["message", "edited_message"]
    return draw(st.sampled_from(kinds)), whole


@given(mutated(spare=(*ALWAYS, *TAP_ALWAYS)))
def test_a_message_of_any_content_can_be_queued(update: tuple[str, Any]) -> None:
    for found in parse(posted(*update), ACCOUNT).messages:
        stored = found.to_json()
        assert IncomingMessage.from_json(json.loads(json.dumps(stored))) == found
        assert len(json.dumps(stored, ensure_ascii=False).encode()) < 100_000


@given(mutated(spare=ALWAYS))
def test_a_message_of_any_content_is_one_message(update: tuple[str, Any]) -> None:
    if update[0] == "message":
        assert len(parse(posted(*update), ACCOUNT).messages) == 1


@given(st.sampled_from(UPDATE_TYPES), st.one_of(mutated().map(lambda each: each[1]), anything), anything)
def test_the_parser_raises_nothing_about_an_update(kind: str, whole: Any, beside: Any) -> None:
    body = json.dumps({"update_id": UPDATE, kind: whole, "beside": beside}).encode()
    webhook = parse(body, ACCOUNT)
    assert len(webhook.messages) <= 1
    assert webhook.answer == "" or json.loads(webhook.answer)["method"] in ("answerCallbackQuery", "sendMessage")


@given(st.one_of(st.binary(max_size=300), anything.map(lambda each: json.dumps(each).encode())))
def test_the_parser_raises_nothing_but_invalid_input(body: bytes) -> None:
    try:
        parse(body, ACCOUNT)
    except InvalidInput as error:
        assert len(str(error)) < 100
