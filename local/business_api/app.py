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
from local.business_api.faults import FaultInjection
from local.business_api.uploads import FormReader, InvalidForm, UploadStore

FILES_FOR_ACCEPTANCE = 2  # a claim with one photo needs a review by a person, with two it is accepted at once
PAGE = Path(__file__).with_name("page.html")
Endpoint = Callable[[Request], Awaitable[Response]]
Answer = Callable[[dict[str, Any]], dict[str, Any]]  # from an upload in JSON form to the body of the response


@dataclass
class BusinessSystem:
    """The state of one business system, and its public endpoints."""

    data: Path
    token: str
    documents: Documents
    store: UploadStore = field(init=False)
    claims: dict[str, dict[str, Any]] = field(default_factory=dict)  # by number plate
    answers: dict[str, tuple[dict[str, Any], str]] = field(default_factory=dict)  # by idempotency key: body, upload id
    locks: dict[str, asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))

    def __post_init__(self) -> None:
        self.store = UploadStore(self.data / "uploads")

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

        return await self._receive(request, plate, answer)

    async def file(self, request: Request) -> Response:
        """POST /files: one file, or several as parts of the same name."""

        def answer(upload: dict[str, Any]) -> dict[str, Any]:
            names = ("id", "sha256", "size", "content_type", "filename")
            return {"file": {name: upload[name] for name in names}}

        return await self._receive(request, "", answer)

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

    async def _receive(self, request: Request, plate: str, answer: Answer) -> Response:
        """Store an upload; a repeated idempotency key gets the first answer again."""
        key = request.headers.get("idempotency-key", "")
        if not key:
            return await self._store(request, plate, answer, "")
        async with self.locks[key]:
            if key in self.answers:
                async for _ in request.stream():
                    pass  # the client sends its body before it reads our answer
                body, upload_id = self.answers[key]
                if upload := self.store.find(upload_id):
                    upload.repeats += 1
                return JSONResponse(body, 201, headers={"idempotent-replay": "true"})
            return await self._store(request, plate, answer, key)

    async def _store(self, request: Request, plate: str, answer: Answer, key: str) -> Response:
        try:
            reader = FormReader(request.headers.get("content-type", ""), self.store.folder)
            parts = await reader.read(_body(request))
            files = [part for part in parts if part.name == "file"]
            if not files:
                return problem(400, 'the form has no part "file"')
            fields = {part.name: part.text.decode(errors="replace") for part in parts if part.file is None}
            plate = fields.pop("plate", "") or plate
            uploads = [self.store.add(file, request.url.path, plate, fields, key) for file in files]
        except InvalidForm as error:
            return problem(400, str(error))
        bodies = [answer(upload.to_json()) for upload in uploads]
        body = {**bodies[-1], **({"received": len(files)} if len(files) > 1 else {})}
        if key:
            self.answers[key] = (body, uploads[-1].id)
        return JSONResponse(body, 201)

    def authenticated(self, endpoint: Endpoint) -> Endpoint:
        """Check the bearer token first; without a configured token every request is allowed."""

        async def check(request: Request) -> Response:
            header = request.headers.get("authorization", "")
            if self.token and not hmac.compare_digest(header.encode(), f"Bearer {self.token}".encode()):
                return problem(401, "missing or wrong bearer token")
            return await endpoint(request)

        return check


def problem(status: int, message: str) -> Response:
    """An error response in the common form."""
    return JSONResponse({"error": {"message": message}}, status)


async def _body(request: Request) -> AsyncIterator[bytes]:
    async for chunk in request.stream():
        yield chunk


def create_app(business: BusinessSystem) -> FaultInjection:
    """The ASGI application: the endpoints of a business, and under /api those for scripts and fault injection."""

    async def page(_: Request) -> Response:
        return HTMLResponse(PAGE.read_text())

    async def uploads(request: Request) -> Response:
        if request.method == "DELETE":
            business.store.clear()
            business.claims.clear()
            business.answers.clear()
            return Response(status_code=204)
        return JSONResponse({"uploads": [upload.to_json() for upload in reversed(business.store.uploads)]})

    async def content(request: Request) -> Response:
        upload = business.store.find(request.path_params["id"])
        if upload is None:
            return problem(404, "no such upload")
        # Only pictures are displayed with their type; other content is not trusted and is offered for saving.
        inline = upload.content_type in ("image/jpeg", "image/png")
        return FileResponse(
            business.store.path(upload.id),
            media_type=upload.content_type if inline else "application/octet-stream",
            filename=upload.filename,
            content_disposition_type="inline" if inline else "attachment",
            headers={"x-content-type-options": "nosniff"},
        )

    async def fault(request: Request) -> Response:
        if request.method == "POST":
            try:
                app.add_fault(json.loads(await request.body()))
            except (ValueError, TypeError) as error:
                return problem(400, str(error))
        elif request.method == "DELETE":
            app.faults.clear()
        return JSONResponse({"faults": app.faults_json()}, 201 if request.method == "POST" else 200)

    async def requests(request: Request) -> Response:
        if request.method == "DELETE":
            app.requests.clear()
        return JSONResponse({"requests": list(app.requests)})

    authenticated = business.authenticated
    app = FaultInjection(
        Starlette(
            routes=[
                Route("/", page),
                Route("/claims/{plate}/files", authenticated(business.claim_file), methods=["POST"]),
                Route("/files", authenticated(business.file), methods=["POST"]),
                Route("/documents/{name}", authenticated(business.document)),
                Route("/reports", authenticated(business.report), methods=["POST"]),
                Route("/uploads/{id}", content),
                Route("/api/uploads", uploads, methods=["GET", "DELETE"]),
                Route("/api/faults", fault, methods=["GET", "POST", "DELETE"]),
                Route("/api/requests", requests, methods=["GET", "DELETE"]),
            ]
        )
    )
    return app
