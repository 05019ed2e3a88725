"""A flow, and the requests that draft and publish it."""

from __future__ import annotations

from typing import Any

from tests.fakes.api_client import ApiClient, ApiResponse

CHAT = """\
# What we say first.
chatflow: 1
flow: chat
title: A chat
start: hello
nodes:
  hello: {type: text, say: Hello, then: leaflet}   # the leaflet follows
  leaflet: {type: media, direction: outbound, source: {asset: leaflet.pdf}, then: {flow: other}}
"""
YAML = "application/yaml"


def put_draft(
    caller: ApiClient, text: str = CHAT, *, flow: str = "chat", query: dict[str, Any] | None = None, **headers: str
) -> ApiResponse:
    return caller("PUT", f"/flows/{flow}/draft", text, query=query, content_type=YAML, **headers)


def save_draft(caller: ApiClient, text: str = CHAT, flow: str = "chat") -> str:
    """Make this the draft, whatever stood there; gives its ETag."""
    present = caller("GET", f"/flows/{flow}/draft")
    fence = {"if_match": present.headers["ETag"]} if present.status == 200 else {"if_none_match": "*"}
    response = put_draft(caller, text, flow=flow, **fence)
    assert response.status == 200, response.text
    return response.headers["ETag"]


def publish(caller: ApiClient, text: str = CHAT, flow: str = "chat", note: str = "") -> ApiResponse:
    etag = save_draft(caller, text, flow)
    return caller("POST", f"/flows/{flow}/publish", {"note": note}, if_match=etag)
