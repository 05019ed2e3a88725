"""`python -m infrastructure.review permissions | idle-bill | security`: the `make` targets of these names."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from infrastructure.packaging.contents import ROOT


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


def security() -> int:
    """Run every scanner, one line each. Returns 1 when one of them has a finding."""
    from infrastructure.review.security import CHECKS, run_checks

    return run_checks(CHECKS)


COMMANDS: dict[str, Callable[[], int]] = {"permissions": permissions, "idle-bill": idle_bill, "security": security}

if __name__ == "__main__":
    command = COMMANDS.get(sys.argv[1]) if len(sys.argv) > 1 else None
    if command is None:
        sys.exit(f"give one of {', '.join(COMMANDS)}")
    sys.exit(command())
