"""Writes what the documents say of node types: the sections of docs/flow-format.md and the JSON Schemas.

A node type's section is the README.md of its folder, with headings two levels deeper and links relative to the page.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from chatflow.flows.schema import as_text, schemas
from infrastructure.packaging.contents import FUNCTIONS, ROOT
from infrastructure.review.scale.report import documents as scale_documents

PAGE: Final = ROOT / "docs" / "flow-format.md"
SCHEMAS: Final = ROOT / "docs" / "schema"
_BEGIN: Final = "<!-- Written by `make docs` from functions/nodes/*/README.md. -->\n"
_END: Final = "<!-- End of what `make docs` writes. -->\n"
_LINK: Final = re.compile(r"\]\((?!https?://|mailto:)([^)#\s]*)(#[^)\s]*)?\)")


def documents() -> dict[Path, str]:
    """Each generated document and its content."""
    return {
        PAGE: with_sections(PAGE.read_text(encoding="utf-8"), FUNCTIONS / "nodes"),
        **{SCHEMAS / name: as_text(schema) for name, schema in schemas().items()},
        **scale_documents(),
    }


def with_sections(page: str, folder: Path) -> str:
    """The page with the sections of the folder's node types between its marks. Raises ValueError without the marks."""
    before, begin, rest = page.partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if not (begin and end):
        raise ValueError(f"{PAGE.name} lacks the marks between which `make docs` writes")
    sections = (section(each.read_text(encoding="utf-8"), each.parent) for each in sorted(folder.glob("*/README.md")))
    return f"{before}{begin}\n{''.join(sections)}{end}{after}"


def section(text: str, folder: Path) -> str:
    """The section for a README.md with this text in this folder."""
    parts = text.strip().split("```")
    for place in range(0, len(parts), 2):  # every second part is an example, which stays as it is
        deeper = re.sub(r"(?m)^(#+ )", r"##\1", parts[place])
        parts[place] = _LINK.sub(lambda link: f"]({_target(folder, link[1], link[2] or '')})", deeper)
    return "```".join(parts) + "\n\n"


def _target(folder: Path, path: str, anchor: str) -> str:
    """The target of a link on a page in this folder, as the page docs/flow-format.md links to it."""
    there = (folder / path).resolve() if path else None
    if there is None or there == PAGE.resolve():
        return anchor
    return Path(os.path.relpath(there, PAGE.parent)).as_posix() + anchor


def stale() -> Iterator[str]:
    """The names of generated documents that are not up to date."""
    for path, content in documents().items():
        if not path.exists() or path.read_text(encoding="utf-8") != content:
            yield path.relative_to(ROOT).as_posix()
