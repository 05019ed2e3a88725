"""The documents say what is so: links lead somewhere, commands exist, examples validate. `make check` runs this."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import fields
from pathlib import Path

import pytest

from chatflow.channels import manifest
from chatflow.flows.project import load
from chatflow.flows.validation import check
from infrastructure.review import node_pages
from local.demo.conversations import CONVERSATIONS

pytestmark = pytest.mark.lint

ROOT = Path(__file__).parents[1]
PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
    *sorted((ROOT / "functions").rglob("README.md")),
]
SOURCES = [path for room in ("infrastructure", "local", "functions", "layers") for path in (ROOT / room).rglob("*.py")]
LINK = re.compile(r"\]\((?!https?://|#|mailto:)([^)#\s]+)|src=\"(?!https?://)([^\"]+)\"")


def test_every_link_leads_somewhere() -> None:
    missing = []
    for page in PAGES:
        links = [found[1] or found[2] for found in LINK.finditer(page.read_text(encoding="utf-8"))]
        missing += [f"{page.relative_to(ROOT)}: {link}" for link in links if not (page.parent / link).exists()]
    assert missing == []


def test_every_make_command_that_is_named_exists() -> None:
    text = "\n".join(page.read_text(encoding="utf-8") for page in [*PAGES, *SOURCES])
    named = set(re.findall(r"(?:`|^)make ([a-z][a-z-]+)", text, re.MULTILINE))
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z][a-z-]+)(?=[^=\n]*:)", makefile, re.MULTILINE))
    assert {"run", "connect-whatsapp"} <= named
    # `connect-%` is a rule for any channel, and a message may fill in its name.
    assert {name for name in named - targets if not name.startswith("connect-")} == set()


def test_every_section_that_is_linked_to_exists() -> None:
    missing = []
    for page in PAGES:
        for path, section in re.findall(r"\]\((?!https?://)([^)#\s]*)#([^)\s]+)\)", page.read_text(encoding="utf-8")):
            there = (page.parent / path if path else page).read_text(encoding="utf-8")
            titles = re.findall(r"^#+ (.+)$", there, re.MULTILINE)
            if section not in {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}:
                missing.append(f"{page.name}: {path}#{section}")
    assert missing == []


def test_what_make_docs_writes_is_up_to_date() -> None:
    assert [*node_pages.stale()] == [], "run: make docs"


def test_a_link_on_the_page_of_a_node_type_leads_to_the_same_place_in_its_section(tmp_path: Path) -> None:
    readme = ROOT / "functions" / "nodes" / "echo" / "README.md"  # as if it were there
    links = "[a](../../../docs/flow-format.md#routes) [b](../../../docs/media.md) [c](https://example.com) [d](rule.py)"
    (tmp_path / "README.md").write_text(f"# echo: repeat\n{links}\n```yaml\n# [e](f)\n```\n## More\n")
    section = node_pages.section((tmp_path / "README.md").read_text(encoding="utf-8"), readme.parent)
    assert section == (
        "### echo: repeat\n[a](#routes) [b](media.md) [c](https://example.com) [d](../functions/nodes/echo/rule.py)\n"
        "```yaml\n# [e](f)\n```\n#### More\n\n"
    )


def test_a_page_stays_quick_to_load() -> None:
    pictures = list((ROOT / "docs" / "pictures").iterdir())
    assert pictures
    assert [picture.name for picture in pictures if picture.stat().st_size >= 300_000] == []


def test_everything_that_can_be_said_at_deploy_is_explained() -> None:
    from infrastructure.configuration import Configuration  # imports the CDK, which takes seconds

    page = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
    prefixed = {
        "channel_urls": "channel_url_<channel>",
        "channel_versions": "channel_version_<channel>",
        "account_rates": "messages_per_second_<account>",
        "deployment": "deployment_<name>",
    }
    keys = [prefixed.get(each.name, each.name) for each in fields(Configuration)]
    assert [key for key in keys if f"`{key}`" not in page and f"`{key}=" not in page] == []


def test_the_defaults_of_a_deploy_are_those_of_the_code() -> None:
    from infrastructure.configuration import Configuration

    page = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
    numbers = {each.name: each.default for each in fields(Configuration) if each.type == "int"}
    assert len(numbers) == 8
    for row in re.findall(r"^\| (`\w+`(?:, `\w+`)*) \| (\d+(?:, \d+)*) \|", page, re.MULTILINE):
        for key, said in zip(re.findall(r"`(\w+)`", row[0]), row[1].split(", "), strict=True):
            assert int(said) == numbers.pop(key), key
    assert numbers == {}


def test_every_change_of_a_stack_is_held_by_tests_that_exist() -> None:
    page = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
    section = page.partition("## What survives what\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| ([^|]+) \| [^|]+ \| [^|]+ \| [^|]+ \|$", section, re.MULTILINE)[1:]
    lists = dict(re.findall(r"^- ([^:\n]+): ((?:.|\n  )+)$", section, re.MULTILINE))
    assert len(rows) == 9
    assert list(lists) == rows
    tests = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    existing = set(re.findall(r"^def (test_\w+)\(", tests, re.MULTILINE))
    for row, names in lists.items():
        named = re.findall(r"`(\w+)`", names)
        assert named, row
        assert [name for name in named if name not in existing] == [], row


def test_every_cell_of_the_channels_is_shown_by_tests_that_exist() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8").partition("## Channels\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| ([^|]+) \| [^|]+ \| [^|]+ \|$", readme, re.MULTILINE)
    page = (ROOT / "docs" / "channels.md").read_text(encoding="utf-8")
    lines = dict(re.findall(r"^- \*\*([^*]+)\*\*: ((?:.|\n  )+)$", page, re.MULTILINE))
    assert [name.lower() for name in lines] == [row.lower() for row in rows]
    tests = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    existing = set(re.findall(r"^def (test_\w+)\(", tests, re.MULTILINE))
    cases = {f"{title}-{channel}": channel for title in CONVERSATIONS for channel in ("whatsapp", "telegram")}
    cases |= {"whatsapp": "whatsapp", "telegram": "telegram"}
    for row, named in lines.items():
        whatsapp, telegram = re.fullmatch(r"WhatsApp (`.+`); Telegram (`.+`)", " ".join(named.split())).groups()
        for channel, cell in (("whatsapp", whatsapp), ("telegram", telegram)):
            assert set(re.findall(r"test_\w+", cell)) <= existing, row
            assert all(cases[case] == channel for case in re.findall(r"\[([^\]]+)\]", cell)), row


def test_every_fault_is_shown_by_tests_that_exist() -> None:
    page = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")
    section = page.partition("## Faults\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", section, re.MULTILINE)[1:]
    assert len(rows) == 56
    assert len({fault for fault, _what_happens, _tests in rows}) == len(rows)
    existing = {
        (path.name, name)
        for path in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"^def (test_\w+)\(", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    for fault, _what_happens, tests in rows:
        named = re.findall(r"`([^`]+)`", tests)
        assert named, fault
        assert [each for each in named if tuple(each.split("::")) not in existing] == [], fault


def test_the_bounds_in_reliability_are_those_of_the_code() -> None:
    from chatflow.conversation.retention import MIN_RETENTION_DAYS
    from chatflow.conversation.turn_limits import BUDGET_SECONDS, VISIT_SECONDS
    from infrastructure import timeouts  # imports the CDK, which takes seconds

    page = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")
    for bound in (
        f"continues after {timeouts.VISIBILITY.to_seconds():.0f} s, the visibility timeout",
        f"{VISIT_SECONDS} s with all retries; a turn {BUDGET_SECONDS} s",
        f"for at least {MIN_RETENTION_DAYS} days after its turn",
    ):
        assert bound in page


def test_every_step_of_a_conversation_has_its_promise() -> None:
    page = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")
    section = page.partition("## Step by step\n")[2].partition("\n## ")[0]
    promises = dict(re.findall(r"^\| ([^|]+) \| ([^|]+) \|(?: [^|]+ \|){4}$", section, re.MULTILINE)[1:])
    assert {"webhook", "queue of events", "turn", "visit", "save", "timers", "statuses", "owed messages"} <= {*promises}
    assert {"effect: channel message", "effect: API call", "effect: file store", "scans", "erasure"} <= {*promises}
    kinds = ("exactly once in effect", "at least once", "at most")
    assert [step for step, promise in promises.items() if not promise.startswith(kinds)] == []


def test_every_field_of_whatsapps_secret_is_explained() -> None:
    page = (ROOT / "docs" / "whatsapp.md").read_text(encoding="utf-8")
    assert [field for field in manifest.load("whatsapp").secret if f"| `{field}` |" not in page] == []


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
