"""A deploy and a rollback in mid-conversation: each release reads what the other wrote, and nothing is lost."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from chatflow.adapters.aws import client
from local.business_api.client import Business, sha256
from local.description import Description
from local.whatsapp_simulator.phone import Phone

pytestmark = pytest.mark.slow

# The next release: it stores fields that the present one does not know, and queues events with more of them.
NEXT_RELEASE = """

from chatflow.adapters import sqs as _sqs
from chatflow.conversation.session import Session as _Session

_to_json, _event_body = _Session.to_json, _sqs.event_body


def _with_more(session):
    data = {**_to_json(session), "of_the_next_release": {"deep": [1]}}
    if "waiting" in data:
        data["waiting"] = {**data["waiting"], "of_the_next_release": True}
    return data


_Session.to_json = _with_more
_sqs.event_body = lambda event: _event_body({**event, "of_the_next_release": [1]})
"""


@pytest.fixture
def release(stack: Description) -> Iterator[Callable[[bool], None]]:
    """Deploys the next release of the conversation function (true), or rolls it back; rolled back in the end."""
    function = stack.outputs["ConversationFunction"]
    location = client("lambda").get_function(FunctionName=function)["Code"]["Location"]
    present = httpx.get(location, trust_env=False, timeout=60.0).content

    def deploy(next_release: bool) -> None:
        code = with_handler(present, NEXT_RELEASE) if next_release else present
        client("lambda").update_function_code(FunctionName=function, ZipFile=code)

    try:
        yield deploy
    finally:
        deploy(False)


def with_handler(archive: bytes, more: str) -> bytes:
    """The package with more source at the end of its handler, and without the byte-code that would be run instead."""
    changed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as old, zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as new:
        handler = next(name for name in old.namelist() if name.endswith("handler.py"))
        for name in old.namelist():
            if name.endswith(".pyc"):
                continue
            data = old.read(name)
            new.writestr(name, data + more.encode() if name == handler else data)
    return changed.getvalue()


def stored_session(stack: Description, phone: Phone) -> dict[str, Any]:
    items = client("dynamodb").scan(TableName=stack.outputs["SessionsTable"])["Items"]
    rows = [item for item in items if item["item"]["S"] == "session" and "moved_to" not in item]
    sessions = [json.loads(item["document"]["S"]) for item in rows]
    return next((session for session in sessions if session["contact"] == phone.number), {})


def test_a_conversation_goes_on_through_a_deploy_and_a_rollback(
    stack: Description,
    *,
    phone: Phone,
    business: Business,
    samples: Path,
    eventually: Callable[..., Any],
    release: Callable[[bool], None],
) -> None:
    phone.say("files")
    phone.receive()
    # The emulator kills a worker whose code is replaced; on AWS it ends its turn first.
    eventually(lambda: stored_session(stack, phone).get("at") == "ask_first")
    release(True)
    phone.send(samples / "photo-1.jpg", kind="image")
    assert "Now the second one" in phone.receive()[0]["text"]
    eventually(lambda: stored_session(stack, phone).get("of_the_next_release"))

    release(False)
    phone.send(samples / "photo-2.jpg", kind="image")
    phone.receive()
    eventually(lambda: stored_session(stack, phone).get("at") == "ask_third")
    assert "of_the_next_release" not in stored_session(stack, phone)

    release(True)
    phone.send(samples / "photo-1.jpg", kind="image")
    phone.receive()
    eventually(lambda: stored_session(stack, phone).get("state", "ended") == "ended")

    sent = [sha256((samples / name).read_bytes()) for name in ("photo-1.jpg", "photo-2.jpg", "photo-1.jpg")]
    eventually(lambda: len(business.uploads()) == 3)
    assert [upload["sha256"] for upload in business.uploads()] == sent
