"""The files of the console's build, answered as CloudFront and its bucket answer them."""

from __future__ import annotations

from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from infrastructure.console import headers
from local.cdk import ROOT

BUILD = ROOT / "build" / "console"


class ConsoleFiles(StaticFiles):
    """Read anew for each request: after a new build, reload the page."""

    def __init__(self, folder: Path) -> None:
        super().__init__(directory=folder, check_dir=False)

    async def get_response(self, path: str, scope: Scope) -> Response:
        if path == "." or headers.is_page(path):
            path = headers.INDEX
        try:
            response = await super().get_response(path, scope)
        except HTTPException as error:
            if error.status_code == 404 and path == headers.INDEX:
                raise HTTPException(503, "The web console is not built: run `make ready`.") from None
            raise
        response.headers["Cache-Control"] = headers.cache_control(path)
        if "Content-Type" in response.headers:
            response.headers["Content-Type"] = headers.content_type(path)
        return response
