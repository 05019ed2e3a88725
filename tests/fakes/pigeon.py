"""The channel of tests/contract/channels/pigeon in a folder of a test, as if it were one of the product."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from chatflow import channels
from chatflow.channels import manifest

SOURCE = Path(__file__).parents[1] / "contract" / "channels" / "pigeon"


def copy_pigeon(channels_folder: Path, *, requests: str = "") -> Path:
    """Copy the channel; `requests` are the entries of its manifest's `infrastructure`."""
    folder = channels_folder / "pigeon"
    shutil.copytree(SOURCE, folder, ignore=shutil.ignore_patterns("examples.py", "__pycache__"))
    if requests:
        file = folder / "manifest.toml"
        file.write_text(f"infrastructure = [{requests}]\n{file.read_text(encoding='utf-8')}", encoding="utf-8")
    return folder


@contextmanager
def installed_pigeon(folder: Path, *, requests: str = "") -> Iterator[Path]:
    """The channel is the only one that is found meanwhile."""
    with pytest.MonkeyPatch.context() as patch:
        copied = copy_pigeon(folder, requests=requests)
        patch.setattr(channels, "__path__", [*channels.__path__, str(folder)])
        patch.setattr(manifest, "CHANNELS", folder)
        yield copied
    for module in [name for name in sys.modules if name.startswith("chatflow.channels.pigeon")]:
        del sys.modules[module]
    vars(channels).pop("pigeon", None)
