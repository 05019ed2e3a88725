"""Channels are found by their folders, and a manifest that is not valid stops the synth."""

from __future__ import annotations

from pathlib import Path

import pytest

from infrastructure.channels import read_channels
from infrastructure.configuration import Misconfigured


def test_every_problem_of_every_manifest_stops_the_synth(tmp_path: Path) -> None:
    for name, text in (("bottle", 'capabilities = ["telepathy"]'), ("pigeon", "window = -1")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "manifest.toml").write_text(text)
    with pytest.raises(Misconfigured) as raised:
        read_channels(tmp_path)
    told = str(raised.value)
    assert "channels/bottle/manifest.toml: capabilities is ['telepathy']; allowed is a list out of handshake, " in told
    assert "channels/pigeon/manifest.toml: window is -1; allowed is seconds, " in told
    assert "channels/pigeon/manifest.toml: hosts is missing" in told
