"""The chat page: its files, the media that it shows, and the list of samples."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from local.whatsapp_simulator.control_input import Declined
from local.whatsapp_simulator.handset import handset_of
from local.whatsapp_simulator.media_rules import bare
from local.whatsapp_simulator.samples import all_samples

FOLDER = Path(__file__).parent / "page"

# Shown in place; everything else is only offered for saving, since a document may hold a script.
INLINE = ("image/jpeg", "image/png", "image/webp", "image/gif", "audio/", "video/")

POLICY = "default-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; frame-ancestors 'none'"


async def get_page(_: Request) -> Response:
    return FileResponse(FOLDER / "index.html", headers={"content-security-policy": POLICY, "cache-control": "no-cache"})


async def get_media(request: Request) -> Response:
    """The bytes of media of either side, without a token: this is the customer's own phone.

    `?as=` names the file: what a customer saves is called as the message says, not as the upload was called.
    """
    media = handset_of(request).shelf.find(request.path_params["media_id"])
    if media is None:
        raise Declined("There is no such media", 404)
    filename = request.query_params.get("as", media.filename)
    inline = bare(media.mime).startswith(INLINE)
    name = f"{'inline' if inline else 'attachment'}; filename*=utf-8''{quote(filename)}"
    mime = media.mime if inline else "application/octet-stream"
    headers = {"content-disposition": name, "x-content-type-options": "nosniff"}
    return FileResponse(media.path, media_type=mime, headers=headers)


async def get_samples(request: Request) -> Response:
    samples = await run_in_threadpool(all_samples, handset_of(request).settings)
    return JSONResponse({"samples": [sample.shown() for sample in samples]})


PAGE_ROUTES: list[BaseRoute] = [
    Route("/", get_page, methods=["GET"]),
    Route("/handset/media/{media_id}", get_media, methods=["GET"]),
    Route("/handset/samples", get_samples, methods=["GET"]),
    Mount("/page", StaticFiles(directory=FOLDER)),
]
