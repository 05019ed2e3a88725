"""Signing in to the console and out of it, and the session in between."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from local.description import Description

# What the session's token is stored under, in the tab alone.
EXPIRE = """() => {
    const key = Object.keys(sessionStorage).find((each) => each.startsWith("oidc.user:"));
    const user = JSON.parse(sessionStorage.getItem(key));
    sessionStorage.setItem(key, JSON.stringify({...user, expires_at: 1}));
}"""


def account(page: Page, item: str) -> None:
    page.get_by_role("button", name="Your account").click()
    page.get_by_role("menuitem", name=item, exact=True).click()


def go_to(page: Page, name: str) -> None:
    page.get_by_role("link", name=name, exact=True).click()


def test_whoever_signs_in_comes_to_the_page_that_they_asked_for(
    new_page: Callable[[], Page], sign_in: Callable[..., Page], stack: Description, axe: Callable[..., None]
) -> None:
    page = sign_in(new_page(), "/integrations")
    expect(page.get_by_role("heading", name="Integrations", level=1)).to_be_visible()
    expect(page.get_by_role("button", name=f"Your account: {stack.admin_user}")).to_be_visible()
    axe(page)


def test_a_wrong_password_leads_nowhere(new_page: Callable[[], Page], stack: Description) -> None:
    page = new_page()
    page.goto("/flows")
    page.get_by_label("Username").fill(stack.admin_user)
    page.get_by_label("Password").fill("not the password")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_label("Password")).to_be_visible()
    page.goto("/flows")
    expect(page.get_by_label("Password")).to_be_visible()


def test_signing_out_ends_the_session_in_every_tab(console_page: Page, sign_in: Callable[..., Page]) -> None:
    other = sign_in(console_page.context.new_page(), "/assets")
    account(console_page, "Sign out")
    for page in (console_page, other):
        expect(page.get_by_text("You are signed out")).to_be_visible()
        assert page.evaluate("sessionStorage.length") == 0
    console_page.goto("/flows")
    expect(console_page.get_by_label("Password")).to_be_visible()


def test_signing_out_on_every_device_ends_what_renews_the_other_sessions(
    console_page: Page, new_page: Callable[[], Page], sign_in: Callable[..., Page]
) -> None:
    elsewhere = sign_in(new_page())
    account(console_page, "Sign out on every device")
    expect(console_page.get_by_text("You are signed out")).to_be_visible()
    elsewhere.evaluate(EXPIRE)
    elsewhere.reload()
    expect(elsewhere.get_by_label("Password")).to_be_visible()


def test_a_session_is_renewed_without_a_word(console_page: Page) -> None:
    console_page.evaluate(EXPIRE)
    with console_page.expect_response("**/oauth2/token") as renewed:
        console_page.reload()
    assert "grant_type=refresh_token" in (renewed.value.request.post_data or "")
    expect(console_page.get_by_role("heading", name="Flows", level=1)).to_be_visible()


def test_a_token_is_in_no_address_and_outlives_no_tab(console_page: Page) -> None:
    token = console_page.evaluate("Object.values(sessionStorage).find((each) => each.includes('access_token'))")
    access = json.loads(token)["access_token"]
    kept = console_page.evaluate("JSON.stringify(localStorage) + document.cookie + location.href")
    assert access not in kept
    assert not console_page.context.cookies(console_page.url)


@pytest.mark.parametrize("path", ["/signed-out", "/no-such-page"])
def test_pages_beside_the_work_are_accessible(
    new_page: Callable[[], Page], sign_in: Callable[..., Page], axe: Callable[..., None], path: str
) -> None:
    page = sign_in(new_page())
    page.goto(path)
    expect(page.get_by_role("main")).to_be_visible()
    axe(page)
