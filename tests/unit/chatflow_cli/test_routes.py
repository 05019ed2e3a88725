"""`chatflow routes`: shown, replaced, rolled back."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fakes.management.contents import Contents
from tests.unit.chatflow_cli.conftest import Chatflow

pytestmark = pytest.mark.usefixtures("logged_in")


def test_routes_are_shown_replaced_and_taken_back(chatflow: Chatflow, contents: Contents, tmp_path: Path) -> None:
    (tmp_path / "routes.yaml").write_text("default: photo\n")
    assert chatflow("routes", "show").out == "default: welcome\n"
    assert chatflow("routes", "put", str(tmp_path / "routes.yaml")).out == "The routes are live as version 2.\n"
    assert chatflow("routes", "show", "--json").json == {"default": "photo"}
    assert chatflow("routes", "rollback", "1").code == 0
    assert contents.routes[-1] == "default: welcome\n"


def test_routes_with_problems_are_not_published(chatflow: Chatflow, contents: Contents, tmp_path: Path) -> None:
    (tmp_path / "routes.yaml").write_text("default: none\n")
    contents.problems = [{"file": "routes.yaml", "line": 1, "field": "default", "message": "There is no such flow."}]
    result = chatflow("routes", "put", str(tmp_path / "routes.yaml"))
    assert result.code == 1
    assert "There is no such flow." in result.out
    assert len(contents.routes) == 1
