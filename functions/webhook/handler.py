"""The Lambda function `webhook`: answers the routes without sign-in, which are the channels' webhooks and pages."""

from __future__ import annotations

import base64
import re
import time
from functools import cache
from typing import Any, cast

from chatflow import metrics
from chatflow.adapters import sqs, status_queue
from chatflow.adapters.channel_accounts import ChannelAccounts
from chatflow.adapters.first_event import collecting_afterwards
from chatflow.adapters.secrets import secret_text
from chatflow.channels import manifest
from chatflow.channels.public_routes import RouteRequest
from chatflow.errors import ChatflowError
from chatflow.logs import logger
from chatflow.settings import WebhookSettings
from webhook.public_routes import PublicAnswer, page_file, refused, route
from webhook.receive import Dependencies, Received, WebhookAdapter, answer_handshake, receive

_SERVICE = "webhook"  # a dimension of its metrics
_PUBLIC = ("file", "path")  # variables of the paths in infrastructure/api/channel_paths.py


@collecting_afterwards
def lambda_handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Answer one request of API Gateway (payload format 2.0)."""
    channel = event["pathParameters"]["channel"]
    about = {"channel": channel if re.fullmatch(r"[a-z_]{1,32}", channel) else "?"}
    if not event["pathParameters"].keys().isdisjoint(_PUBLIC):
        return _public_response(event, channel, about)
    try:
        received = _answer(event, channel)
    except ChatflowError as error:
        logger.warning("webhook not taken", extra={**about, "reason": type(error).__name__, "detail": str(error)})
        metrics.count({"NotTaken": 1}, service=_SERVICE)
        return {"statusCode": 503, "body": ""}
    counts = {name.title().replace("_", ""): count for name, count in received.counts.items()}
    metrics.count({**counts, **({"Problems": 1} if received.problem else {})}, service=_SERVICE)
    if received.problem:
        logger.warning("webhook problem", extra={**about, "problem": received.problem, "status": received.status})
    else:
        logger.info("webhook", extra={**about, **received.counts})
    content_type = "application/json" if received.json else "text/plain"
    return {"statusCode": received.status, "headers": {"content-type": content_type}, "body": received.body}


def _answer(event: dict[str, Any], channel: str) -> Received:
    account = event["pathParameters"].get("account")
    if event["requestContext"]["http"]["method"] == "GET":
        return answer_handshake(_dependencies(), channel, event.get("queryStringParameters") or {}, account)
    try:
        raw = _body(event)
    except ValueError:  # nothing whose signature could be verified
        return Received(400, problem="body_not_readable")
    return receive(_dependencies(), channel, _headers(event), raw, account)


def _public_response(event: dict[str, Any], channel: str, about: dict[str, str]) -> dict[str, Any]:
    """Answer a request to what a channel's manifest requests: its page, or routes of its own."""
    try:
        answer = _public_answer(event, channel)
    except ChatflowError as error:
        logger.warning("public route failed", extra={**about, "reason": type(error).__name__, "detail": str(error)})
        answer = refused(503, "failed")
    metrics.count({"PublicRefusals" if answer.problem else "PublicRequests": 1}, service=_SERVICE)
    logger.info("public route", extra={**about, "status": answer.status, "problem": answer.problem})
    body = base64.b64encode(answer.body).decode()
    return {"statusCode": answer.status, "headers": dict(answer.headers), "body": body, "isBase64Encoded": True}


def _public_answer(event: dict[str, Any], channel: str) -> PublicAnswer:
    parameters = event["pathParameters"]
    if "file" in parameters:
        return page_file(channel, parameters["file"])
    account = parameters["account"]
    try:
        request = RouteRequest(
            method=event["requestContext"]["http"]["method"],
            account=account,
            path=parameters["path"],
            query=event.get("queryStringParameters") or {},
            headers=_headers(event),
            body=_body(event),
            now=int(time.time()),
        )
    except ValueError:
        return refused(400, "body_not_readable")
    return route(channel, request, lambda: _dependencies().accounts.of_path(channel, account))


def _body(event: dict[str, Any]) -> bytes:
    """The body's bytes. Raises ValueError for what is no base64, and for half a surrogate pair."""
    body = event.get("body") or ""
    return base64.b64decode(body) if event.get("isBase64Encoded") else body.encode()


def _headers(event: dict[str, Any]) -> dict[str, str]:
    return {name.lower(): value for name, value in event.get("headers", {}).items()}


@cache
def _dependencies() -> Dependencies:
    settings = WebhookSettings.from_environment()
    return Dependencies(
        webhook_adapter=_webhook_adapter,
        posts=lambda name: manifest.load(name).posts,
        accounts=ChannelAccounts(settings.channel_secret_prefix),
        conversation_secret=lambda: secret_text(settings.conversation_secret),
        queue=lambda events: sqs.send(settings.events_queue_url, events),
        queue_statuses=lambda statuses: status_queue.send(settings.statuses_queue_url, statuses),
    )


def _webhook_adapter(channel: str) -> WebhookAdapter | None:
    """The channel's `webhook` module, None for an unknown channel."""
    return cast(WebhookAdapter, manifest.part(channel, "webhook")) if channel in manifest.names() else None
