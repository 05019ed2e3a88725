"""What WhatsApp takes, against Meta's table."""

from __future__ import annotations

import pytest

from chatflow.channels.whatsapp.profile import PROFILE
from chatflow.media.profiles import PRODUCT

MB = 1024 * 1024


@pytest.mark.parametrize(
    ("formats", "megabytes"),
    [
        (("pdf", "doc", "docx", "xls", "xlsx", "ppt", "pptx"), 100),
        (("jpeg", "png"), 5),
        (("aac", "amr", "m4a", "mp3", "opus"), 16),
        (("mp4",), 16),
    ],
)
def test_the_limits_are_metas(formats: tuple[str, ...], megabytes: int) -> None:
    assert {name: PROFILE.limits[name] for name in formats} == dict.fromkeys(formats, megabytes * MB)


def test_nothing_else_is_taken() -> None:
    assert len(PROFILE.limits) == 15
    assert "usdz" not in PROFILE.limits


def test_together_with_the_guide_the_smaller_size_holds() -> None:
    both = PRODUCT.narrowed_by(PROFILE).limits
    assert (both["pdf"], both["mp4"], both["mp3"], both["png"]) == (20 * MB, 5 * MB, 16 * MB, 5 * MB)
