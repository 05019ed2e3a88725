"""An asset: its state, its upload, and what tells versions apart."""

from __future__ import annotations

from dataclasses import replace

from chatflow.assets.asset import Asset, Upload, Version, version_hash
from chatflow.media.reference import MediaReference

FILE = MediaReference("asset/" + "a" * 64, "a" * 64, 10, "application/pdf", "document", "Preise März.pdf")
LIVE = Version("prices.pdf", 3, FILE, "api", "ada", 100, 90)
UPLOAD = Upload("prices.pdf", "1" * 32, "uploading", "upload/x/y", "Preise neu.pdf", "", 5, "ada", 100, 200)


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
