"""Drafts to begin a journey with, as somebody else's script would store them."""

from __future__ import annotations

import itertools
import time

from playwright.sync_api import Page

from local.management_client import ManagementClient

# The stack may have been used before: names that no earlier run has taken.
_numbers = itertools.count(int(time.time()))


def name_of_a_flow() -> str:
    return f"hours-{next(_numbers)}"


def flow_text(name: str) -> str:
    return f"""\
# What people ask first.
chatflow: 1
flow: {name}
title: Opening hours
start: greet
nodes:
  greet:
    type: text
    say: We are open from 8 to 5.
    then: bye
  bye:
    type: text
    say: See you soon.
    then: end
"""


def put_draft(management: ManagementClient, flow: str, text: str) -> None:
    etag = management.etag(f"/flows/{flow}/draft")
    condition = {"If-Match": etag} if etag else {"If-None-Match": "*"}
    headers = {"Content-Type": "application/yaml", **condition}
    management.request("PUT", f"/flows/{flow}/draft", content=text, headers=headers)


def draft_text(management: ManagementClient, flow: str) -> str:
    return management.request("GET", f"/flows/{flow}/draft", headers={"Accept": "application/yaml"}).text


def write_text(page: Page, text: str) -> None:
    """Write this text in the text view, in place of all that is there."""
    page.get_by_role("textbox", name="Text of the flow").press("Control+a")
    page.keyboard.insert_text(text)
