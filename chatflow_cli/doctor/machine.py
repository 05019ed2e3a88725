"""What a deploy needs on this machine: Node.js, the CDK, this checkout's Python environment, and a usable umask."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from chatflow_cli.doctor.finding import Finding, cannot_tell, not_ok, ok
from chatflow_cli.doctor.options import CHECKOUT

_MIN_NODE: Final = (20, 19)  # the oldest that README.md names
_OWNER: Final = 0o700
_INSTALL: Final = "Install what is pinned: make ready"


@dataclass(frozen=True)
class Machine:
    """This machine, as a deploy from `checkout` finds it."""

    checkout: Path = CHECKOUT
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    python_prefix: str = sys.prefix

    def findings(self) -> Iterator[Finding]:
        if not (self.checkout / "cdk.json").is_file():
            yield cannot_tell(
                "This machine",
                "This command line is not installed from a checkout of Chatflow, which a deploy needs.",
                "Run it in the checkout: make doctor",
            )
            return
        yield self._node()
        yield self._cdk()
        yield self._virtualenv()
        yield umask(_current_umask())

    def _node(self) -> Finding:
        program = shutil.which("node", path=self.environment.get("PATH"))
        mend = f"Install Node.js {'.'.join(map(str, _MIN_NODE))} or newer."
        if not program:
            return not_ok("Node.js", "There is no `node` on the PATH.", mend)
        try:
            shown = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=20, check=True)  # noqa: S603
        except (OSError, subprocess.SubprocessError) as error:
            return not_ok("Node.js", f"`node --version` fails: {type(error).__name__}.", mend)
        version = shown.stdout.strip()
        found = re.fullmatch(r"v(\d+)\.(\d+)\..*", version)
        if not found:
            return cannot_tell("Node.js", f"`node --version` prints no version: {version[:40]!r}.", mend)
        if (int(found[1]), int(found[2])) < _MIN_NODE:
            return not_ok("Node.js", f"{version} is too old.", mend)
        return ok("Node.js", version)

    def _cdk(self) -> Finding:
        """The command line and the library are pinned together: an older command line reads no newer assembly."""
        wanted = {
            "aws-cdk": _version_in_json(self.checkout / "package.json", "devDependencies", "aws-cdk"),
            "aws-cdk-lib": _pinned(self.checkout / "requirements.txt", "aws-cdk-lib"),
        }
        installed = {
            "aws-cdk": _version_in_json(self.checkout / "node_modules" / "aws-cdk" / "package.json", "version"),
            "aws-cdk-lib": _installed_library("aws-cdk-lib"),
        }
        wrong = [
            f"{name} is {installed[name] or 'not installed'}, pinned is {wanted[name]}"
            for name in wanted
            if installed[name] != wanted[name]
        ]
        if wrong:
            return not_ok("CDK", f"{'; '.join(wrong)}.", _INSTALL)
        return ok("CDK", f"{installed['aws-cdk']}, with aws-cdk-lib {installed['aws-cdk-lib']}")

    def _virtualenv(self) -> Finding:
        """cdk.json starts the app by VIRTUAL_ENV. `make` sets it; `cdk` called by itself takes the shell's."""
        active = self.environment.get("VIRTUAL_ENV", "")
        own = self.checkout / ".venv"
        if active and Path(active).resolve() != own.resolve():
            return not_ok(
                "Virtualenv",
                f"Another one is active: {active}. `cdk` called by itself would run the app in it, and fail.",
                "Leave it: deactivate. (`make deploy` takes this checkout's in any case.)",
            )
        if not (own / "bin" / "python").exists():
            return not_ok("Virtualenv", f"There is no {own}.", _INSTALL)
        return ok("Virtualenv", str(own))


def umask(mask: int) -> Finding:
    """Packages get their own modes, whatever the umask. One that keeps files from their owner breaks the build."""
    if mask & _OWNER:
        return not_ok("Umask", f"{mask:04o} keeps new files from their own user: nothing can be built.", "umask 022")
    return ok("Umask", f"{mask:04o}")


def _current_umask() -> int:
    """The umask can be read only by setting it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _version_in_json(file: Path, *keys: str) -> str:
    """The text at these keys; "" when the file has none."""
    try:
        value = json.loads(file.read_text(encoding="utf-8"))
        for key in keys:
            value = value[key]
    except (OSError, ValueError, KeyError, TypeError):
        return ""
    return str(value)


def _pinned(requirements: Path, package: str) -> str:
    try:
        found = re.search(rf"^{package}==([^\s;\\]+)", requirements.read_text(encoding="utf-8"), re.MULTILINE)
    except OSError:
        return ""
    return found[1] if found else ""


def _installed_library(package: str) -> str:
    from importlib import metadata

    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""
