"""Names of assets: made from file names, as flows write them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatflow.assets import names
from chatflow.flows.fields import ASSET


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
