"""YAML is read the way an author means it, and every value keeps its line."""

from __future__ import annotations

from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatflow.flows import yaml_events
from chatflow.flows.yaml_documents import LARGEST, read


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("yes", "yes"),
        ("no", "no"),
        ("on", "on"),
        ("Off", "Off"),
        ("y", "y"),
        ("true", True),
        ("False", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("12", 12),
        ("-1.5", -1.5),
        ("1e3", 1000.0),
        ("007", "007"),
        ("0x1F", "0x1F"),
        ("1_000", "1_000"),
        ("12:30", "12:30"),
        ("2026-11-22", "2026-11-22"),
        (".inf", ".inf"),
        (".nan", ".nan"),
        ("'12'", "12"),
        ("[a, [b]]", ["a", ["b"]]),
        ("[[1]]", [[1]]),
        ("[['a']]", [["a"]]),
        ("[[a, b]]", [["a", "b"]]),
        ("\n- - a", [["a"]]),
        ("\n- [a]", [["a"]]),
    ],
)
def test_a_plain_value_is_what_it_looks_like(written: str, meant: object) -> None:
    document = read("a.yaml", f"value: {written}\n")
    assert document.problems == ()
    assert document.data == {"value": meant}
    assert type(document.data["value"]) is type(meant)


@pytest.mark.parametrize("key", ["yes", "on", "404", "null", "~", "1.5", "2026-11-22", "<<"])
def test_a_key_is_text_as_it_is_written(key: str) -> None:
    assert read("a.yaml", f"{key}: x\n").data == {key: "x"}


def test_every_value_has_its_line() -> None:
    document = read("a.yaml", "nodes:\n  ask:\n    type: text\n    options:\n      - id: a\n      - id: b\n")
    assert document.line(("nodes", "ask", "type")) == 3
    assert document.line(("nodes", "ask", "options", 1, "id")) == 6
    assert document.line(("nodes", "ask", "missing")) == 2
    assert document.line(("missing",)) == 1


def test_a_variable_without_quotes_is_taken_as_meant_and_told() -> None:
    document = read("a.yaml", "save: [[photo]]\n")
    assert document.data == {"save": "[[photo]]"}
    assert [problem.message for problem in document.problems] == ['Put the variable in quotes: "[[photo]]".']


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\xff\xfe", "The file is not UTF-8 text. Save it as UTF-8."),
        (b"a: \x07", "The file holds a character that YAML does not take (at position 3)."),
        (b"a: " + b"x" * LARGEST, "The file is larger than 256 KB. Split the flow in two."),
        (b"a: " + b"[" * 5000 + b"]" * 5000, "The blocks in this file are nested too deeply: at most 50 levels."),
        (b"? [a]\n: b\n", "A field's name must be text."),
        (b"a: &x 1\nb: *x\n", "Anchors (&name) and aliases (*name) are not taken. Write the value out."),
        (b"b: *x\n", "Anchors (&name) and aliases (*name) are not taken. Write the value out."),
        (b"a: !!int abc\n", "The tag tag:yaml.org,2002:int is not taken. Write plain text, a number, true or false."),
        (b"a: !x {b: c}\n", "The tag !x is not taken. Write plain text, a number, true or false."),
        (b'"\\ud83d": x\n', "This text holds half of a character (a lone surrogate). Take it out."),
    ],
)
def test_what_cannot_be_read_is_told(content: bytes, message: str) -> None:
    assert [problem.message for problem in read("a.yaml", content).problems] == [message]


def test_a_byte_order_mark_does_no_harm() -> None:
    assert read("a.yaml", b"\xef\xbb\xbfa: 1\n").data == {"a": 1}


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_reading_never_raises(content: bytes) -> None:
    document = read("a.yaml", content)
    assert (document.data is None) <= bool(document.problems)


def test_half_of_a_character_is_a_problem() -> None:
    document = read("a.yaml", 'say: "a\\ud83d"\n')
    assert document.data == {"say": "a"}
    assert "half of a character" in document.problems[0].message


def test_what_an_alias_repeats_is_read_so_that_everything_around_it_is_checked() -> None:
    document = read("a.yaml", "a: &way {sent: [b]}\nc: *way\n")
    assert document.data == {"a": {"sent": ["b"]}, "c": {"sent": ["b"]}}
    assert [problem.line for problem in document.problems] == [1]


def test_aliases_of_aliases_cannot_make_a_document_grow_without_end() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 8)}]" for n in range(1, 40)]
    document = read("a.yaml", "\n".join(lines))
    assert len(document.problems) == 40
    assert str(document.data).count("x") <= LARGEST


def test_aliases_inside_aliases_nest_no_deeper_than_a_document_may() -> None:
    document = read("a.yaml", "a: &a " + "[" * 40 + "]" * 40 + "\nb: &b " + "[" * 40 + "*a" + "]" * 40 + "\nc: *b\n")
    assert document.data["b"] == document.data["c"]
    assert str(document.data["b"]).strip("[]") == "'*a'"


# Pieces of YAML that the two parsers are known to read differently, and others around them.
PIECES = [
    *(
        "a",
        "b: ",
        "- ",
        "? ",
        ":",
        ": ",
        ", ",
        "{",
        "}",
        "[",
        "]",
        "\n",
        "\n  ",
        "'",
        '"',
        " # x",
        "&x ",
        "*x",
        "!t ",
        "!",
    ),
    *(
        "|#",
        "|-\n",
        ">\n",
        "\t",
        " ",
        "\\n",
        '"\\ud83d"',
        "%",
        "@",
        "what?",
        "é",
        "---",
        "\ufeff",
        "\x85",
        "\u2028",
        "\r",
    ),
    *("!!str ", "!!int ", "[[x]]", "1e5", "~", "<<: ", "\0"),
]


@settings(max_examples=500, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join) | st.text(max_size=40))
def test_a_document_reads_alike_with_and_without_libyaml(text: str) -> None:
    assert yaml_events.libyaml is not None
    with patch.object(yaml_events, "libyaml", None):
        slowly = read("a.yaml", text)
    assert read("a.yaml", text) == slowly


@pytest.mark.parametrize("path", sorted(Path(__file__).parent.glob("**/*.yaml")), ids=lambda path: path.name)
def test_every_example_reads_alike_with_and_without_libyaml(path: Path) -> None:
    with patch.object(yaml_events, "libyaml", None):
        slowly = read("a.yaml", path.read_bytes())
    assert read("a.yaml", path.read_bytes()) == slowly


def test_a_document_is_parsed_once_and_by_libyaml_alone() -> None:
    text = (Path(__file__).parents[4] / "flows" / "damage-report.yaml").read_text()
    with (
        patch.object(yaml_events, "_pyyaml_events", side_effect=AssertionError("parsed by PyYAML")),
        patch.object(yaml_events, "_libyaml_events", wraps=yaml_events._libyaml_events) as parsed,
    ):
        assert read("a.yaml", text).problems == ()
    assert parsed.call_count == 1
