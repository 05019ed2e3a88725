"""What a package holds: which files of this repository go where in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
FUNCTIONS: Final = ROOT / "functions"
CHATFLOW: Final = ROOT / "layers" / "chatflow"

# Only publishing looks into a node type's config model, so a node's Lambda does without it (and without pydantic).
_NOT_AT_WORK = {"config.py"}
# Rooms that read flows as they are written, and so need every node type's config model.
_COMPILING = {"management"}


def rooms(functions: Path = FUNCTIONS) -> list[str]:
    """Every room that holds a handler: "webhook", "nodes/media" ..."""
    return sorted(handler.parent.relative_to(functions).as_posix() for handler in functions.rglob("handler.py"))


def room_files(room: str, functions: Path = FUNCTIONS) -> Mapping[str, Path]:
    """The room's own files, and the `__init__.py` of each folder above it: nothing of another room."""
    home = functions / room
    inside = {path for path in _files(home) if path.name not in _NOT_AT_WORK}
    above = {folder / "__init__.py" for folder in home.parents if folder.is_relative_to(functions)}
    models: set[Path] = set()
    if room in _COMPILING:
        models = {*functions.glob("nodes/*/config.py"), *functions.glob("nodes/*/__init__.py")}
        models.add(functions / "nodes" / "__init__.py")
    return {path.relative_to(functions).as_posix(): path for path in sorted(inside | above | models) if path.is_file()}


def layer_files(layer: Path = CHATFLOW) -> Mapping[str, Path]:
    """A layer of our own code: its folder `python`, as it is."""
    return {path.relative_to(layer).as_posix(): path for path in sorted(_files(layer / "python"))}


def _files(folder: Path) -> Iterator[Path]:
    hidden = (path for path in folder.rglob("*") if path.is_file())
    return (path for path in hidden if "__pycache__" not in path.parts and not path.name.startswith("."))
