"""docs/third-party-notices.md names every package of the thumbnail layer, and every library of the video wheel."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path

import pytest

from infrastructure.packaging.contents import ROOT

PAGE = (ROOT / "docs" / "third-party-notices.md").read_text(encoding="utf-8")
PINS = (ROOT / "layers" / "thumbnails" / "requirements.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize(("package", "version"), re.findall(r"^([a-z0-9_-]+)==([0-9.]+)", PINS, re.MULTILINE))
def test_each_pinned_version_is_named(package: str, version: str) -> None:
    (row,) = [line for line in PAGE.splitlines() if line.startswith(f"| {package} ")]
    assert version in row


def test_each_library_of_the_video_wheel_is_named_with_its_licence() -> None:
    spec = find_spec("av")
    assert spec is not None
    assert spec.origin is not None
    folder = Path(spec.origin).parents[1] / "av.libs"
    bundled = {re.sub(r"-[0-9a-f]{8}\.so.*", "", each.name) for each in folder.glob("*.so*")}
    if not bundled:
        pytest.skip("this platform's wheel keeps its libraries elsewhere")
    rows = " ".join(line.split("|")[1] for line in PAGE.splitlines() if line.startswith("| lib"))
    assert bundled - set(re.findall(r"lib[\w-]+", rows)) == set()


def test_the_page_says_which_libraries_are_gpl() -> None:
    (row,) = [line for line in PAGE.splitlines() if line.startswith("| libx264, libx265 |")]
    assert "GPL-2.0-or-later" in row
