"""What is said about a file before it is seen."""

from __future__ import annotations

import pytest

from chatflow.media.declared_type import expected_formats, formats_by_extension, formats_by_mime
from chatflow.media.filenames import clean_filename
from chatflow.media.profiles import FORMATS


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_is_known_by_its_own_ending_and_type(name: str) -> None:
    assert FORMATS[name] in formats_by_extension(FORMATS[name].extension)
    assert FORMATS[name] in (formats_by_mime(FORMATS[name].mime) or [])
    assert expected_formats(FORMATS[name].extension, FORMATS[name].mime) == [FORMATS[name]]


def test_mp4_may_be_sound_or_a_film() -> None:
    assert [each.name for each in formats_by_extension("mp4")] == ["mp4", "m4a"]
    assert [each.name for each in expected_formats("mp4", "audio/mp4")] == ["m4a"]


@pytest.mark.parametrize("mime", ["", "application/octet-stream", " Application/Octet-Stream; charset=x"])
def test_a_type_that_says_nothing_denies_nothing(mime: str) -> None:
    assert formats_by_mime(mime) is None
    assert expected_formats("pdf", mime) == [FORMATS["pdf"]]


def test_what_contradicts_itself_is_expected_to_be_nothing() -> None:
    assert expected_formats("pdf", "image/png") == []
    assert expected_formats("exe", "") == []
    assert formats_by_mime("text/html") == []


def test_a_customers_false_ending_gives_way_and_a_true_one_stays() -> None:
    assert clean_filename("dent.jpg", FORMATS["png"]) == "dent.png"
    assert clean_filename("table.xls", FORMATS["doc"]) == "table.doc"
    assert clean_filename("voice.opus", FORMATS["opus"]) == "voice.opus"
    assert clean_filename("sound.mp4", FORMATS["m4a"]) == "sound.mp4"
