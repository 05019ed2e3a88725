"""The contents of packages: which files of this repository go where in a package."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
FUNCTIONS: Final = ROOT / "functions"
CHATFLOW: Final = ROOT / "layers" / "chatflow"

# Only publishing reads a node type's config model, so a node's package does without it (and without pydantic). Its page
# and its manifest are read by others: an edit of either changes no function of a node.
_LEFT_OUT: Final = {"config.py", "README.md", "manifest.toml"}
# Functions that validate flows and describe node types, and so need the config model and the manifest of each.
_VALIDATING: Final = {"management"}


def function_folders(functions: Path = FUNCTIONS) -> list[str]:
    """Every folder with a handler: "webhook", "nodes/<type>" ..."""
    return sorted(handler.parent.relative_to(functions).as_posix() for handler in functions.rglob("handler.py"))


def function_files(folder: str, functions: Path = FUNCTIONS) -> Mapping[str, Path]:
    """The function's own files, and the `__init__.py` of each folder above it: nothing of another function."""
    home = functions / folder
    own = {path for path in _files(home) if path.name not in _LEFT_OUT}
    above = {parent / "__init__.py" for parent in home.parents if parent.is_relative_to(functions)}
    models: set[Path] = set()
    if folder in _VALIDATING:
        # A config model may use other modules of its folder, but never the handler or the rule.
        models = {path for path in (functions / "nodes").rglob("*.py") if path.name not in ("handler.py", "rule.py")}
        models |= {*(functions / "nodes").glob("*/manifest.toml")}
    return {path.relative_to(functions).as_posix(): path for path in sorted(own | above | models) if path.is_file()}


def layer_files(layer: Path = CHATFLOW) -> Mapping[str, Path]:
    """A layer of our own code: its folder `python`, unchanged."""
    return {path.relative_to(layer).as_posix(): path for path in sorted(_files(layer / "python"))}


def _files(folder: Path) -> Iterator[Path]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return (path for path in files if "__pycache__" not in path.parts and not path.name.startswith("."))
