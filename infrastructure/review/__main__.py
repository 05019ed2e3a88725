"""`python -m infrastructure.review permissions | idle-bill | security`: what `make` shows under these names."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from infrastructure.packaging.contents import ROOT


def permissions() -> int:
    """Write docs/permissions.md anew, and leave it to `git diff` to show what changed."""
    from infrastructure.review.permissions import document
    from infrastructure.review.template import synthesized

    with TemporaryDirectory() as first, TemporaryDirectory() as second:
        plain = synthesized(Path(first), stage="dev")
        keyed = synthesized(Path(second), stage="dev", kms="true")
    page = ROOT / "docs" / "permissions.md"
    page.write_text(document(plain, also=keyed) + "\n", encoding="utf-8")
    print(f"{page.relative_to(ROOT)} says what the template says; read it with: git diff {page.relative_to(ROOT)}")
    return 0


def idle_bill() -> int:
    """What the stack of a stage costs a month while nobody chats."""
    from infrastructure.review.idle_bill import bill, shown
    from infrastructure.review.template import synthesized

    stage = sys.argv[2] if len(sys.argv) > 2 else "prod"
    with TemporaryDirectory() as folder:
        print(shown(bill(synthesized(Path(folder), stage=stage)), stage))
    return 0


def security() -> int:
    """Every scanner, one line each; 1 when one of them found something."""
    from infrastructure.review.security import CHECKS, run

    return run(CHECKS)


COMMANDS: dict[str, Callable[[], int]] = {"permissions": permissions, "idle-bill": idle_bill, "security": security}

if __name__ == "__main__":
    asked = COMMANDS.get(sys.argv[1]) if len(sys.argv) > 1 else None
    if asked is None:
        sys.exit(f"say one of {', '.join(COMMANDS)}")
    sys.exit(asked())
