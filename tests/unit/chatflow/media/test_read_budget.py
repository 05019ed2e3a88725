"""What it costs to tell what a file is: at most eight reads and 256 KB, and blocks of two kinds of file."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from chatflow.media import REASONS
from chatflow.media.identification import identify
from chatflow.media.profiles import FORMATS
from chatflow.media.ranges import BLOCK as ONE_BLOCK
from chatflow.media.ranges import MAX_BLOCKS, MAX_BYTES, MAX_READS
from chatflow.streams import BLOCK, TAIL_BYTES
from tests.unit.chatflow.media.large_files import LARGE, LARGE_FILES

PAGE = Path(__file__).parents[4] / "docs" / "media.md"
READ_ONWARDS = {"jpeg", "docx", "xlsx", "pptx"}


def test_every_format_has_a_large_file() -> None:
    assert LARGE_FILES.keys() == FORMATS.keys()


@pytest.mark.parametrize("name", LARGE_FILES)
def test_a_hundred_megabytes_are_told_by_as_few_reads_as_the_page_says(name: str) -> None:
    file = LARGE_FILES[name]()
    assert file.size >= LARGE
    assert identify(file, file.size) == FORMATS[name]
    more = MAX_BLOCKS if name in READ_ONWARDS else 0
    assert len(file.reads) <= MAX_READS + more
    assert file.fetched <= MAX_BYTES + more * ONE_BLOCK
    beyond = [at for at, length in file.reads if at + length > BLOCK and at < file.size - TAIL_BYTES]
    row = re.search(rf"^\| {name} \|.*\| (\d+) \| (\d+) KB \| (\d) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert row is not None
    assert [int(each) for each in row.groups()] == [len(file.reads), -(-file.fetched // 1024), len(beyond)]


def test_every_reason_is_explained() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert [reason for reason in REASONS if f"| `{reason}` |" not in page] == []
