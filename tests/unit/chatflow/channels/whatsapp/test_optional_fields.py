"""An optional field that is missing, null or odd costs neither the message nor anything else in it."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatflow.channels.whatsapp.webhook import parse
from chatflow.messages import IncomingMessage
from tests.unit.chatflow.channels.whatsapp.examples import messages, posted, text_webhook, value
from tests.unit.chatflow.channels.whatsapp.shapes import ALWAYS, EXAMPLES, Path, optional_paths, paths

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


def read(message: Any) -> IncomingMessage | None:
    webhook = parse(messages(message))
    return webhook.messages[0] if webhook.messages else None


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_odd_optional_field_leaves_the_message_what_it_is(name: str) -> None:
    whole = read(EXAMPLES[name])
    assert whole is not None
    for path in optional_paths(name):
        for odd, instead in ODD.items():
            found = read(changed(EXAMPLES[name], path, instead))
            assert found is not None, (path, odd)
            assert (found.id, found.contact, found.at) == (whole.id, whole.contact, whole.at), (path, odd)
            assert found.kind == whole.kind, (path, odd)


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("key", ["contacts", "statuses", "errors"])
def test_an_odd_part_of_a_change_costs_no_message(key: str, odd: str) -> None:
    parts = {} if ODD[odd] is MISSING else {key: ODD[odd]}
    assert len(parse(posted(value(messages=[EXAMPLES["text"]], **parts))).messages) == 1


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)


@st.composite
def mutated(draw: st.DrawFn) -> Any:
    """A message of Meta's shapes with a few places changed, those that every message has left alone."""
    whole = EXAMPLES[draw(st.sampled_from(sorted(EXAMPLES)))]
    for _ in range(draw(st.integers(1, 4))):
        places = [path for path in paths(whole) if path not in ALWAYS]
        if places:
            whole = changed(whole, draw(st.sampled_from(places)), draw(anything | st.just(MISSING)))
    return whole


@given(mutated())
def test_a_message_of_any_content_is_one_message_that_can_be_queued(whole: Any) -> None:
    webhook = parse(messages(whole))
    if whole.get("group_id"):
        return
    [found] = webhook.messages
    stored = found.to_json()
    assert IncomingMessage.from_json(json.loads(json.dumps(stored))) == found
    assert len(json.dumps(stored, ensure_ascii=False).encode()) < 100_000


@given(st.one_of(mutated(), anything), anything)
def test_the_parser_never_raises(whole: Any, beside: Any) -> None:
    parse(posted(value(messages=[whole], contacts=beside, statuses=[whole, beside], errors=beside)))


@given(st.binary(max_size=200))
def test_a_good_message_survives_any_bytes_in_a_text(noise: bytes) -> None:
    body = text_webhook("wamid.1", noise.decode("utf-8", "surrogateescape"))
    assert len(parse(body).messages) == 1 or not noise
