"""botocore's clients, for what no customer waits for: the management API, publishing, deploys. Decision record 0010.

One for each service, created on first use and cached for the process.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from chatflow.adapters import throttling
from chatflow.adapters.aws.emulation import is_emulated


@cache
def botocore_client(service: str, *, read_timeout: float = 10.0, attempts: int = 3) -> Any:
    """A low-level client. `read_timeout` is in seconds. With `attempts` 1, a call is only retried if it was throttled.

    S3 signs with version 4, since its older default signs no URL for an encrypted bucket. It addresses the bucket at
    the host of its region: the worldwide host redirects for a day after a bucket was created, which a browser's upload
    does not survive. In us-east-1, too, that host has the region's name, as the console's Content-Security-Policy lists
    it.
    """
    with _without_garbage_collection():
        from botocore.config import Config

        config = Config(
            read_timeout=read_timeout,
            connect_timeout=3.0,
            retries={"total_max_attempts": attempts, "mode": "standard"},
            signature_version="s3v4" if service == "s3" else None,
            s3={
                "addressing_style": "path" if is_emulated() else "virtual",
                "us_east_1_regional_endpoint": "regional",
            },
        )
        made = session().create_client(service, config=config)
        _repeat_throttled_calls(made)
        from chatflow.adapters.aws.botocore_connections import AwsConnections

        # botocore has no parameter for what a client sends with. An answer to `before-send` would not replace it: all
        # handlers of that event run, so what a test answers would be sent as well. Decision record 0038.
        verify = made._endpoint.http_session._verify  # True, or the file that AWS_CA_BUNDLE or a profile names
        made._endpoint.http_session = AwsConnections(
            made.meta.endpoint_url, "" if verify is True else verify, read_timeout=read_timeout, once=attempts == 1
        )
        return made


def _repeat_throttled_calls(client: Any) -> None:
    """Register a hook that comes before botocore's own decision, and leaves all else to it."""

    def delay(response: Any, attempts: int, request_dict: dict[str, Any], **_: Any) -> float | None:
        if response is None or not throttling.is_throttled(response[1]):
            return None
        # Each request has a context of its own, which botocore hands to all of its attempts.
        context = request_dict.get("context", {})
        started = context.setdefault("chatflow_started", time.time())
        return throttling.pause_before(attempts + 1, started)

    client.meta.events.register_first(f"needs-retry.{client.meta.service_model.service_id.hyphenize()}", delay)


@cache
def session() -> Any:
    """The session of all clients. boto3 around it costs a tenth of a cold start, and adds nothing that we use.

    It has botocore's own handlers, except for those of services that are not there, and those that write documentation:
    in Lambda, that is three fifths of them, and registering one takes as long as registering another.
    """
    from botocore.handlers import BUILTIN_HANDLERS, REGISTER_FIRST, REGISTER_LAST
    from botocore.session import Session

    made = Session(include_builtin_handlers=False)
    services = {"*", *made.get_available_services()}
    events = made.get_component("event_emitter")
    register = {REGISTER_FIRST: events.register_first, REGISTER_LAST: events.register_last}
    for name, handler, *place in BUILTIN_HANDLERS:
        event, *service = name.split(".", maxsplit=2)
        if event != "docs" and (not service or service[0] in services):
            (register[place[0]] if place else events.register)(name, handler)
    return made


@contextmanager
def _without_garbage_collection() -> Iterator[None]:
    """Importing botocore creates a hundred thousand objects that stay; a collection would find no garbage."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
