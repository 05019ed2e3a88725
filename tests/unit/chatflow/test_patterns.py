"""No pattern and no text together take long, and no text is anything but a text."""

# ruff: noqa: RUF001 - letters of several languages are the point

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatflow.patterns import MAX_TEXT_LENGTH, BadPattern, matches
from tests.fakes.node_types import MANIFESTS

# Each takes an engine that tries every way from minutes to longer than the universe is old.
CATASTROPHES = [
    ("(a+)+", "a" * 4095 + "!"),
    ("(a*)*b", "a" * 4096),
    ("(a|aa)+", "a" * 4095 + "!"),
    ("(a|a?)+", "a" * 4095 + "!"),
    (r"(\w+\s?)*", "a" * 4095 + "!"),
    (r"^(\w+\s?)*$", "a " * 2047 + "!"),
    ("(.*)*x", "a" * 4096),
    (".*.*.*.*=", "a" * 4096),
    ("(x+x+)+y", "x" * 4096),
    ("(a{1,9}){1,20}b", "a" * 4096),
    ("([a-zA-Z]+)*1", "a" * 4096),
    ("(a?){500}a{500}", "a" * 499),
    ("(б[а-я]+)+", "б" * 4095 + "!"),
    (r"(.*,){11}P", "," * 4096),
    (r"([a-z0-9._-]+)+@([a-z0-9-]+\.)+[a-z]{2,}", "a." * 2048),
    (r"\s+$|(\d+)*[a-z]", " " * 4095 + "x"),
]


def test_known_catastrophes_pass_in_a_moment() -> None:
    """In a process of its own, since a pattern that stalls holds the whole interpreter."""
    code = (
        "from tests.unit.chatflow.test_patterns import CATASTROPHES\n"
        "from chatflow.patterns import matches\n"
        "print(sum(matches(pattern, text) for pattern, text in CATASTROPHES))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": ":".join(["", *sys.path])},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "0\n", "")


def test_a_text_longer_than_any_answer_matches_nothing() -> None:
    assert matches("a*", "a" * MAX_TEXT_LENGTH)
    assert not matches("a*", "a" * (MAX_TEXT_LENGTH + 1))


def test_what_is_no_pattern_says_why_and_writes_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(BadPattern, match="missing"):
        matches("(secret", "x")
    assert capfd.readouterr() == ("", "")


def test_a_node_without_a_pattern_does_not_load_the_engine() -> None:
    rules = ", ".join(f"nodes.{name}.rule" for name in MANIFESTS)
    code = f"import sys, {rules}, chatflow.patterns; sys.exit('re2' in sys.modules)"
    environment = {"PYTHONPATH": ":".join(sys.path)}
    assert subprocess.run([sys.executable, "-c", code], env=environment, check=False).returncode == 0


@given(st.text() | st.text(st.characters(categories=["Cs", "Cc", "Lo"])))
def test_any_text_can_be_asked_about(text: str) -> None:
    assert matches(r"(?s).*", text)
    assert not matches(r"[^\x00-\x{10FFFF}]", text)


atoms = st.sampled_from(["a", "b", "[ab]", "[^a]", ".", "ab", "x"])
patterns = st.recursive(
    atoms,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map("".join),
        st.tuples(inner, inner).map(lambda pair: f"(?:{pair[0]}|{pair[1]})"),
        st.tuples(inner, st.sampled_from(["*", "+", "?", "{0,2}", "*?"])).map(lambda pair: f"(?:{pair[0]}){pair[1]}"),
    ),
    max_leaves=6,
)


@given(patterns, st.text("abx", max_size=8))
def test_both_engines_mean_the_same(pattern: str, text: str) -> None:
    assert matches(pattern, text) == (re.fullmatch(pattern, text) is not None)
