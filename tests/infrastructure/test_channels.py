"""Channels are found by their folders, and a manifest that is not valid stops the synth."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from chatflow.channels.manifest import CHANNELS, INFRASTRUCTURE
from infrastructure.api.channel_paths import push_routes, requested_paths
from infrastructure.channels import read_channels
from infrastructure.configuration import Misconfigured


def test_one_channel_at_most_is_meant_where_none_is_named(tmp_path: Path) -> None:
    [default] = [each.name for each in read_channels() if each.default]
    for name in ("one", "two"):
        shutil.copytree(CHANNELS / default, tmp_path / name)
    with pytest.raises(Misconfigured, match="default is true in one, two; allowed is that in one"):
        read_channels(tmp_path)


def test_the_template_has_routes_for_everything_that_a_manifest_may_request() -> None:
    [default] = [each for each in read_channels() if each.default]
    assert requested_paths([default]) == {}
    assert push_routes([default]) == ()
    for need in INFRASTRUCTURE:
        requesting = [replace(default, infrastructure=frozenset({need}))]
        assert requested_paths(requesting) or push_routes(requesting), need


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
