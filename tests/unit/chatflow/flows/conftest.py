"""Every test here may begin with a sound folder of flows."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fakes.flow_folders import FlowFolder


@pytest.fixture
def folder(tmp_path: Path) -> FlowFolder:
    return FlowFolder(tmp_path / "flows")
