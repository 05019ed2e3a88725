"""Rules of the asset library: which files are accepted, and the reasons for the others."""

from __future__ import annotations

import pytest

from asset_processing import asset_rules
from chatflow.media.profiles import FORMATS, MB, PRODUCT
from chatflow.media.ranges import InvalidFile


@pytest.mark.parametrize("name", FORMATS)
def test_a_true_file_within_its_limit_is_taken_and_one_byte_more_is_not(name: str) -> None:
    found = FORMATS[name]
    limit = PRODUCT.limits[name]
    filename = f"x.{found.extension}"
    assert asset_rules.check_content(PRODUCT, found, limit, filename=filename, declared=found.mime) == ""
    assert "at most" in asset_rules.check_content(PRODUCT, found, limit + 1, filename=filename)


def test_a_size_is_never_called_the_very_limit() -> None:
    told = asset_rules.check_content(PRODUCT, FORMATS["png"], 5 * MB + 1, filename="a.png")
    assert told == "This PNG file has 5.1 MB; at most 5 MB are taken."


def test_an_unfit_file_is_told_by_its_reason() -> None:
    assert asset_rules.check_content(PRODUCT, InvalidFile("encrypted", ""), 10, filename="a.pdf").startswith(
        "The file is protected"
    )
    assert "no format" in asset_rules.check_content(PRODUCT, InvalidFile("unknown_format", ""), 10, filename="a.pdf")


def test_mp4_may_be_audio_and_video_alike() -> None:
    for name in ("mp4", "m4a"):
        assert asset_rules.check_content(PRODUCT, FORMATS[name], 10, filename="a.mp4") == ""
    assert asset_rules.check_content(PRODUCT, FORMATS["m4a"], 10, filename="a.mp4", declared="video/mp4") != ""
