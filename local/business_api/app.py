"""The business system's HTTP interface."""

from __future__ import annotations

import asyncio
import hmac
import json
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from local.business_api.documents import DOCUMENTS, Documents
from local.business_api.drawing import damage_report
from local.business_api.faults import Faults
from local.business_api.uploads import FormReader, NotMultipart, UploadShelf

FILES_FOR_ACCEPTANCE = 2  # one photo is looked at by a person, two decide by themselves
PAGE = Path(__file__).with_name("page.html")
Endpoint = Callable[[Request], Awaitable[Response]]


@dataclass
class Business:
    """The state of one business system."""

    data: Path
    token: str
    documents: Documents
    shelf: UploadShelf = field(init=False)
    claims: dict[str, dict[str, Any]] = field(default_factory=dict)
    answers: dict[str, tuple[dict[str, Any], str]] = field(default_factory=dict)  # by key: answer, upload
    locks: dict[str, asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))

    def __post_init__(self) -> None:
        self.shelf = UploadShelf(self.data / "uploads")

    async def claim_file(self, request: Request) -> Response:
        """POST /claims/{plate}/files: one file for the claim of that plate."""
        plate = request.path_params["plate"].upper()

        def answer(_: dict[str, Any]) -> dict[str, Any]:
            claim = self.claims.setdefault(
                plate, {"id": f"C-{1001 + len(self.claims)}", "status": "review", "files": 0}
            )
            claim["files"] += 1
            if claim["files"] >= FILES_FOR_ACCEPTANCE:
                claim["status"] = "accepted"
            return {"claim": dict(claim)}

        return await self._take(request, plate, answer)

    async def file(self, request: Request) -> Response:
        """POST /files: one file."""

        def answer(upload: dict[str, Any]) -> dict[str, Any]:
            shown = ("id", "sha256", "size", "content_type", "filename")
            return {"file": {name: upload[name] for name in shown}}

        return await self._take(request, "", answer)

    async def document(self, request: Request) -> Response:
        """GET /documents/{name}."""
        name = request.path_params["name"]
        if name not in DOCUMENTS:
            return problem(404, f"there is no document {name}; there are {', '.join(DOCUMENTS)}")
        file = await asyncio.to_thread(self.documents.file, name)
        return FileResponse(file, media_type=DOCUMENTS[name], filename=name)

    async def report(self, request: Request) -> Response:
        """POST /reports: a PDF about one plate."""
        try:
            plate = str((await request.json())["plate"])
        except (ValueError, KeyError, TypeError):
            return problem(400, 'expected JSON like {"plate": "AB 123"}')
        pdf = await asyncio.to_thread(damage_report, plate)
        name = "".join(c for c in plate.upper() if c.isascii() and c.isalnum())
        headers = {"content-disposition": f'attachment; filename="report-{name or "plate"}.pdf"'}
        return Response(pdf, media_type="application/pdf", headers=headers)

    async def _take(self, request: Request, plate: str, answer: Callable[[dict[str, Any]], dict[str, Any]]) -> Response:
        key = request.headers.get("idempotency-key", "")
        if not key:
            return await self._keep(request, plate, answer, "")
        async with self.locks[key]:
            if key in self.answers:
                async for _ in request.stream():
                    pass  # the client sends its body before it reads our answer
                known, upload_id = self.answers[key]
                if upload := self.shelf.find(upload_id):
                    upload.repeats += 1
                return JSONResponse(known, 201, headers={"idempotent-replay": "true"})
            return await self._keep(request, plate, answer, key)

    async def _keep(
        self, request: Request, plate: str, answer: Callable[[dict[str, Any]], dict[str, Any]], key: str
    ) -> Response:
        try:
            reader = FormReader(request.headers.get("content-type", ""), self.shelf.folder)
            parts = {part.name: part for part in await reader.read(_body(request))}
            if "file" not in parts:
                return problem(400, 'the form has no part "file"')
            fields = {name: part.text.decode(errors="replace") for name, part in parts.items() if part.file is None}
            plate = fields.pop("plate", "") or plate
            upload = self.shelf.keep(parts["file"], request.url.path, plate, fields, key)
        except NotMultipart as error:
            return problem(400, str(error))
        body = answer(upload.shown())
        if key:
            self.answers[key] = (body, upload.id)
        return JSONResponse(body, 201)

    def guarded(self, endpoint: Endpoint) -> Endpoint:
        """Ask for the bearer token first; no token configured means none is asked for."""

        async def ask(request: Request) -> Response:
            given = request.headers.get("authorization", "")
            if self.token and not hmac.compare_digest(given.encode(), f"Bearer {self.token}".encode()):
                return problem(401, "missing or wrong bearer token")
            return await endpoint(request)

        return ask


def problem(status: int, message: str) -> Response:
    """An error in the form in which all are answered."""
    return JSONResponse({"error": {"message": message}}, status)


async def _body(request: Request) -> AsyncIterator[bytes]:
    async for chunk in request.stream():
        yield chunk


def application(business: Business) -> Faults:
    """The whole service: what a business would offer, and under /api what only this stand-in has."""

    async def page(_: Request) -> Response:
        return HTMLResponse(PAGE.read_text())

    async def uploads(request: Request) -> Response:
        if request.method == "DELETE":
            business.shelf.clear()
            business.claims.clear()
            business.answers.clear()
            return Response(status_code=204)
        return JSONResponse({"uploads": [u.shown() for u in reversed(business.shelf.uploads)]})

    async def content(request: Request) -> Response:
        upload = business.shelf.find(request.path_params["id"])
        if upload is None:
            return problem(404, "no such upload")
        # Only what a browser shows as a picture keeps its type: the rest is somebody else's content.
        shown = upload.content_type if upload.content_type in ("image/jpeg", "image/png") else ""
        return FileResponse(
            business.shelf.content(upload.id),
            media_type=shown or "application/octet-stream",
            filename=upload.filename,
            content_disposition_type="inline" if shown else "attachment",
            headers={"x-content-type-options": "nosniff"},
        )

    async def fault(request: Request) -> Response:
        if request.method == "POST":
            try:
                faults.add(json.loads(await request.body()))
            except (ValueError, TypeError) as error:
                return problem(400, str(error))
        elif request.method == "DELETE":
            faults.set.clear()
        return JSONResponse({"faults": faults.shown()}, 201 if request.method == "POST" else 200)

    async def requests(request: Request) -> Response:
        if request.method == "DELETE":
            faults.requests.clear()
        return JSONResponse({"requests": list(faults.requests)})

    guarded = business.guarded
    faults = Faults(
        Starlette(
            routes=[
                Route("/", page),
                Route("/claims/{plate}/files", guarded(business.claim_file), methods=["POST"]),
                Route("/files", guarded(business.file), methods=["POST"]),
                Route("/documents/{name}", guarded(business.document)),
                Route("/reports", guarded(business.report), methods=["POST"]),
                Route("/uploads/{id}", content),
                Route("/api/uploads", uploads, methods=["GET", "DELETE"]),
                Route("/api/faults", fault, methods=["GET", "POST", "DELETE"]),
                Route("/api/requests", requests, methods=["GET", "DELETE"]),
            ]
        )
    )
    return faults
