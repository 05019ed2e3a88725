"""The Bot API: `/bot<token>/<method>`, and the download of files below `/file/bot<token>/`."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from local.simulator.faults import cut_download
from local.simulator.multipart_upload import InvalidForm, is_form, read_upload
from local.simulator.wire_log import DETAILS
from local.telegram_simulator.bot_errors import BotError, bad_request
from local.telegram_simulator.business_messages import (
    SENDS,
    Upload,
    answer_callback_query,
    send_chat_action,
    send_file,
    send_message,
)
from local.telegram_simulator.message_rules import check_upload_size
from local.telegram_simulator.simulator import TelegramSimulator, telegram_of
from local.telegram_simulator.webhook_methods import delete_webhook, get_webhook_info, set_webhook

Json = dict[str, Any]
Method = Callable[[TelegramSimulator, Json], Any]


class FastFileResponse(FileResponse):
    """Larger chunks than Starlette's default, so that the simulator does not limit a measurement."""

    chunk_size = 1024 * 1024


def get_me(simulator: TelegramSimulator, _: Json) -> Json:
    groups = {"can_join_groups": True, "can_read_all_group_messages": False, "supports_inline_queries": False}
    return simulator.settings.bot() | groups


def get_file(simulator: TelegramSimulator, values: Json) -> Json:
    file = simulator.files.open_path(str(values.get("file_id") or ""))
    described = {"file_id": file.id, "file_unique_id": file.unique_id, "file_size": file.media.size}
    return described | {"file_path": file.path}


# Method names are case-insensitive. The operation is the name under which faults are planned.
METHODS: dict[str, tuple[str, Method]] = {
    "getme": ("bot", get_me),
    "getfile": ("lookup", get_file),
    "sendmessage": ("send", send_message),
    "sendchataction": ("send", send_chat_action),
    "answercallbackquery": ("answer", answer_callback_query),
    "setwebhook": ("bot", set_webhook),
    "deletewebhook": ("bot", delete_webhook),
    "getwebhookinfo": ("bot", get_webhook_info),
}
FILE_METHODS = {f"send{kind}": kind for kind in SENDS}


async def call_method(request: Request) -> Response:
    """Answer `{"ok": true, "result": ...}`, or the error that Telegram would answer."""
    return await _answered(request, _call)


async def download(request: Request) -> Response:
    return await _answered(request, _download)


async def perform(simulator: TelegramSimulator, method: str, values: Json) -> None:
    """Execute a method of a webhook's answer. Its result is told to nobody."""
    found = METHODS.get(method.lower())
    try:
        if method.lower() in FILE_METHODS:
            await run_in_threadpool(send_file, simulator, FILE_METHODS[method.lower()], values, None)
        elif found and not method.lower().startswith(("get", "setwebhook", "deletewebhook")):
            found[1](simulator, values)
    except BotError:
        return


async def _answered(request: Request, answer: Callable[[Request], Awaitable[Response]]) -> Response:
    try:
        if request.path_params["token"] != telegram_of(request).settings.token:
            raise BotError(401, "Unauthorized")
        return await answer(request)
    except BotError as error:
        headers = {"retry-after": str(error.retry_after)} if error.retry_after else {}
        return JSONResponse(error.body(), error.status, headers)


async def _call(request: Request) -> Response:
    simulator, method = telegram_of(request), str(request.path_params["method"]).lower()
    kind = FILE_METHODS.get(method)
    if kind is None and method not in METHODS:
        raise BotError(404, "Not Found: method not found")
    if kind is None:
        operation, function = METHODS[method]
    else:
        operation, function = "upload" if is_form(request) else "send", None
    check_upload_size(int(request.headers.get("content-length") or 0))
    fault = await simulator.faults.take(operation)
    if fault:
        request.scope[DETAILS]["fault"] = operation
    if fault and not fault.after:
        raise fault.error()
    values, upload = await _parameters(request, simulator)
    request.scope[DETAILS]["contact"] = str(values.get("chat_id") or "")
    if kind is not None:
        # In a thread, since a photo is decoded.
        result = await run_in_threadpool(send_file, simulator, kind, values, upload)
    else:
        assert function is not None  # noqa: S101 - narrows the type
        result = function(simulator, values)
    if fault:
        raise fault.error()
    return JSONResponse({"ok": True, "result": result})


async def _parameters(request: Request, simulator: TelegramSimulator) -> tuple[Json, Upload | None]:
    """Parameters of the query and of a body in any of the three forms; in a multipart form also one file."""
    values: Json = dict(request.query_params)
    if is_form(request):
        try:
            form, writer = await read_upload(request, simulator.media_store, _AnyName())
        except InvalidForm as error:
            raise bad_request(f"can't parse the multipart form: {error}") from error
        request.scope[DETAILS]["parts"] = form.parts
        if writer is None:
            return values | form.fields, None
        media = simulator.media_store.add(writer, form.mime, form.filename, str(simulator.settings.bot_id))
        return values | form.fields, Upload(form.part, media)
    if request.headers.get("content-type", "").startswith("application/json"):
        try:
            body = json.loads(await request.body() or b"{}")
        except ValueError:
            raise bad_request("can't parse JSON object") from None
        return values | (body if isinstance(body, dict) else {}), None
    async with request.form() as fields:
        return values | {name: value for name, value in fields.items() if isinstance(value, str)}, None


class _AnyName:
    """A file may come in a part of any name: `attach://<name>` refers to it."""

    def __contains__(self, _: object) -> bool:
        return True


async def _download(request: Request) -> Response:
    simulator = telegram_of(request)
    fault = await simulator.faults.take("download")
    file = simulator.files.at(str(request.path_params["path"]))
    # Telegram serves every file as bytes: the type that the sender gave is lost.
    response = FastFileResponse(file.media.path, media_type="application/octet-stream")
    if fault is None:
        return response
    request.scope[DETAILS]["fault"] = "download"
    if fault.cut >= 0:
        return cut_download(response, fault.cut)
    raise fault.error()


BOT_ROUTES = [
    Route("/bot{token}/{method}", call_method, methods=["GET", "POST"]),
    Route("/file/bot{token}/{path:path}", download, methods=["GET"]),
]
