"""JSON of strangers: what is hostile costs little, what is honest is read as it was meant."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatflow.strict_json import MAX_DEPTH, strict_json

MEGABYTE = 1024 * 1024


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b'{"a": 1, "a": 2}',
        b'{"a": {"b": 1, "b": 1}}',
        b'{"a": 1, "\\u0061": 2}',
        b'{"a": NaN}',
        b'{"a": -Infinity}',
        b'{"a": 1e999}',
        b'{"a": 1} {}',
        b'{"a": "\xff"}',
        b"\xff\xfe{\x00}\x00",
        b'{"a": "\x00"}',
        b"{'a': 1}",
        b"[1,]",
        b"[01]",
        b"/**/[]",
        b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1),
        b'{"a":' * (MAX_DEPTH + 1) + b"1" + b"}" * (MAX_DEPTH + 1),
        b'[{"a":' * MAX_DEPTH + b"1" + b"}]" * MAX_DEPTH,
        b'{"s": "]]]]]]]]", "a": ' + b"[" * MAX_DEPTH + b"]" * MAX_DEPTH + b"}",
    ],
)
def test_what_parsers_disagree_about_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError):
        strict_json(body)


def test_words_of_a_refusal_hold_nothing_of_the_body() -> None:
    for body in (
        b'{"s3cret": s3cret}',
        b'{"s3cret": 1, "s3cret": 2}',
        b'"s3cret',
        b"s3cret\xff",
        b'{"s3cret": 1e99999}',
    ):
        with pytest.raises(ValueError) as refused:
            strict_json(body)
        assert "s3cret" not in str(refused.value)
        assert "99999" not in str(refused.value)


def test_brackets_in_texts_are_no_levels() -> None:
    for text in ("[" * 100, '\\"[[' * 40, "{" * 100 + '"' + "\\"):
        assert strict_json(json.dumps({"a": text}).encode()) == {"a": text}


HOSTILE: dict[str, bytes] = {
    "brackets that open": b"[" * 4 * MEGABYTE,
    "braces that open": b'{"a":' * MEGABYTE,
    "deep after much": b'["' + b"x" * 3 * MEGABYTE + b'",' + b"[" * 100_000,
    "quotes that never close": b"[" * 40 + b'"' + b'\\"' * 2 * MEGABYTE,
    "backslashes": b"[" * 40 + b'"' + b"\\" * (4 * MEGABYTE + 1),
    "one quote after another": b"[" * 20 + b'"",' * MEGABYTE + b"[" * 20,
    "a number without end": b"[" * 20 + b"[" * 20 + b"9" * 4 * MEGABYTE,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_hostile_is_refused_before_it_is_parsed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def parsed(*_: Any, **__: Any) -> None:
        raise AssertionError("it was parsed")

    monkeypatch.setattr(json, "loads", parsed)
    with pytest.raises(ValueError, match="levels"):
        strict_json(HOSTILE[name])


def test_numbers_of_any_length_are_read_in_a_moment() -> None:
    """In a process of its own: Python would take hours to make a number of four million digits, where it may."""
    code = (
        "from chatflow.strict_json import strict_json\n"
        "assert len(strict_json(b'9' * 4_000_000)) == 4_000_000\n"
        "assert strict_json(b'0.' + b'3' * 4_000_000) == 1 / 3\n"
    )
    done = subprocess.run(
        [sys.executable, "-X", "int_max_str_digits=0", "-c", code],
        env={"PYTHONPATH": ":".join(sys.path)},
        timeout=60,
        check=False,
    )
    assert done.returncode == 0


@given(st.binary(max_size=200) | st.text('[]{}",:\\ 019eNaN.-', max_size=60).map(str.encode))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    try:
        value = strict_json(body)
    except ValueError:
        return
    json.dumps(value, allow_nan=False).encode()


texts = st.text(st.characters(exclude_categories=["Cs"]))
documents = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(allow_nan=False, allow_infinity=False)
    | texts,
    lambda inner: st.lists(inner, max_size=40) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=50,
)  # fmt: skip


@given(documents, st.booleans())
def test_honest_json_is_read_as_it_was_meant(document: Any, ascii_only: bool) -> None:
    assert strict_json(json.dumps(document, ensure_ascii=ascii_only).encode()) == document
