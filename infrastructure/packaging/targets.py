"""Build targets: Lambda (arm64, its newest Python), or this machine under the local stack."""

from __future__ import annotations

import platform
import sys
from dataclasses import dataclass
from typing import Final, Literal

Name = Literal["aws", "local"]

# The newest Lambda runtime that both aws-cdk-lib and cdk-nag know. Byte-code and wheels are for exactly this one.
PYTHON: Final = "3.14"
# Amazon Linux 2023, the platform of that runtime, has glibc 2.34.
PLATFORM: Final = "aarch64-manylinux_2_28"
# CPython 3.14's importlib.util.MAGIC_NUMBER (3627): Python ignores byte-code with another one, and compiles at every
# start.
MAGIC: Final = bytes.fromhex("2b0e0d0a")


@dataclass(frozen=True)
class Target:
    """`tag` is part of a package's hash: packages of different targets are not interchangeable."""

    name: Name
    tag: str

    @property
    def install_options(self) -> list[str]:
        """Options of uv for the platform and Python on which packages will run."""
        if self.name == "local":
            return ["--python", sys.executable]
        return ["--python-platform", PLATFORM, "--python-version", PYTHON]


def target(name: str) -> Target:
    """Raises ValueError for an unknown name."""
    if name == "aws":
        return Target("aws", f"{PYTHON}-{PLATFORM}")
    if name == "local":
        return Target("local", f"{platform.python_version()}-{platform.machine()}")
    raise ValueError(f'the target is "aws" or "local", not "{name}"; say -c target=local')
