"""Names, places and judgements of the library, without AWS."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asset_processing import asset_rules
from chatflow.assets import names
from chatflow.assets.asset import Asset, Upload, Version, version_hash
from chatflow.flows.fields import ASSET
from chatflow.media import object_keys
from chatflow.media.profiles import FORMATS, GUIDE, MB
from chatflow.media.ranges import InvalidFile
from chatflow.media.reference import MediaReference

FILE = MediaReference("asset/" + "a" * 64, "a" * 64, 10, "application/pdf", "document", "Preise März.pdf")
LIVE = Version("prices.pdf", 3, FILE, "api", "ada", 100, 90)
UPLOAD = Upload("prices.pdf", "1" * 32, "uploading", "upload/x/y", "Preise neu.pdf", "", 5, "ada", 100, 200)


@pytest.mark.parametrize(
    ("filename", "name"),
    [
        ("leaflet.pdf", "leaflet.pdf"),
        ("Preisliste März 2027.pdf", "Preisliste-Marz-2027.pdf"),
        ("Straße & Øl.PDF", "Strasse-Ol.PDF"),
        ("日本語.docx", "file.docx"),
        ("-rf.jpg", "rf.jpg"),
        ("..hidden.png", "hidden.png"),
        ("no ending", "no-ending"),
        ("x" * 300 + ".jpg", "x" * 96 + ".jpg"),
    ],
)
def test_an_assets_name_is_made_of_its_files(filename: str, name: str) -> None:
    assert names.name_from_filename(filename) == name


@given(st.text(max_size=300))
def test_whatever_a_file_is_called_flows_can_name_it(filename: str) -> None:
    made = names.name_from_filename(filename)
    assert re.fullmatch(names.NAME_PATTERN, made)
    assert re.fullmatch(ASSET, made)
    assert names.name_from_filename(made) == made


def test_names_are_what_flows_take() -> None:
    assert names.NAME_PATTERN == ASSET


@pytest.mark.parametrize(
    ("filename", "ending"),
    [
        ("a.PDF", "pdf"),
        ("a", ""),
        ("photo\u202egpj.exe", "exe"),
        ("a.pdf\u200b", "pdf"),
        ("a.pdf. .", "pdf"),
        ("v1.2 of it", ""),
        ("a.tar.gz", "gz"),
    ],
)
def test_the_ending_is_what_a_reader_sees(filename: str, ending: str) -> None:
    assert names.file_extension(filename) == ending


def test_a_key_says_what_lies_there() -> None:
    sha = "0" * 64
    assert object_keys.parse_asset_bucket(object_keys.upload("f" * 32, "a.pdf")) == object_keys.Upload(
        "f" * 32, "a.pdf"
    )
    assert object_keys.parse_asset_bucket(object_keys.asset(sha)) == object_keys.AssetFile(sha)
    assert object_keys.parse_asset_bucket(object_keys.thumbnail(sha)) is None
    assert object_keys.parse_asset_bucket("brochures/") is None
    assert object_keys.parse_asset_bucket("brochures/spring.pdf") == object_keys.ManualUpload("spring.pdf")
    assert object_keys.parse_asset_bucket("asset/by-hand.pdf") == object_keys.ManualUpload("by-hand.pdf")
    assert object_keys.parse_asset_bucket("upload/by-hand.pdf") == object_keys.ManualUpload("by-hand.pdf")


@pytest.mark.parametrize("name", FORMATS)
def test_a_true_file_within_its_limit_is_taken_and_one_byte_more_is_not(name: str) -> None:
    found = FORMATS[name]
    limit = GUIDE.limits[name]
    filename = f"x.{found.extension}"
    assert asset_rules.check_content(GUIDE, found, limit, filename=filename, declared=found.mime) == ""
    assert "at most" in asset_rules.check_content(GUIDE, found, limit + 1, filename=filename)


def test_a_size_is_never_called_the_very_limit() -> None:
    told = asset_rules.check_content(GUIDE, FORMATS["png"], 5 * MB + 1, filename="a.png")
    assert told == "This PNG file has 5.1 MB; at most 5 MB are taken."


def test_an_unfit_file_is_told_by_its_reason() -> None:
    assert asset_rules.check_content(GUIDE, InvalidFile("encrypted", ""), 10, filename="a.pdf").startswith(
        "The file is protected"
    )
    assert "no format" in asset_rules.check_content(GUIDE, InvalidFile("unknown_format", ""), 10, filename="a.pdf")


def test_mp4_may_be_audio_and_video_alike() -> None:
    for name in ("mp4", "m4a"):
        assert asset_rules.check_content(GUIDE, FORMATS[name], 10, filename="a.mp4") == ""
    assert asset_rules.check_content(GUIDE, FORMATS["m4a"], 10, filename="a.mp4", declared="video/mp4") != ""


def test_an_asset_is_ready_whatever_becomes_of_its_replacement() -> None:
    rejected = replace(UPLOAD, state="rejected")
    assert Asset("a", LIVE, UPLOAD).state == "ready"
    assert Asset("a", LIVE, rejected).state == "ready"
    assert Asset("a", None, UPLOAD).state == "uploading"
    assert Asset("a", None, rejected).state == "rejected"


def test_an_upload_that_never_came_is_not_shown() -> None:
    assert Asset("a", None, UPLOAD).without_expired_upload(199) is not None
    assert Asset("a", None, UPLOAD).without_expired_upload(200) is None
    assert Asset("a", LIVE, UPLOAD).without_expired_upload(200) == Asset("a", LIVE, None)
    assert Asset("a", None, replace(UPLOAD, state="rejected", expires_at=0)).without_expired_upload(10**12) is not None


def test_a_search_looks_at_both_names_in_any_writing() -> None:
    asset = Asset("prices.pdf", LIVE, UPLOAD)
    assert all(asset.matches(text) for text in ("PRICES", "märz", "Neu", ""))
    assert not asset.matches("leaflet")


def test_a_version_is_told_by_its_content_and_by_what_customers_see() -> None:
    assert version_hash(FILE) != version_hash(replace(FILE, filename="other.pdf"))
    assert version_hash(FILE) != version_hash(replace(FILE, sha256="b" * 64))
