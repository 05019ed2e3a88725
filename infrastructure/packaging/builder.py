"""Builds every package that does not exist yet, and compiles all new packages in one run."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from infrastructure.packaging import bytecode, dependencies
from infrastructure.packaging.contents import CHATFLOW, FUNCTIONS, ROOT, function_files, function_folders, layer_files
from infrastructure.packaging.targets import Target

# The build itself is an input of every package: an edit of it changes every hash.
_BUILD_SOURCES = sorted(path for path in Path(__file__).parent.iterdir() if path.suffix in {".py", ".mjs"})


@dataclass(frozen=True)
class Package:
    """A folder to upload. `hash` is of its inputs: packages with equal hashes are equal."""

    path: Path
    hash: str


@dataclass(frozen=True)
class _Plan:
    """How to build a package: `fill` copies or installs its files; `lambda_path` is where they will be on Lambda."""

    package: Package
    lambda_path: str
    fill: Callable[[Path], None]


class Packages:
    """All packages of a target, by name: a function's folder, "chatflow", or a layer. The constructor builds them.

    `ca_bundle` is a file of certificates that the functions trust in addition to the public authorities.
    """

    def __init__(
        self,
        target: Target,
        build: Path = ROOT / "build",
        functions: Path = FUNCTIONS,
        ca_bundle: Path | None = None,
    ) -> None:
        self._target = target
        self._build = build / target.name
        plans = {
            folder: self._copied(folder, function_files(folder, functions), "/var/task")
            for folder in function_folders(functions)
        }
        plans["chatflow"] = self._copied("chatflow", layer_files(CHATFLOW), "/opt")
        plans["dependencies"] = self._installed("dependencies", "dependencies", ca_bundle)
        plans["layers/publishing"] = self._installed("layers/publishing", "publishing")
        plans["layers/thumbnails"] = self._installed("layers/thumbnails", "thumbnails")
        self._make([plan for plan in plans.values() if not plan.package.path.is_dir()])
        self._packages = {name: plan.package for name, plan in plans.items()}

    def __getitem__(self, name: str) -> Package:
        return self._packages[name]

    def _copied(self, name: str, files: Mapping[str, Path], lambda_path: str) -> _Plan:
        def fill(folder: Path) -> None:
            for path, source in files.items():
                (folder / path).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source, folder / path)

        return _Plan(self._package(name, files), lambda_path, fill)

    def _installed(self, name: str, layer: str, ca_bundle: Path | None = None) -> _Plan:
        requirements = ROOT / "layers" / layer / "requirements.txt"

        def fill(folder: Path) -> None:
            dependencies.install(requirements, folder / "python", self._target, ca_bundle)

        inputs = {"requirements.txt": requirements}
        if ca_bundle:
            inputs["ca_bundle"] = ca_bundle
        return _Plan(self._package(name, inputs), "/opt", fill)

    def _package(self, name: str, files: Mapping[str, Path]) -> Package:
        inputs = hashlib.sha256(self._target.tag.encode())
        for path, source in (*files.items(), *((source.name, source) for source in _BUILD_SOURCES)):
            content = source.read_bytes()
            inputs.update(f"\n{path} {len(content)}\n".encode() + content)
        digest = inputs.hexdigest()
        return Package(self._build / f"{name.replace('/', '-')}-{digest[:16]}", digest)

    def _make(self, plans: list[_Plan]) -> None:
        """Build in a temporary folder, then move into place: a package exists whole, or not at all."""
        if not plans:
            return
        self._build.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self._build, prefix=".unfinished-") as temporary:
            folders = {Path(temporary) / plan.package.path.name: plan for plan in plans}
            for folder, plan in folders.items():
                folder.mkdir()
                plan.fill(folder)
            bytecode.compile_folders({folder: plan.lambda_path for folder, plan in folders.items()}, self._target)
            for folder, plan in folders.items():
                _let_everybody_read(folder)
                with suppress(OSError):  # a concurrent build was faster, with the same content
                    folder.replace(plan.package.path)
                if not plan.package.path.is_dir():
                    raise RuntimeError(f"{plan.package.path} could not be put in place")


def _let_everybody_read(folder: Path) -> None:
    """Lambda's user is not the owner of the files. What this shell's umask forbids others is allowed in a package."""
    folder.chmod(0o755)
    for path in folder.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
