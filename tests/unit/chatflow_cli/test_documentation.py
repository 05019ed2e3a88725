"""docs/command-line.md lists every command, option, exit code and variable."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from typer.main import get_command

from chatflow_cli.app import app
from chatflow_cli.errors import EXIT_CODE_MEANINGS

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "command-line.md").read_text(encoding="utf-8")


def commands(node: Any, words: tuple[str, ...] = ()) -> dict[str, Any]:
    """Every command by what one types."""
    below = getattr(node, "commands", None)
    if below is None:
        return {" ".join(words): node}
    return {path: each for name, child in below.items() for path, each in commands(child, (*words, name)).items()}


def test_the_table_has_every_command_and_no_other() -> None:
    table = PAGE.partition("## Every command")[2]
    named = {
        name for row in re.findall(r"^\| (`.*?) \|", table, re.MULTILINE) for name in re.findall(r"`([^`]+)`", row)
    }
    assert named == set(commands(get_command(app)))


def test_every_option_that_is_named_exists() -> None:
    known = {option for each in commands(get_command(app)).values() for each in each.params for option in each.opts}
    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", PAGE)) - known - {"--help"} == set()


def test_the_exit_codes_are_those_of_the_code() -> None:
    rows = re.findall(r"^\| (\d+) \| (.+) \|$", PAGE, re.MULTILINE)
    assert rows == [(str(int(code)), words) for code, words in EXIT_CODE_MEANINGS.items()]


def test_every_variable_is_explained() -> None:
    sources = "".join(file.read_text() for file in (ROOT / "chatflow_cli").rglob("*.py"))
    assert set(re.findall(r"CHATFLOW_[A-Z]+", sources)) == set(
        re.findall(r"^\| `(CHATFLOW_[A-Z]+)`", PAGE, re.MULTILINE)
    )
