"""A channel without any capability, in a temporary folder: nothing of the product names it."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from chatflow import channels
from tests.contract.channels.channel_under_test import Channel
from tests.contract.channels.pigeon import examples

PIGEON = Path(__file__).parent / "pigeon"


@pytest.fixture
def pigeon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Channel]:
    folder = tmp_path / "channels" / "pigeon"
    shutil.copytree(PIGEON, folder, ignore=shutil.ignore_patterns("examples.py", "__pycache__"))
    monkeypatch.setattr(channels, "__path__", [*channels.__path__, str(folder.parent)])
    yield Channel("pigeon", folder, "chatflow.channels.pigeon", cast(Any, examples))
    for module in [name for name in sys.modules if name.startswith("chatflow.channels.pigeon")]:
        del sys.modules[module]
    vars(channels).pop("pigeon", None)
