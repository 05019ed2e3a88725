"""`python -m infrastructure.review NAME`: the `make` targets docs, permissions, idle-bill, scale-model and security.

`released-names` is for releases.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from infrastructure.packaging.contents import ROOT


def docs() -> int:
    """Write what the documents say of node types and formats, from the code."""
    from infrastructure.review.node_pages import documents, stale

    written = [*stale()]
    for path, content in documents().items():
        path.write_text(content, encoding="utf-8")
    print(f"written: {', '.join(written)}" if written else "everything is up to date")
    return 0


def permissions() -> int:
    """Write docs/permissions.md; `git diff` shows what changed."""
    from infrastructure.review.permissions import document
    from infrastructure.review.template import Template, synthesized

    def synth(**context: str) -> Template:
        with TemporaryDirectory() as folder:
            return synthesized(Path(folder), **context)

    page = ROOT / "docs" / "permissions.md"
    page.write_text(document(synth) + "\n", encoding="utf-8")
    print(
        f"{page.relative_to(ROOT)} is up to date with the template; review it with: git diff {page.relative_to(ROOT)}"
    )
    return 0


def idle_bill() -> int:
    """Print what the stack of a stage costs a month while nobody chats."""
    from infrastructure.review.idle_bill import bill, render
    from infrastructure.review.template import synthesized

    stage = sys.argv[2] if len(sys.argv) > 2 else "prod"
    with TemporaryDirectory() as folder:
        print(render(bill(synthesized(Path(folder), stage=stage)), stage))
    return 0


def scale_model() -> int:
    """Print what so many conversations a second need of AWS, and what they cost."""
    from argparse import ArgumentParser
    from dataclasses import replace

    from infrastructure.configuration import Configuration
    from infrastructure.review.scale.report import render

    parser = ArgumentParser(prog="scale-model")
    parser.add_argument("conversations_per_second", type=float)
    parser.add_argument("-c", action="append", default=[], dest="settings", metavar="concurrency=200")
    options = parser.parse_args(sys.argv[2:])
    configuration = Configuration()
    for key, _, value in (setting.partition("=") for setting in options.settings):
        if key == "concurrency" and value.isdigit():
            configuration = replace(configuration, concurrency=int(value))
        elif key == "requests_per_second" and value.isdigit():
            configuration = replace(configuration, requests_per_second=int(value))
        else:
            parser.error("-c takes concurrency=<number> and requests_per_second=<number>")
    print(render(options.conversations_per_second, configuration))
    return 0


def security() -> int:
    """Run every scanner, one line each. Returns 1 when one of them has a finding."""
    from infrastructure.review.security import CHECKS, run_checks

    return run_checks(CHECKS)


def released_names() -> int:
    """Write which resource has which name, at a release: a later version must not give the name to another one."""
    import json

    from infrastructure.review.life_cycle import names
    from infrastructure.review.template import synthesized

    with TemporaryDirectory() as folder:
        found = names(synthesized(Path(folder), stage="dev"))
    file = ROOT / "tests" / "infrastructure" / "released_names.json"
    file.write_text(json.dumps(found, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    print(f"{file.relative_to(ROOT)} has {len(found)} names")
    return 0


COMMANDS: dict[str, Callable[[], int]] = {
    "docs": docs,
    "permissions": permissions,
    "idle-bill": idle_bill,
    "scale-model": scale_model,
    "security": security,
    "released-names": released_names,
}

if __name__ == "__main__":
    command = COMMANDS.get(sys.argv[1]) if len(sys.argv) > 1 else None
    if command is None:
        sys.exit(f"give one of {', '.join(COMMANDS)}")
    sys.exit(command())
