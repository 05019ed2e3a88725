"""The table of paths: each route is reached by its path, whichever request came first, and none is loaded in vain."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import management
from management.api import ManagementApi
from management.http.openapi import all_routes, document
from management.nouns import NOUNS, nouns_of
from tests.fakes.api_client import ApiClient
from tests.fakes.management_dependencies import some_dependencies

ROUTES = all_routes(ManagementApi(some_dependencies()).include_all())


def test_every_module_of_routes_has_a_path() -> None:
    assert {each.parent.name for each in Path(management.__file__).parent.glob("*/routes.py")} == set(NOUNS)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.func.__name__)
def test_a_path_leads_to_the_module_of_its_route(route: object) -> None:
    assert route.func.__module__.split(".")[1] in nouns_of(route.openapi_path)  # type: ignore[attr-defined]


def test_routes_are_loaded_without_what_validates_flows() -> None:
    modules = [f"management.{noun}.routes" for noun in NOUNS]
    code = f"import sys, {', '.join(modules)}; sys.exit('chatflow.flows.validation' in sys.modules)"
    assert (
        subprocess.run([sys.executable, "-c", code], env={"PYTHONPATH": ":".join(sys.path)}, check=False).returncode
        == 0
    )


@pytest.mark.parametrize("path", ["", "/", "/nothing", "/flowsx", "/FLOWS", "flows", "//flows", "/%66lows", "/flöws"])
def test_a_path_that_the_api_does_not_know_leads_nowhere(path: str, api: ManagementApi) -> None:
    assert nouns_of(path) == ()
    assert ApiClient(api)("GET", path).slug == "not-found"


def test_each_noun_is_included_once(api: ManagementApi) -> None:
    client = ApiClient(api)
    for path in ("/me", "/conversations/x/y", "/me", "/contacts/x", "/openapi.json", "/me"):
        client("GET", path)
    assert len(all_routes(api.resolver)) == len(ROUTES)


def test_the_document_is_the_same_whatever_was_asked_before(api: ManagementApi) -> None:
    client = ApiClient(api)
    client("GET", "/sessions/x")
    assert client("GET", "/openapi.json").body == document(ManagementApi(some_dependencies()).include_all())
