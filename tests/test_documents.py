"""The documents say what is so: links lead somewhere, commands exist, examples validate."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from chatflow.flows.document import check, load

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")] + sorted(
    (ROOT / "docs").rglob("*.md")
)
LINK = re.compile(r"\]\((?!https?://|#|mailto:)([^)#\s]+)|src=\"(?!https?://)([^\"]+)\"")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    links = [found[1] or found[2] for found in LINK.finditer(page.read_text(encoding="utf-8"))]
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_every_make_command_that_is_named_exists() -> None:
    text = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
    named = set(re.findall(r"(?:`|^)make ([a-z][a-z-]+)", text, re.MULTILINE))
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z][a-z-]+)(?=[^:=\n]*:)", makefile, re.MULTILINE)) | {"connect-whatsapp"}
    assert {name for name in named if name not in targets} == set()


def test_the_flow_in_the_readme_validates(tmp_path: Path) -> None:
    (flow,) = re.findall(r"```yaml\n(chatflow: 1\n.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    folder = tmp_path / "flows"
    shutil.copytree(ROOT / "flows", folder)
    (folder / "one-photo.yaml").write_text(flow)
    routes = (
        (folder / "routes.yaml")
        .read_text()
        .replace("routes:\n", "routes:\n  - keywords: [photo]\n    flow: one-photo\n", 1)
    )
    (folder / "routes.yaml").write_text(routes)
    assert check(load(folder)) == []


def test_decision_records_are_numbered_without_gap_and_have_their_parts() -> None:
    records = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    assert [int(record.name[:4]) for record in records] == list(range(1, len(records) + 1))
    for record in records:
        text = record.read_text(encoding="utf-8")
        for part in ("Status", "Context", "Decision", "Consequences"):
            assert re.search(rf"^(\*\*{part}|## {part})", text, re.MULTILINE), f"{record.name} lacks {part}"


def test_no_file_names_a_machine_or_a_registry() -> None:
    kept = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    hosts = re.compile(r"pypi" + r"\.org|pythonhosted\.|registry\.npm" + r"js|deb\.debian|/" + r"work/|/" + r"root/")
    named = []
    for name in filter(None, kept.split("\0")):
        path = ROOT / name
        if path.suffix in (".png", ".pdf", ".jpg") or not path.is_file():
            continue
        if hosts.search(path.read_text(encoding="utf-8", errors="replace")):
            named.append(name)
    assert named == []
