"""How quickly the editor opens and drags the largest flow, beside the goals: `make console-speed`.

The build of the console in a real browser. The management API is replaced by answers from memory, each after a delay,
so that nothing but the console is measured. In each round the browser begins with an empty cache. Beside the seconds on
the clock stands the processor time of the page's main thread, which other work on the machine changes little.

Further builds are measured in the same rounds: `make console-speed ARGS="5 build/console path/to/another/build"`.
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
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final

import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
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

ROW: Final = "{:<58}{:>8}"
IN_VIEW: Final = "all that is in view is there after"
API_SECONDS: Final = 0.05  # about what an answer of a warm function takes
DRAG_SECONDS: Final = 3.0
QUIET: Final = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
NODE_TYPES: Final = Path(__file__).parents[2] / "console/src/node-types/testing/node-types.json"

# Notes when cards are on the screen: they were in the document when a frame began, and a further frame begins, so the
# one that shows them is painted. React Flow hides a card until it has measured it.
_WATCH = """
window.seen = {};
window.cardsInView = () => {
  const frame = document.querySelector(".react-flow").getBoundingClientRect();
  return [...document.querySelectorAll(".react-flow__node")].filter((card) => {
    const { left, right, top, bottom } = card.getBoundingClientRect();
    return left < frame.right && right > frame.left && top < frame.bottom && bottom > frame.top;
  }).length;
};
let before = 0;
const watch = () => {
  if (before > 0 && !window.seen.view) {
    window.seen.view = performance.now();
    window.seen.cards = window.cardsInView();
  }
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


def main(rounds: int = 5, *builds: Path) -> None:
    figures: dict[str, dict[Path, list[float]]] = {}
    builds = builds or (BUILD,)
    with ExitStack() as stack:
        consoles = {build: stack.enter_context(_console(build)) for build in builds}
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=program("chromium"), args=QUIET)
        for number in range(rounds + 1):
            for build, url in consoles.items():
                measured = _round(browser, url)
                if number > 0:  # the first one warms the machine's own caches
                    for name, value in measured.items():
                        figures.setdefault(name, {}).setdefault(build, []).append(value)
        browser.close()
    print(f"{rounds} rounds, medians; load {os.getloadavg()[0]:.1f}")  # noqa: T201
    row = ROW + "{:>14}" * len(builds)
    print(row.format("a flow of 200 nodes", "goal", *(build.name[-13:] for build in builds)))  # noqa: T201
    for name, values in figures.items():
        goal = "2 s" if name == IN_VIEW else "50" if name.startswith("frames") else ""
        unit = " s" if "after" in name or name.startswith("main thread until") else " ms" if "frame," in name else ""
        digits = 2 if unit == " s" else 0 if name.startswith("frames") else 1
        medians = (f"{statistics.median(values[build]):.{digits}f}{unit}" for build in builds)
        print(row.format(name, goal, *medians))  # noqa: T201


def _round(browser: Browser, url: str) -> dict[str, float]:
    """One visit of the editor: opening it, then dragging a card among those in view, and with all cards in view."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.add_init_script(f"sessionStorage.setItem({json.dumps(_session_key(url))}, {json.dumps(_session())})")
    context.add_init_script(_WATCH % len(large_flow()["nodes"]))
    page = context.new_page()
    main_thread = _MainThread(context, page)
    page.goto(f"{url}/flows/{NAME}")
    page.wait_for_function("window.seen.all", timeout=60_000, polling=50)
    opening = main_thread.seconds()
    seen = page.evaluate("window.seen")
    assert page.evaluate("window.cardsInView()") == seen["cards"], "a card in view was drawn later"
    page.wait_for_timeout(1_000)  # the first check of the flow is done, too
    near = _drag(page, main_thread)
    page.get_by_role("button", name="Fit View").click()
    page.wait_for_timeout(500)
    far = _drag(page, main_thread)
    context.close()
    figures = {
        IN_VIEW: seen["view"] / 1000,
        "all cards are drawn after": seen["all"] / 1000,
        "main thread until all cards are drawn": opening,
    }
    for where, (each_second, slowest, busy) in (("at the first view", near), ("all cards in view", far)):
        figures[f"frames each second, drag, {where}"] = each_second
        figures[f"slowest of 20 frames, {where}"] = slowest
        figures[f"main thread for a frame, {where}"] = busy
    return figures


class _MainThread:
    """The processor time of a page's main thread."""

    def __init__(self, context: BrowserContext, page: Page) -> None:
        self._session = context.new_cdp_session(page)
        self._session.send("Performance.enable")

    def seconds(self) -> float:
        metrics = self._session.send("Performance.getMetrics")["metrics"]
        return next(float(each["value"]) for each in metrics if each["name"] == "ThreadTime")


def _drag(page: Page, main_thread: _MainThread) -> tuple[float, float, float]:
    """While a card is dragged to and fro: frames each second, the milliseconds of the slowest of 20 frames, and the
    milliseconds that the main thread is busy with a frame."""
    card = page.locator(".react-flow__node").first
    box = card.locator(".flow-card-head").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    before = card.evaluate("card => card.style.transform")
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 5, y + 5)
    page.evaluate(_RECORD)
    busy = main_thread.seconds()
    end = time.monotonic() + DRAG_SECONDS
    for step in itertools.count():
        if time.monotonic() >= end:
            break
        away = 4 * abs(50 - step % 100)
        page.mouse.move(x + away, y + away / 2)
        time.sleep(0.008)
    frames: list[float] = page.evaluate(_STOP)
    busy = main_thread.seconds() - busy
    was_dragged = card.evaluate("card => card.style.transform") != before
    page.mouse.up()
    assert was_dragged
    gaps = sorted(later - earlier for earlier, later in itertools.pairwise(frames))
    return 1000 * len(gaps) / sum(gaps), gaps[len(gaps) * 19 // 20], 1000 * busy / len(gaps)


@contextmanager
def _console(build: Path) -> Iterator[str]:
    """The address of a build, while it is served."""
    listener = listen()
    server = uvicorn.Server(uvicorn.Config(_application(build, url_of(listener)), log_level="warning"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield url_of(listener)
    finally:
        server.should_exit = True
        thread.join()


def _application(build: Path, url: str) -> Starlette:
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
            Mount("/", ConsoleFiles(build)),
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
    main(*map(int, sys.argv[1:2]), *map(Path, sys.argv[2:]))
