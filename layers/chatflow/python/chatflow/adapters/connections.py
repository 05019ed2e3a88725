"""Pushes to the open WebSocket connections of a conversation's contact."""

from __future__ import annotations

import time
from typing import Any, Final

from chatflow.adapters.aws import client, is_outage
from chatflow.adapters.aws.errors import AwsUnreachable
from chatflow.adapters.dynamodb.connections import ConnectionTable
from chatflow.adapters.throttling import is_throttle
from chatflow.channels.connections import MAX_BYTES
from chatflow.errors import ChannelInDoubt, ChannelUnavailable, TooLarge

_READ_TIMEOUT: Final = 5.0  # seconds
_GONE: Final = 410  # also the answer about a connection whose handshake is under way
_OPENING_SECONDS: Final = 30  # for which a connection may be in its handshake; its $connect may take 29


def push(table: str, endpoint: str, conversation: str, body: bytes) -> int:
    """Push to every connection of the conversation; returns how many were reached. Forgets those that are gone.

    `endpoint` is the HTTPS address of the WebSocket API's stage. Where one connection is reached, trouble with another
    is no error, since a repetition would show the message twice. Raises as `chatflow.channels.connections.Push` says.
    """
    if len(body) > MAX_BYTES:
        raise TooLarge(f"a push holds {MAX_BYTES} bytes at most, not {len(body)}")
    connections = ConnectionTable(table)
    reached = 0
    trouble: list[Exception] = []
    for connection in connections.of(conversation):
        try:
            _post(endpoint, connection.id, body)
            reached += 1
        except Exception as error:
            if _is_gone(error):
                if connection.at < time.time() - _OPENING_SECONDS:
                    connections.remove(conversation, connection.id)
            elif is_outage(error):
                trouble.append(error)
            else:
                raise
    if trouble and not reached:
        if all(map(_was_not_taken, trouble)):
            raise ChannelUnavailable("API Gateway takes no pushes at the moment")
        raise ChannelInDoubt("a push had no answer that says whether it arrived")
    return reached


def _post(endpoint: str, id: str, body: bytes) -> None:
    # A second attempt would show a message twice that arrived without an answer.
    gateway = client("apigatewaymanagementapi", read_timeout=_READ_TIMEOUT, attempts=1, endpoint=endpoint)
    gateway.post_to_connection(ConnectionId=id, Data=body)


def _is_gone(error: Exception) -> bool:
    answer: Any = getattr(error, "response", None)
    return isinstance(answer, dict) and answer.get("ResponseMetadata", {}).get("HTTPStatusCode") == _GONE


def _was_not_taken(error: Exception) -> bool:
    """Whether the push was refused because of its rate, or nobody answered the call for it."""
    return is_throttle(error) or (isinstance(error, AwsUnreachable) and not error.sent)
