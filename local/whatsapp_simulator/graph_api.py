"""The Graph API: messages, media and the phone number, under any version (`/v23.0/...`)."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from local.simulator.faults import cut_download
from local.simulator.media_store import CUSTOMER, Media
from local.simulator.multipart_upload import InvalidForm, is_form, read_upload
from local.simulator.wire_log import DETAILS
from local.whatsapp_simulator.business_messages import send_message
from local.whatsapp_simulator.graph_errors import (
    GraphError,
    invalid_parameter,
    invalid_token,
    missing_parameter,
    no_such_object,
)
from local.whatsapp_simulator.graph_media import DOWNLOAD_PATH
from local.whatsapp_simulator.message_rules import check_product, check_upload_size, check_upload_type
from local.whatsapp_simulator.simulator import whatsapp_of

Endpoint = Callable[[Request], Awaitable[Response]]

VERSION = "/v{major:int}.{minor:int}"


class FastFileResponse(FileResponse):
    """Larger chunks than Starlette's default, so that the simulator does not limit a measurement."""

    chunk_size = 1024 * 1024


def graph_endpoint(operation: str) -> Callable[[Endpoint], Endpoint]:
    """Decorate an endpoint: check the token, inject the planned fault, answer a GraphError with Meta's error body."""

    def decorate(endpoint: Endpoint) -> Endpoint:
        async def run(request: Request) -> Response:
            try:
                return await _run_with_faults(operation, endpoint, request)
            except GraphError as error:
                reason = f'OAuth "Facebook Platform" "invalid_request" "{error.code}"'
                return JSONResponse(error.body(), error.status, {"www-authenticate": reason})

        return run

    return decorate


async def _run_with_faults(operation: str, endpoint: Endpoint, request: Request) -> Response:
    simulator = whatsapp_of(request)
    if request.headers.get("authorization") != f"Bearer {simulator.settings.access_token}":
        raise invalid_token()
    fault = await simulator.faults.take(operation)
    if fault is None:
        return await endpoint(request)
    request.scope[DETAILS]["fault"] = operation
    if fault.cut >= 0:
        return cut_download(await endpoint(request), fault.cut)
    if fault.after:
        await endpoint(request)
    raise fault.error()


@graph_endpoint("send")
async def post_message(request: Request) -> Response:
    number_id = _own_number(request)
    try:
        body = json.loads(await request.body())
    except ValueError:
        raise invalid_parameter("The body is not valid JSON.") from None
    if not isinstance(body, dict):
        raise invalid_parameter("The body must be a JSON object.")
    request.scope[DETAILS]["contact"] = str(body.get("to") or body.get("recipient") or "")
    return JSONResponse(send_message(whatsapp_of(request), number_id, body))


@graph_endpoint("upload")
async def post_media(request: Request) -> Response:
    store, number_id = whatsapp_of(request).media_store, _own_number(request)
    if not is_form(request):
        raise missing_parameter("messaging_product")
    try:
        form, writer = await read_upload(request, store, ("file",))
    except InvalidForm as error:
        raise invalid_parameter(f"The multipart body cannot be read: {error}") from error
    if writer is None:
        raise missing_parameter("file")
    request.scope[DETAILS]["parts"] = form.parts
    mime = form.fields.get("type") or form.mime
    try:
        check_product(form.fields)
        check_upload_type(mime)
        check_upload_size(mime, writer.size)
    except GraphError:
        writer.discard()
        raise
    return JSONResponse({"id": store.add(writer, mime, form.filename, number_id).id})


async def get_object(request: Request) -> Response:
    """A phone number or media: Graph distinguishes them by the id alone."""
    is_number = whatsapp_of(request).settings.serves(request.path_params["object_id"])
    return await (get_number if is_number else get_media)(request)


@graph_endpoint("number")
async def get_number(request: Request) -> Response:
    settings = whatsapp_of(request).settings
    number = {"verified_name": settings.verified_name, "display_phone_number": settings.display_phone_number}
    return JSONResponse({**number, "quality_rating": "GREEN", "id": request.path_params["object_id"]})


@graph_endpoint("lookup")
async def get_media(request: Request) -> Response:
    media = _requested_media(request)
    about = {"url": whatsapp_of(request).media_url(media), "mime_type": media.mime, "sha256": media.sha256_hex}
    return JSONResponse({**about, "file_size": media.size, "id": media.id, "messaging_product": "whatsapp"})


@graph_endpoint("lookup")
async def delete_media(request: Request) -> Response:
    whatsapp_of(request).media_store.remove(_requested_media(request).id)
    return JSONResponse({"success": True})


@graph_endpoint("download")
async def download(request: Request) -> Response:
    query, store = request.query_params, whatsapp_of(request).media_store
    media = store.find_signed(query.get("mid", ""), query.get("ext", ""), query.get("hash", ""))
    if media is None:
        return Response("URL signature expired or not found", 404, media_type="text/plain")
    return FastFileResponse(media.path, media_type=media.mime)


def _own_number(request: Request) -> str:
    """The phone number id of the path; raises GraphError when the simulator does not serve it."""
    number_id = str(request.path_params["object_id"])
    if not whatsapp_of(request).settings.serves(number_id):
        raise no_such_object(request.method, number_id)
    return number_id


def _requested_media(request: Request) -> Media:
    """The media of the path; raises GraphError when the phone number of the query may not access it."""
    simulator = whatsapp_of(request)
    media = simulator.media_store.find(request.path_params["object_id"])
    if media is None:
        raise no_such_object(request.method, request.path_params["object_id"])
    number_id = request.query_params.get("phone_number_id")
    if number_id is None or number_id == media.owner:
        return media
    settings = simulator.settings
    if media.owner == CUSTOMER and number_id == settings.phone_number_id and not settings.lookup_refuses_number:
        return media
    raise invalid_parameter("Param phone_number_id is not a valid whatsapp business phone number id ID")


GRAPH_ROUTES = [
    Route(VERSION + "/{object_id}/messages", post_message, methods=["POST"]),
    Route(VERSION + "/{object_id}/media", post_media, methods=["POST"]),
    Route(VERSION + "/{object_id}", get_object, methods=["GET"]),
    Route(VERSION + "/{object_id}", delete_media, methods=["DELETE"]),
    Route(DOWNLOAD_PATH, download, methods=["GET"]),
]
