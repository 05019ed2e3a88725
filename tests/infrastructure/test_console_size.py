"""The web console stays light: what a browser loads first, and what the editor needs in addition."""

from __future__ import annotations

import pytest

from tests.console_build import BUILD, EDITOR, FIRST_LOAD, frame_files, kilobytes, page_files

pytestmark = pytest.mark.skipif(not BUILD.is_dir(), reason="needs the console's build: make ready")


def test_the_list_of_flows_loads_little() -> None:
    assert kilobytes(frame_files() | page_files("flows-page")) <= FIRST_LOAD


def test_the_editor_adds_little_to_it() -> None:
    before = frame_files() | page_files("flows-page")
    assert kilobytes(page_files("editor-page") - before) <= EDITOR


def test_the_text_view_is_loaded_by_whoever_opens_it() -> None:
    first = frame_files() | page_files("flows-page") | page_files("editor-page")
    assert not [file for file in first if "codemirror" in (BUILD / file).read_text().lower()]
