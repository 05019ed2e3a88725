"""What the business does about conversations, on the deployed stack: it begins, looks, stops, gives up, redrives."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from chatflow.adapters.aws import client
from chatflow.adapters.aws.botocore_clients import botocore_client
from chatflow.conversation.events import start_event
from local.description import Description
from local.user_pool import access_token
from local.whatsapp_simulator.phone import Phone

pytestmark = pytest.mark.slow

FLOW = "operated"
SAYS = {
    "type": "text",
    "seconds": 20,
    "waits": False,
    "config": {"say": "Repaired."},
    "exits": {"sent": "end", "failed": "end"},
}


class Api:
    """The management API, as an administrator of the stack."""

    def __init__(self, stack: Description) -> None:
        signed_in = access_token(stack, stack.admin_user, stack.admin_password)
        self._http = httpx.Client(
            base_url=stack.management_url,
            headers={"Authorization": f"Bearer {signed_in}"},
            timeout=60.0,
            trust_env=False,
        )

    def session(self, conversation: str) -> dict[str, Any]:
        """The newest session; empty before the first turn is saved, which is a moment after it is heard."""
        answer = self._http.get(f"conversations/{conversation}")
        return dict(answer.json()["session"]) if answer.status_code == 200 else {}

    def __call__(self, method: str, path: str, body: Any = None, status: int | None = None, **query: Any) -> Any:
        answer = self._http.request(method, path.lstrip("/"), json=body, params=query)
        assert answer.status_code == (status or (202 if method == "POST" else 200)), answer.text
        return answer.json() if answer.content else None


@pytest.fixture(scope="module")
def api(stack: Description) -> Api:
    return Api(stack)


@pytest.fixture
def whose(stack: Description, phone: Phone) -> dict[str, str]:
    return {"channel": "whatsapp", "account": stack.phone_number_id, "contact": phone.number}


@pytest.fixture
def conversation(api: Api, whose: dict[str, str]) -> str:
    return str(api("POST", "/conversations/find", whose, status=200)["conversation"])


def test_the_business_begins_a_flow_with_someone_who_wrote_lately(
    api: Api, phone: Phone, whose: dict[str, str], conversation: str, eventually: Callable[..., Any]
) -> None:
    start = {**whose, "flow": "damage-report"}
    assert api("POST", "/sessions", start, status=409)["type"].endswith("outside-window")
    phone.say("file")
    phone.receive()
    eventually(lambda: api.session(conversation).get("state") == "waiting")
    assert api("POST", "/sessions", start, status=409)["type"].endswith("session-running")

    api("POST", "/sessions", {**start, "variables": {"claim": "A 7"}, "replace": True})

    assert "What happened" in phone.receive()[0]["text"]
    eventually(lambda: api.session(conversation).get("flow") == "damage-report")
    shown = api("GET", f"/conversations/{conversation}")
    assert shown["session"]["variables"] == {"claim": "A 7"}
    assert [each["flow"] for each in shown["sessions"]] == ["damage-report", "one-file-in"]
    listed = api("GET", "/sessions", state="waiting", flow="damage-report", limit=100)["items"]
    assert shown["conversation"] in [each["conversation"] for each in listed]
    assert phone.number not in json.dumps([shown, listed])


def test_a_node_asks_again_is_given_up_and_the_session_stopped(
    api: Api, phone: Phone, conversation: str, eventually: Callable[..., Any]
) -> None:
    phone.say("damage")
    phone.receive()
    eventually(lambda: api.session(conversation).get("state") == "waiting")

    api("POST", f"/conversations/{conversation}/retry")
    assert "What happened" in phone.receive()[0]["text"]
    eventually(lambda: api.session(conversation).get("turn") == 2)

    api("POST", f"/conversations/{conversation}/give-up")
    phone.receive()  # what the exit `gave_up` leads to
    eventually(lambda: api.session(conversation).get("state") == "ended")

    phone.say("file")
    phone.receive()
    eventually(lambda: api.session(conversation).get("state") == "waiting")
    api("POST", f"/conversations/{conversation}/stop")
    eventually(lambda: api.session(conversation).get("state") == "ended")
    assert phone.poll() == []
    assert api("POST", f"/conversations/{conversation}/stop", status=409)["type"].endswith("session-not-running")

    turns = api("GET", f"/conversations/{conversation}/turns")["items"]
    assert [turn["event"]["kind"] for turn in turns] == ["message", "operator"]
    assert (turns[1]["event"]["action"], turns[1]["event"]["by"]) == ("stop", "admin@example.com")
    (message,) = turns[0]["visits"][0]["effects"][0]["messages"]
    assert message["status"] in ("sent", "delivered", "read", "unknown")
    assert "wamid" not in json.dumps(turns)


def test_a_dead_letter_is_listed_with_its_reason_redriven_and_refused_once_its_session_moved_on(
    stack: Description, api: Api, phone: Phone, conversation: str, eventually: Callable[..., Any]
) -> None:
    phone.say("file")
    phone.receive()
    eventually(lambda: api.session(conversation).get("state") == "waiting")
    conversation = api("GET", f"/conversations/{conversation}")["conversation"]  # the key of the user id

    publish(stack, 1, {"type": "no_such_type", "seconds": 20, "waits": False, "config": {}, "exits": {}})
    die(stack, phone, conversation, "first", 1)
    letter = the_letter(api, conversation)
    assert (letter["state"], letter["kind"], letter["node"]) == ("dead", "start", "ask_file")
    assert "UnknownNodeType" in letter["reason"]
    failures = [turn["failure"] for turn in api("GET", f"/conversations/{conversation}/turns")["items"]]
    assert [failure["reason"] for failure in failures if failure] == [letter["reason"]]

    publish(stack, 2, SAYS)
    api("POST", f"/dead-letters/{letter['id']}/redrive")
    assert phone.receive()[0]["text"] == "Repaired."
    eventually(lambda: api.session(conversation).get("flow") == FLOW)
    assert not letters(api, conversation)

    publish(stack, 3, {**SAYS, "type": "no_such_type"})
    die(stack, phone, conversation, "second", 3)
    phone.say("file")
    phone.receive()
    eventually(lambda: api.session(conversation).get("flow") == "one-file-in")
    letter = the_letter(api, conversation)
    assert letter["state"] == "stale"
    assert api("POST", f"/dead-letters/{letter['id']}/redrive", status=409)["type"].endswith("stale-letter")
    api("DELETE", f"/dead-letters/{letter['id']}", status=204)
    assert not letters(api, conversation)


def letters(api: Api, conversation: str) -> list[dict[str, Any]]:
    listed = api("GET", "/dead-letters", limit=100)["items"]
    return [letter for letter in listed if letter["conversation"] == conversation]


def the_letter(api: Api, conversation: str) -> dict[str, Any]:
    (letter,) = letters(api, conversation)
    return letter


def publish(stack: Description, version: int, node: dict[str, Any]) -> None:
    """Past every check, as no one else can: a flow whose only node works, or raises each time."""
    document = {
        "flow": FLOW,
        "version": version,
        "title": "A flow that is operated",
        "start": "only",
        "session": {"timeout": 600, "on_timeout": None},
        "retention_days": 30,
    }
    contents = {"live": ("document", document), f"v{version:06d}#only": ("slice", {"nodes": {"only": node}})}
    for item, (name, content) in contents.items():
        written = {"name": {"S": FLOW}, "item": {"S": item}, name: {"S": json.dumps(content)}}
        client("dynamodb").put_item(TableName=stack.outputs["FlowsTable"], Item=written)


def die(stack: Description, phone: Phone, conversation: str, unique: str, version: int) -> None:
    """Five tries, and the receive that sets the event aside, without the five minutes between them."""
    whose = {"channel": "whatsapp", "account": stack.phone_number_id, "contact": phone.number}
    event = start_event(
        f"{conversation}{unique}", conversation, **whose, flow=FLOW, variables={}, replace=True, version=version
    )
    for received in range(1, 7):
        record = {
            "body": json.dumps(event),
            "attributes": {"ApproximateReceiveCount": str(received)},
            "receiptHandle": "gone",
        }
        answer = botocore_client("lambda").invoke(
            FunctionName=stack.outputs["ConversationFunction"], Payload=json.dumps({"Records": [record]})
        )
        assert bool(answer.get("FunctionError")) == (received < 6)
