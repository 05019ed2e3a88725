"""Where packages run: on Lambda (arm64, the newest Python there), or on this machine under the local stack."""

from __future__ import annotations

import platform
import sys
from dataclasses import dataclass
from typing import Final, Literal

Name = Literal["aws", "local"]

# The newest Lambda runtime that both aws-cdk-lib and cdk-nag know. Byte-code and wheels are made for exactly this one.
PYTHON: Final = "3.14"
# Amazon Linux 2023, which that runtime stands on, has glibc 2.34.
PLATFORM: Final = "aarch64-manylinux_2_28"
# CPython 3.14's importlib.util.MAGIC_NUMBER (3627): byte-code with another one is ignored, and every start pays for it.
MAGIC: Final = bytes.fromhex("2b0e0d0a")


@dataclass(frozen=True)
class Target:
    """`tag` tells apart packages that cannot stand in for one another."""

    name: Name
    tag: str

    @property
    def installs_for(self) -> list[str]:
        """What uv is told about the place where packages will run."""
        if self.name == "local":
            return ["--python", sys.executable]
        return ["--python-platform", PLATFORM, "--python-version", PYTHON]


def target(name: str) -> Target:
    """Raises ValueError for a name that is none."""
    if name == "aws":
        return Target("aws", f"{PYTHON}-{PLATFORM}")
    if name == "local":
        return Target("local", f"{platform.python_version()}-{platform.machine()}")
    raise ValueError(f'the target is "aws" or "local", not "{name}"; say -c target=local')
