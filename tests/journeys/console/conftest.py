"""People at the web console of the deployed stack, in a real browser that reports whatever goes wrong on a page."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

from local.description import Description
from local.management_client import ManagementClient
from local.user_pool import create_user, new_password
from tests.programs import program

ROOT = Path(__file__).parents[3]
AXE = ROOT / "console/node_modules/axe-core/axe.min.js"
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
QUIET += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
DESK = {"width": 1280, "height": 800}
TELEPHONE = {"width": 390, "height": 844}
# Cloudscape (components 3.0.1383, app-layout/visual-refresh/mobile-toolbar.js) writes an `aria-orientation` on the
# `nav` of its bar on a telephone, which a `nav` may not have. Every other rule is held there, too.
NOT_OURS = ("aria-allowed-attr", "awsui_mobile-toolbar-nav")
WCAG_22_AA = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
_users = itertools.count(int(time.time()))

expect.set_options(timeout=15_000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    folder = str(Path(__file__).parent)
    for item in items:  # thousands, so by their path as text
        if str(item.path).startswith(folder):
            item.add_marker(pytest.mark.slow)
            item.add_marker(pytest.mark.needs("chromium"))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Only as long as one file: no second Playwright can begin while one runs."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program("chromium"), args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def troubles() -> Iterator[list[str]]:
    """What went wrong on any page of the test: violations of the policy, errors in scripts, unhandled rejections.

    None may be left in the end. A test that provokes one checks it and clears the list.
    """
    troubles: list[str] = []
    yield troubles
    assert not troubles


@pytest.fixture
def new_page(browser: Browser, stack: Description, troubles: list[str]) -> Iterator[Callable[[], Page]]:
    """Makes pages of people who share nothing with each other. Nobody is signed in."""
    with ExitStack() as contexts:

        def make() -> Page:
            context = browser.new_context(base_url=stack.console_url, viewport=DESK, accept_downloads=True)
            contexts.callback(context.close)
            context.on("page", lambda page: _watch(page, stack.console_url, troubles))
            return context.new_page()

        yield make


def _watch(page: Page, origin: str, troubles: list[str]) -> None:
    def written(message: ConsoleMessage) -> None:
        # A refusal of the API, or of a session's renewal, is part of the contract: the page says it in words.
        refusing = any(path in message.location["url"] for path in ("/api/", "/oauth2/token"))
        refused = refusing and message.text.startswith("Failed to load resource")
        if message.type == "error" and page.url.startswith(origin) and not refused:
            troubles.append(f"{page.url}: {message.text}")

    page.on("console", written)
    page.on("pageerror", lambda error: troubles.append(f"{page.url}: {error.message}\n{error.stack}"))


@pytest.fixture(scope="session")
def management(stack: Description) -> ManagementClient:
    """The API as somebody else uses it: signed in as the administrator."""
    return ManagementClient(stack)


@pytest.fixture
def sign_in(stack: Description) -> Callable[..., Page]:
    """Opens a path of the console and signs in at the page that it leads to; by default as the administrator."""

    def do(page: Page, path: str = "/flows", user: str = "", password: str = "") -> Page:
        page.goto(path)
        page.get_by_label("Username").fill(user or stack.admin_user)
        page.get_by_label("Password").fill(password or stack.admin_password)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(f"{stack.console_url}{path}")
        return page

    return do


@pytest.fixture
def console_page(new_page: Callable[[], Page], sign_in: Callable[..., Page]) -> Page:
    """The console, with the administrator signed in."""
    return sign_in(new_page())


@pytest.fixture
def console_page_as(
    stack: Description, new_page: Callable[[], Page], sign_in: Callable[..., Page]
) -> Callable[..., Page]:
    """The console, with a new user of a role signed in: `console_page_as("viewer", "/assets")`."""

    def make(role: str, path: str = "/flows") -> Page:
        name, password = f"{role}-{next(_users)}@example.com", new_password()
        create_user(stack, name, password, role)
        return sign_in(new_page(), path, name, password)

    return make


@pytest.fixture
def axe() -> Callable[..., None]:
    """Fails with every violation of WCAG 2.2 AA on a page, or on a part of it; light and dark."""

    def check(page: Page, within: str = "html") -> None:
        page.locator(f"{within} >> visible=true").first.wait_for()
        if not page.evaluate("'axe' in window"):
            page.evaluate(AXE.read_text())
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            options = {"runOnly": WCAG_22_AA, "resultTypes": ["violations"]}
            found = page.evaluate("([within, options]) => axe.run(within, options)", [within, options])
            assert not [_described(scheme, each) for each in found["violations"] if not _is_not_ours(each)]
        page.emulate_media(color_scheme="light")

    return check


def _is_not_ours(violation: dict[str, Any]) -> bool:
    rule, place = NOT_OURS
    return bool(violation["id"] == rule) and all(place in node["html"] for node in violation["nodes"])


def _described(scheme: str, violation: dict[str, Any]) -> str:
    places = [f"{node['target']} {node['html'][:200]}" for node in violation["nodes"]]
    return f"{scheme}: {violation['id']}: {violation['help']}: {places}"


@pytest.fixture
def at_telephone_size() -> Callable[[Page], Page]:
    """The page on a telephone, where nothing may lead beyond its sides."""

    def shrink(page: Page) -> Page:
        page.set_viewport_size(TELEPHONE)
        beyond = "document.documentElement.scrollWidth - window.innerWidth"
        page.wait_for_function(f"{beyond} <= 0")
        return page

    return shrink
