"""A channel without any capability, in a temporary folder: nothing of the product names it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from tests.contract.channels.channel_under_test import Channel
from tests.contract.channels.pigeon import examples
from tests.fakes.pigeon import installed_pigeon


@pytest.fixture
def pigeon(tmp_path: Path) -> Iterator[Channel]:
    with installed_pigeon(tmp_path) as folder:
        yield Channel("pigeon", folder, "chatflow.channels.pigeon", cast(Any, examples))


@pytest.fixture
def requesting_pigeon(tmp_path: Path) -> Iterator[Channel]:
    with installed_pigeon(tmp_path, requests='"routes", "page", "push"') as folder:
        yield Channel("pigeon", folder, "chatflow.channels.pigeon", cast(Any, examples))
