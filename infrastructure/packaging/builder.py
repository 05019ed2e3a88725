"""Builds every package that is not there yet, all byte-code in one go."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from infrastructure.packaging import bytecode, dependencies
from infrastructure.packaging.contents import CHATFLOW, FUNCTIONS, ROOT, layer_files, room_files, rooms
from infrastructure.packaging.targets import Target

_RECIPE = sorted(path for path in Path(__file__).parent.iterdir() if path.suffix in {".py", ".mjs"})


@dataclass(frozen=True)
class Package:
    """A folder to upload. `hash` tells what it was made of; equal hash, equal package."""

    path: Path
    hash: str


@dataclass(frozen=True)
class _Plan:
    """`place` is where the package's modules will stand on Lambda."""

    package: Package
    place: str
    fill: Callable[[Path], None]


class Packages:
    """All packages of a target, built when this is made."""

    def __init__(self, target: Target, build: Path = ROOT / "build", functions: Path = FUNCTIONS) -> None:
        self._target = target
        self._build = build / target.name
        plans = {room: self._copied(room, room_files(room, functions), "/var/task") for room in rooms(functions)}
        plans["chatflow"] = self._copied("chatflow", layer_files(CHATFLOW), "/opt")
        plans["dependencies"] = self._installed("dependencies", "dependencies")
        plans["layers/publishing"] = self._installed("layers/publishing", "publishing")
        plans["layers/thumbnails"] = self._installed("layers/thumbnails", "thumbnails")
        self._make([plan for plan in plans.values() if not plan.package.path.is_dir()])
        self._packages = {name: plan.package for name, plan in plans.items()}

    def __getitem__(self, name: str) -> Package:
        return self._packages[name]

    def _copied(self, name: str, files: Mapping[str, Path], place: str) -> _Plan:
        def fill(folder: Path) -> None:
            for inside, source in files.items():
                (folder / inside).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source, folder / inside)

        return _Plan(self._package(name, files), place, fill)

    def _installed(self, name: str, layer: str) -> _Plan:
        requirements = ROOT / "layers" / layer / "requirements.txt"

        def fill(folder: Path) -> None:
            dependencies.install(requirements, folder / "python", self._target)

        return _Plan(self._package(name, {"requirements.txt": requirements}), "/opt", fill)

    def _package(self, name: str, files: Mapping[str, Path]) -> Package:
        made_of = hashlib.sha256(self._target.tag.encode())
        for inside, source in (*files.items(), *((path.name, path) for path in _RECIPE)):
            content = source.read_bytes()
            made_of.update(f"\n{inside} {len(content)}\n".encode() + content)
        digest = made_of.hexdigest()
        return Package(self._build / f"{name.replace('/', '-')}-{digest[:16]}", digest)

    def _make(self, plans: list[_Plan]) -> None:
        """Fill and compile aside, then move into place at once: a package is there whole, or not at all."""
        if not plans:
            return
        self._build.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self._build, prefix=".unfinished-") as aside:
            folders = {Path(aside) / plan.package.path.name: plan for plan in plans}
            for folder, plan in folders.items():
                folder.mkdir()
                plan.fill(folder)
            bytecode.compile_folders({folder: plan.place for folder, plan in folders.items()}, self._target)
            for folder, plan in folders.items():
                folder.chmod(0o755)
                with suppress(OSError):  # another build was quicker, with the same content
                    folder.replace(plan.package.path)
                if not plan.package.path.is_dir():
                    raise RuntimeError(f"{plan.package.path} could not be put in place")
