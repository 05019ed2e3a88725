"""How quickly the editor opens and drags the largest flow, beside the goals: `make console-speed`.

The build of the console in a real browser. The management API is replaced by answers from memory, each after a delay,
so that nothing but the console is measured. In each round the browser begins with an empty cache.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import statistics
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import uvicorn
from playwright.sync_api import Browser, Page, sync_playwright
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route

from chatflow.flows.yaml_documents import as_yaml
from infrastructure.console import headers
from local.console_server.build import BUILD, ConsoleFiles
from local.loopback import listen, url_of
from tests.benchmarks.large_flow import NAME, large_flow
from tests.programs import program

ROW: Final = "{:<58}{:>10}{:>10}"
API_SECONDS: Final = 0.05  # about what an answer of a warm function takes
DRAG_SECONDS: Final = 3.0
QUIET: Final = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
NODE_TYPES: Final = Path(__file__).parents[2] / "console/src/node-types/testing/node-types.json"

# Notes when cards are on the screen: they were in the document when a frame began, and a further frame begins, so the
# one that shows them is painted. React Flow hides a card until it has measured it.
_WATCH = """
window.seen = {};
let before = 0;
const watch = () => {
  if (before > 0) window.seen.first ??= performance.now();
  if (before >= %d) window.seen.all ??= performance.now();
  const cards = [...document.querySelectorAll(".react-flow__node")];
  before = cards.filter((card) => card.style.visibility !== "hidden").length;
  if (!window.seen.all) requestAnimationFrame(watch);
};
requestAnimationFrame(watch);
"""
# The first interval begins before the recording, the last one ends after the drag.
_RECORD = """
() => {
  window.frames = [];
  const record = (at) => {
    window.frames.push(at);
    window.recording = requestAnimationFrame(record);
  };
  window.recording = requestAnimationFrame(record);
}
"""
_STOP = "() => { cancelAnimationFrame(window.recording); return window.frames; }"


def main(rounds: int = 5) -> None:
    figures: dict[str, list[float]] = {}
    with _console() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program("chromium"), args=QUIET)
        for number in range(rounds + 1):
            measured = _round(browser, url)
            if number > 0:  # the first one warms the machine's own caches
                for name, value in measured.items():
                    figures.setdefault(name, []).append(value)
        browser.close()
    print(f"{rounds} rounds, medians; load {os.getloadavg()[0]:.1f}")  # noqa: T201
    print(ROW.format("a flow of 200 nodes", "goal", "now"))  # noqa: T201
    for name, values in figures.items():
        goal = "2 s" if name.startswith("all cards are") else "50" if name.startswith("frames") else ""
        unit = " s" if "after" in name else " ms" if "slowest" in name else ""
        digits = 2 if unit == " s" else 0
        print(ROW.format(name, goal, f"{statistics.median(values):.{digits}f}{unit}"))  # noqa: T201


def _round(browser: Browser, url: str) -> dict[str, float]:
    """One visit of the editor: opening it, then dragging a card among those in view, and with all cards in view."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.add_init_script(f"sessionStorage.setItem({json.dumps(_session_key(url))}, {json.dumps(_session())})")
    context.add_init_script(_WATCH % len(large_flow()["nodes"]))
    page = context.new_page()
    page.goto(f"{url}/flows/{NAME}")
    page.wait_for_function("window.seen.all", timeout=60_000)
    seen = page.evaluate("window.seen")
    page.wait_for_timeout(1_000)  # the first check of the flow is done, too
    near = _drag(page)
    page.get_by_role("button", name="Fit View").click()
    page.wait_for_timeout(500)
    far = _drag(page)
    context.close()
    return {
        "the first card is seen after": seen["first"] / 1000,
        "all cards are there after": seen["all"] / 1000,
        "frames each second, drag at the first view": near[0],
        "slowest of 20 frames, at the first view": near[1],
        "frames each second, drag with all cards in view": far[0],
        "slowest of 20 frames, with all cards in view": far[1],
    }


def _drag(page: Page) -> tuple[float, float]:
    """Frames each second, and the milliseconds of the slowest of 20 frames, while a card is dragged to and fro."""
    card = page.locator(".react-flow__node").first
    box = card.locator(".flow-card-head").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    before = card.evaluate("card => card.style.transform")
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 5, y + 5)
    page.evaluate(_RECORD)
    end = time.monotonic() + DRAG_SECONDS
    for step in itertools.count():
        if time.monotonic() >= end:
            break
        away = 4 * abs(50 - step % 100)
        page.mouse.move(x + away, y + away / 2)
        time.sleep(0.008)
    frames: list[float] = page.evaluate(_STOP)
    was_dragged = card.evaluate("card => card.style.transform") != before
    page.mouse.up()
    assert was_dragged
    gaps = sorted(later - earlier for earlier, later in itertools.pairwise(frames))
    return 1000 * len(gaps) / sum(gaps), gaps[len(gaps) * 19 // 20]


@contextmanager
def _console() -> Iterator[str]:
    """The console's address, while it is served."""
    listener = listen()
    server = uvicorn.Server(uvicorn.Config(_application(url_of(listener)), log_level="warning"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield url_of(listener)
    finally:
        server.should_exit = True
        thread.join()


def _application(url: str) -> Starlette:
    text = as_yaml(large_flow())
    answers: dict[str, Any] = {
        "me": {"name": "ada@example.com", "roles": ["editor"]},
        "node-types": {"items": json.loads(NODE_TYPES.read_text()), "next": None},
        "assets": {"items": [], "next": None},
        "integrations": {"items": [], "next": None},
        f"flows/{NAME}": {"name": NAME, "title": "", "version": 1, "draft": None, "published_at": None, "by": ""},
        f"flows/{NAME}/validate": {"problems": [], "warnings": [], "variables": {}},
    }
    configuration = {
        "stage": "benchmark",
        "api": "/api/v1",
        "sign_in": {"issuer": url, "client_id": "console", "token_endpoint": f"{url}/token"},
    }

    async def answer(request: Request) -> Response:
        await asyncio.sleep(API_SECONDS)
        path = request.path_params["path"]
        if path == f"flows/{NAME}/versions/1":
            return PlainTextResponse(text, media_type="application/yaml")
        if path in answers:
            return JSONResponse(answers[path])
        return JSONResponse({"type": "urn:problem:not-found"}, 404)

    async def configure(_: Request) -> Response:
        return JSONResponse(configuration)

    return Starlette(
        routes=[
            Route("/api/v1/{path:path}", answer, methods=["GET", "POST", "PUT"]),
            Route(f"/{headers.CONFIGURATION}", configure),
            Mount("/", ConsoleFiles(BUILD)),
        ]
    )


def _session_key(url: str) -> str:
    return f"oidc.user:{url}:console"


def _session() -> str:
    """A user that oidc-client-ts takes for signed in."""
    return json.dumps(
        {"access_token": "token", "token_type": "Bearer", "profile": {"sub": "ada"}, "expires_at": time.time() + 3600}
    )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
