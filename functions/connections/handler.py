"""The Lambda function `connections`: opens and closes WebSocket connections of contacts.

It is deployed only where a channel requests `push`. Its log has a line for each connection instead of an access log of
the API, and neither the query nor the headers, which contain a token.
"""

from __future__ import annotations

import re
import time
from functools import cache
from typing import Any

from chatflow.adapters.channel_accounts import ChannelAccounts
from chatflow.adapters.dynamodb.connections import ConnectionTable
from chatflow.adapters.secrets import CACHE_SECONDS, secret_text
from chatflow.channels.connections import ConnectRequest
from chatflow.conversation.events import conversation_key
from chatflow.errors import ChatflowError
from chatflow.logs import logger
from chatflow.settings import ConnectionsSettings
from connections.admission import Admission, admit


def lambda_handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """Answer `$connect`, where any status but 200 refuses the connection, or `$disconnect`, whose answer is ignored."""
    id = event["requestContext"]["connectionId"]
    if event["requestContext"]["eventType"] == "DISCONNECT":
        _table().remove_by_id(id)
        logger.info("disconnected")
        return {"statusCode": 200}
    query = event.get("queryStringParameters") or {}
    channel = query.get("channel", "")
    about = {"channel": channel if re.fullmatch(r"[a-z_]{1,32}", channel) else "?"}
    try:
        admission = _connect(id, channel, query, event.get("headers") or {})
    except ChatflowError as error:
        logger.warning("connection failed", extra={**about, "reason": type(error).__name__, "detail": str(error)})
        return {"statusCode": 503}
    logger.info("connection", extra={**about, "status": admission.status, "problem": admission.problem})
    return {"statusCode": admission.status}


def _connect(id: str, channel: str, query: dict[str, str], headers: dict[str, str]) -> Admission:
    now, account = int(time.time()), query.get("account", "")
    request = ConnectRequest(account, query, {name.lower(): value for name, value in headers.items()}, now)
    admission = admit(channel, request, lambda max_age: _secret(channel, account, max_age))
    if admission.status == 200:
        key = secret_text(_settings().conversation_secret)
        _table().add(conversation_key(key, channel, account, admission.contact), id, now)
    return admission


def _secret(channel: str, account: str, max_age: float | None) -> Any:
    return _accounts().of_path(channel, account, max_age=CACHE_SECONDS if max_age is None else max_age)


def _table() -> ConnectionTable:
    return ConnectionTable(_settings().connections_table)


@cache
def _accounts() -> ChannelAccounts:
    return ChannelAccounts(_settings().channel_secret_prefix)


@cache
def _settings() -> ConnectionsSettings:
    return ConnectionsSettings.from_environment()
