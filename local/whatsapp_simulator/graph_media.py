"""Media on the Graph side: upload, lookup, removal, download."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response

from local.whatsapp_simulator.graph_guard import guarded, own_number
from local.whatsapp_simulator.handset import handset_of
from local.whatsapp_simulator.media_rules import check_upload_size, check_upload_type
from local.whatsapp_simulator.media_shelf import CUSTOMER, Media
from local.whatsapp_simulator.message_rules import check_product
from local.whatsapp_simulator.refusals import Refusal, invalid, no_such_object
from local.whatsapp_simulator.upload import receive_upload
from local.whatsapp_simulator.wire_capture import NOTES


class FastFileResponse(FileResponse):
    """Larger steps than Starlette's own, so that the stand-in is not what a measurement sees."""

    chunk_size = 1024 * 1024


@guarded("upload")
async def post_media(request: Request) -> Response:
    shelf, number_id = handset_of(request).shelf, own_number(request)
    upload, writer = await receive_upload(request, shelf)
    request.scope[NOTES]["parts"] = upload.parts
    mime = upload.fields.get("type") or upload.mime
    try:
        check_product(upload.fields)
        check_upload_type(mime)
        check_upload_size(mime, writer.size)
    except Refusal:
        writer.discard()
        raise
    return JSONResponse({"id": shelf.keep(writer, mime, upload.filename, number_id).id})


@guarded("lookup")
async def get_media(request: Request) -> Response:
    media = _asked_for(request)
    about = {"url": handset_of(request).address(media), "mime_type": media.mime, "sha256": media.hex}
    return JSONResponse({**about, "file_size": media.size, "id": media.id, "messaging_product": "whatsapp"})


@guarded("lookup")
async def delete_media(request: Request) -> Response:
    handset_of(request).shelf.remove(_asked_for(request).id)
    return JSONResponse({"success": True})


@guarded("download")
async def download(request: Request) -> Response:
    query = request.query_params
    media = handset_of(request).shelf.opened(query.get("mid", ""), query.get("ext", ""), query.get("hash", ""))
    if media is None:
        return Response("URL signature expired or not found", 404, media_type="text/plain")
    return FastFileResponse(media.path, media_type=media.mime)


def _asked_for(request: Request) -> Media:
    """The media that the path names, when the phone number of the query may see it; raises Refusal."""
    media = handset_of(request).shelf.find(request.path_params["object_id"])
    if media is None:
        raise no_such_object(request.method, request.path_params["object_id"])
    number_id = request.query_params.get("phone_number_id")
    if number_id is None or number_id == media.owner:
        return media
    settings = handset_of(request).settings
    if media.owner == CUSTOMER and number_id == settings.phone_number_id and not settings.lookup_refuses_number:
        return media
    raise invalid("Param phone_number_id is not a valid whatsapp business phone number id ID")
