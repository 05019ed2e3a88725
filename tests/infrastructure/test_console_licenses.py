"""The web console's build names what it holds of others, with the licences that they ask to keep."""

from __future__ import annotations

import json
import re

import pytest

from tests.console_build import BUILD

pytestmark = pytest.mark.skipif(not BUILD.is_dir(), reason="needs the console's build: make ready")

_PACKAGE = re.compile(r"^(\S+) \d+\.\d+\.\d+\S* \((.+)\)$")
_NOT_BUNDLED = {"codemirror"}  # its parts are imported on their own


def test_each_package_of_the_bundle_is_listed_with_its_licence() -> None:
    entries = (BUILD / "licenses.txt").read_text().split(f"\n\n{'-' * 80}\n\n")
    texts = {match[1]: entry for entry in entries if (match := _PACKAGE.match(entry.partition("\n")[0]))}
    assert len(texts) == len(entries)
    dependencies = set(json.loads((BUILD.parents[1] / "console/package.json").read_text())["dependencies"])
    assert dependencies - _NOT_BUNDLED <= texts.keys()  # also what only a worker holds
    assert [name for name, text in texts.items() if len(text) < 300] == []
    assert "Amazon.com, Inc. or its affiliates" in texts["@cloudscape-design/components"]  # its notice
