"""The Graph API side: messages, media and the phone number, under any version (`/v23.0/...`)."""

from __future__ import annotations

import json

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from local.whatsapp_simulator.graph_guard import guarded, own_number
from local.whatsapp_simulator.graph_media import delete_media, download, get_media, post_media
from local.whatsapp_simulator.handset import handset_of
from local.whatsapp_simulator.media_shelf import DOWNLOAD_PATH
from local.whatsapp_simulator.refusals import invalid
from local.whatsapp_simulator.sending import send
from local.whatsapp_simulator.wire_capture import NOTES


@guarded("send")
async def post_message(request: Request) -> Response:
    number_id = own_number(request)
    try:
        body = json.loads(await request.body())
    except ValueError:
        raise invalid("The body is not valid JSON.") from None
    if not isinstance(body, dict):
        raise invalid("The body must be a JSON object.")
    request.scope[NOTES]["contact"] = str(body.get("to") or body.get("recipient") or "")
    return JSONResponse(send(handset_of(request), number_id, body))


@guarded("number")
async def get_number(request: Request) -> Response:
    settings = handset_of(request).settings
    number = {"verified_name": settings.verified_name, "display_phone_number": settings.display_phone_number}
    return JSONResponse({**number, "quality_rating": "GREEN", "id": request.path_params["object_id"]})


async def get_object(request: Request) -> Response:
    """A phone number or a media id: Graph tells them apart by the id alone."""
    is_number = handset_of(request).settings.serves(request.path_params["object_id"])
    return await (get_number if is_number else get_media)(request)


VERSION = "/v{major:int}.{minor:int}"

GRAPH_ROUTES = [
    Route(VERSION + "/{object_id}/messages", post_message, methods=["POST"]),
    Route(VERSION + "/{object_id}/media", post_media, methods=["POST"]),
    Route(VERSION + "/{object_id}", get_object, methods=["GET"]),
    Route(VERSION + "/{object_id}", delete_media, methods=["DELETE"]),
    Route(DOWNLOAD_PATH, download, methods=["GET"]),
]
