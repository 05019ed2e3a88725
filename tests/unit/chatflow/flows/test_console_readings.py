"""The console reads flows by itself; its tests hold it to these readings. Run this file to write them."""

from __future__ import annotations

import json
from pathlib import Path

from chatflow.flows.yaml_documents import read

CONSOLE = Path(__file__).resolve().parents[4] / "console"
COMMITTED = CONSOLE / "src" / "flow-text" / "testing" / "readings.json"

VALUES = [
    *("yes", "no", "on", "true", "True", "TRUE", "tRue", "null", "Null", "~", "", "nil"),
    *("0", "7", "-3", "+4", "007", "0x1F", "0o17", "1_000", "12:30", "2024-01-01", "1.5", "1.", ".5", "1e3", "1.5E-2"),
    *("1e999", "-1e999", ".inf", ".nan", "1.2.3", "5 apples", "1,000"),
    *("plain text", "it's", "a#b", "a #b", "a: b", "a:b", "a : b", "http://x.example/?a=1", "ünï 日本 😀"),
    *("'single'", "'it''s'", "'broken", '"double"', '"a\\nb"', '"a\\tb"', '"\\x41\\u00e9"', '"bad \\q"', '"broken'),
    *('"\\ud83d"', "'a' b", '"a" b', "'a'#b", "'a' # b"),
    *("[]", "{}", "[a, b]", "[a, b,]", "[a b, c d]", "[a", "a]", "{a: 1, b: 2}", "{a: 1, a: 2}", "{a, b}", "{a: }"),
    *("[a: 1]", "{a: 1", "{a: [b, {c: d}]}", "[what?]", "{a: what?}", '["what?"]', "[, a]", "[a,, b]", "{a:1}"),
    *("[[name]]", "[[name]] hi", '"[[name]] hi"', "[[a.b]]", "[[a], [b]]", "[[a, b]]", "[[1]]", "{x: [[name]]}"),
    *("&a x", "*a", "!!str 5", "!!int 5", "!x y", "! 5", "<<", "@x", "`x", "%x", "- a", "? a", "| a", "> a", "-", "-a"),
    *(
        "|\n    a\n    b",
        "|-\n    a\n    b",
        "|+\n    a\n\n",
        ">\n    a\n    b",
        ">-\n    a\n\n    b",
        "|2\n      a",
        "|\n",
    ),
    *(
        "|\n    a\n   b",
        "|-\n    a\n\n      b\n    c",
        "a\n    b",
        "a\n  b",
        "'a\n    b'",
        '"a\n    b"',
        "a\tb",
        "\ta",
        "a\t",
    ),
    *(
        '"a\tb"',
        "'a\tb'",
        "a\x00b",
        "a\x07b",
        "a\x85b",
        "a\u2028b",
        "a\ufeffb",
        "a\x7fb",
        "\n    b: c",
        "\n  - a\n  - b",
    ),
    *(
        "\n    - a\n    - b: c\n      d: e",
        "\n    b: c\n   d: e",
        "\n    b: c\n     d: e",
        "\n    - a\n   - b",
        "\n    b: c\n    b: d",
    ),
    *(
        "[\n    a,\n    b\n  ]",
        "[\n    a, # one\n    b\n    ]",
        "{\n    a: 1,\n    b: 2\n    }",
        "[\na\n]",
        "\n    'q': 1\n    \"r\": 2",
    ),
]

TEXTS = [
    *(f"before: 1\nnodes:\n  x: {value}\nafter: 2\n" for value in VALUES),
    *(f"before: 1\r\nx: {value}\r\nafter: 2" for value in ("a", "|\r\n  a\r\n  b", "[a,\r\n  b]", "'a", "  &a b", "[")),
    *("", "\n", "# nothing\n", "text", "- a\n- b\n", "[]", "{}", "{a: 1}", "a: 1", "a: 1\n---\nb: 2\n", "---\na: 1\n"),
    *("---\na: 1\n...\n", "%YAML 1.2\n---\na: 1\n", "\ufeffa: 1\n", "a: 1\nb\n", "a: 1\n b: 2\n", "  a: 1\nb: 2\n"),
    *("\ta: 1\n", "a:\n\tb: 1\n", "a: 1\ra: 2\n", "? a\n: b\n", "1: a\ntrue: b\n", "a: 1\n1: b\n'1': c\n", ": a\n"),
    *(
        "a: &x 1\nb: *x\n",
        "a: &x {b: 1}\nc:\n  <<: *x\n",
        "[a]: 1\n",
        "a:\n- b\n- c\n",
        "a:\n- b\nc: d\n- e\n",
        "a: b: c\n",
    ),
    "a: " + "[" * 49 + "]" * 49,
    "a: " + "[" * 60 + "]" * 60,
]


def readings() -> str:
    found = [_reading(text) for text in dict.fromkeys(TEXTS)]
    return "[\n" + ",\n".join(json.dumps(each) for each in found) + "\n]\n"


def _reading(text: str) -> dict[str, object]:
    document = read("it.yaml", text)
    if document.problems:
        return {"text": text, "line": document.problems[0].line}
    return {"text": text, "data": document.data}


def test_the_console_is_held_to_the_readings_of_this_reader() -> None:
    assert COMMITTED.read_text(encoding="utf-8") == readings(), f"run python {Path(__file__).name}, and commit its file"


if __name__ == "__main__":
    COMMITTED.write_text(readings(), encoding="utf-8")
