"""A channel is a folder with a manifest, and nothing that a URL says can make another one."""

from __future__ import annotations

from pathlib import Path

import pytest

from chatflow.channels.manifest import Connect, load, names, part
from chatflow.errors import InvalidInput

WHOLE = {
    "title": 'title = "Carrier pigeon"',
    "api": 'api = "https://api.pigeon.example/v1/"',
    "hosts": 'hosts = ["api.pigeon.example"]',
    "capabilities": "capabilities = []",
    "window": "window = 86400",
    "secret": '[secret]\ntoken = "Under the perch"',
    "connect": '[connect]\naccount = "token"\nchosen = ""\nsteps = ["Whistle"]',
}


def _channel(folder: Path, name: str, lines: dict[str, str]) -> None:
    (folder / name).mkdir()
    (folder / name / "manifest.toml").write_text("\n".join(lines.values()))


def test_every_folder_with_a_manifest_is_a_channel(tmp_path: Path) -> None:
    _channel(tmp_path, "pigeon", WHOLE)
    _channel(tmp_path, "bottle", WHOLE)
    (tmp_path / "notes").mkdir()
    assert names(tmp_path) == ["bottle", "pigeon"]


def test_a_manifest_is_read_into_plain_values(tmp_path: Path) -> None:
    _channel(tmp_path, "pigeon", WHOLE)
    manifest = load("pigeon", tmp_path)
    assert (manifest.name, manifest.title) == ("pigeon", "Carrier pigeon")
    assert manifest.api == "https://api.pigeon.example/v1"
    assert manifest.hosts == {"api.pigeon.example"}
    assert manifest.window == 86400
    assert manifest.secret == {"token": "Under the perch"}
    assert manifest.connect == Connect("token", "", ("Whistle",))


@pytest.mark.parametrize("missing", WHOLE)
def test_a_manifest_that_says_too_little_is_refused(tmp_path: Path, missing: str) -> None:
    _channel(tmp_path, "pigeon", {name: line for name, line in WHOLE.items() if name != missing})
    with pytest.raises(InvalidInput, match="pigeon"):
        load("pigeon", tmp_path)


@pytest.mark.parametrize("name", ["", ".", "..", "../channels/whatsapp", "whatsapp/", "manifest", "WhatsApp", "a\x00b"])
def test_a_name_from_a_url_never_becomes_a_path(name: str) -> None:
    with pytest.raises(InvalidInput):
        load(name)
    with pytest.raises(InvalidInput):
        part(name, "webhook")


def test_a_part_of_a_channel_is_found_by_name() -> None:
    assert part("whatsapp", "profile").PROFILE.name == "whatsapp"


def test_behind_another_address_the_token_goes_there_and_nowhere_else() -> None:
    moved = load("whatsapp").at("http://127.0.0.1:9100/v23.0/")
    assert moved.api == "http://127.0.0.1:9100/v23.0"
    assert moved.hosts == {"127.0.0.1:9100"}


def test_without_another_address_a_channel_stays_where_it_is() -> None:
    assert load("whatsapp").at("") == load("whatsapp")
