"""A channel is a folder with a manifest, and nothing that a URL says can make another one."""

from __future__ import annotations

from pathlib import Path

import pytest

from chatflow.channels.manifest import CAPABILITIES, Connect, Posts, Rates, load, names, part
from chatflow.errors import InvalidInput

WHOLE = {
    "title": 'title = "Carrier pigeon"',
    "api": 'api = "https://api.pigeon.example/v1/"',
    "hosts": 'hosts = ["api.pigeon.example"]',
    "capabilities": 'capabilities = ["batches"]',
    "window": "window = 86400",
    "rates": "[rates]\naccount_per_second = 30\ncontact_per_second = 0.5",
    "posts": "[posts]\nbytes = 1000\nupdates = 20",
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
    assert manifest.capabilities == {"batches"}
    assert manifest.window == 86400
    assert manifest.rates == Rates(30.0, 0.5)
    assert manifest.posts == Posts(1000, 20)
    assert manifest.secret == {"token": "Under the perch"}
    assert manifest.connect == Connect("token", "", ("Whistle",))


def test_what_a_manifest_may_leave_out_has_a_modest_value(tmp_path: Path) -> None:
    _channel(tmp_path, "pigeon", {name: line for name, line in WHOLE.items() if name != "posts"})
    manifest = load("pigeon", tmp_path)
    assert (manifest.version, manifest.placeholder, manifest.infrastructure) == ("", (), frozenset())
    assert manifest.posts == Posts(1024 * 1024, 1)


@pytest.mark.parametrize("missing", sorted(WHOLE.keys() - {"posts"}))
def test_a_manifest_that_says_too_little_is_refused(tmp_path: Path, missing: str) -> None:
    _channel(tmp_path, "pigeon", {name: line for name, line in WHOLE.items() if name != missing})
    with pytest.raises(InvalidInput, match=rf"channels/pigeon/manifest\.toml: {missing}\S* is missing; allowed is \w+"):
        load("pigeon", tmp_path)


@pytest.mark.parametrize(
    ("field", "line", "allowed"),
    [
        ("capabilities", 'capabilities = ["telepathy"]', ", ".join(CAPABILITIES)),
        ("capabilities", "capabilities = [1]", ", ".join(CAPABILITIES)),
        ("capabilities", 'capabilities = "upload"', ", ".join(CAPABILITIES)),
        ("infrastructure", 'window = 0\ninfrastructure = ["moon"]', "a list out of"),
        ("window", "window = -1", "a whole number"),
        ("window", "window = true", "a whole number"),
        ("window", "window = 1.5", "a whole number"),
        ("rates.account_per_second", "[rates]\naccount_per_second = -0.1\ncontact_per_second = 0", "messages a second"),
        ("rates.contact_per_second", "[rates]\naccount_per_second = 0\ncontact_per_second = nan", "messages a second"),
        ("rates.per_week", "[rates]\naccount_per_second = 0\ncontact_per_second = 0\nper_week = 1", "rates.account"),
        ("rates.account_per_second", "rates = 3", "messages a second"),
        ("posts.updates", "[posts]\nupdates = 0", "a whole number"),
        ("posts.bytes", "[posts]\nbytes = 0", "a whole number"),
        ("hosts", "hosts = []", "a list of texts"),
        ("title", 'title = " "', "a text"),
        ("wings", "wings = 2\nwindow = 0", "title, api"),
        ("secret", "[secret]\ntoken = 1", "a table"),
        ("connect.steps", '[connect]\naccount = "token"\nchosen = ""\nsteps = "Whistle"', "a list of texts"),
    ],
)
def test_a_wrong_field_is_named_with_what_is_allowed(tmp_path: Path, field: str, line: str, allowed: str) -> None:
    replaced = "window" if line.startswith(("wings", "window")) else field.partition(".")[0]
    before = {"top": line} if "[" not in line[:1] else {}
    after = {} if before else {"table": line}
    _channel(
        tmp_path, "pigeon", {**before, **{name: each for name, each in WHOLE.items() if name != replaced}, **after}
    )
    with pytest.raises(InvalidInput) as raised:
        load("pigeon", tmp_path)
    [problem] = [each for each in str(raised.value).splitlines() if f": {field} is " in each]
    assert problem.startswith("channels/pigeon/manifest.toml: ")
    assert allowed in problem.partition("allowed ")[2]


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    lines = {**WHOLE, "window": "window = -1", "capabilities": 'capabilities = ["telepathy"]', "hosts": ""}
    _channel(tmp_path, "pigeon", lines)
    with pytest.raises(InvalidInput) as raised:
        load("pigeon", tmp_path)
    assert [each.split()[1] for each in str(raised.value).splitlines()] == [
        *("capabilities", "window", "hosts"),
        "posts.updates",
    ]


def test_several_updates_a_post_are_for_channels_that_batch_them(tmp_path: Path) -> None:
    _channel(tmp_path, "pigeon", {**WHOLE, "capabilities": "capabilities = []"})
    with pytest.raises(InvalidInput, match=r"posts\.updates .* capability batches"):
        load("pigeon", tmp_path)


@pytest.mark.parametrize("text", [b"title = ", b"\xff\xfe"])
def test_what_is_no_toml_names_the_folder(tmp_path: Path, text: bytes) -> None:
    (tmp_path / "pigeon").mkdir()
    (tmp_path / "pigeon" / "manifest.toml").write_bytes(text)
    with pytest.raises(InvalidInput, match=r"channels/pigeon/manifest\.toml: it is no TOML"):
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
