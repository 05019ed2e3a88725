"""One call with sample values, made by the very code that a node uses, and told in full: with secrets masked."""

from __future__ import annotations

import time
import uuid
from typing import Any

from chatflow.adapters.http.integration_calls import perform
from chatflow.errors import Refused
from chatflow.integrations.outcome import FAILURES, kept, reason_of, response
from chatflow.integrations.request_building import build
from chatflow.integrations.response_mapping import read
from chatflow.media.reference import is_media
from chatflow.nodes.ports import Answer, Call
from chatflow.templating import Scope
from integration_trial.dependencies import World
from integration_trial.masking import Mask
from integration_trial.recording import RecordingFetch
from integration_trial.trial_report import told_request, told_response

# Who a trial talks to; nobody's number.
_SAMPLE = Scope(
    variables={},
    session={"id": "trial", "msisdn": "+10000000000"},
    contact={"name": "Sample Customer", "address": "+10000000000"},
)


def run(asked: dict[str, Any], world: World) -> dict[str, Any]:
    """`asked`: the `integration` as it is published, `parameters` (files are references to the library), `save_as` and
    the value `exits` of the node that would make the call.

    What goes wrong with the call is told, never raised: an address inside the network, a secret that is not there.
    """
    integration, save_as = asked["integration"], asked.get("save_as", "")
    mask = Mask()
    scope = Scope(_SAMPLE.variables, _SAMPLE.session, _SAMPLE.contact, lambda name: mask.hiding(world.secret(name)))
    fetch = RecordingFetch(world.fetch)
    call: Call | None = None
    answer: Answer | None = None
    value: Any = None
    error = ""
    began = time.monotonic()
    try:
        call = build(integration, asked["parameters"], scope)
        _refuse_strange_files(call)
        deadline = round((world.now() + world.seconds) * 1000)
        with world.store() as store:
            key = f"trial/{uuid.uuid4()}"  # each trial is a call of its own, also to an API that knows repetitions
            answer = perform(call, fetch=fetch, store=store, key=key, keep="trial", deadline=deadline, pace=world.pace)
        reading = read(answer, integration, asked.get("exits", ()))
        exit, reason, value = reading.exit, reading.reason, reading.value
    except FAILURES as failure:
        exit, reason, error = "failure", reason_of(failure), str(failure)
    seconds = time.monotonic() - began
    name = save_as or str(integration["name"]).replace("-", "_")
    variables = kept(_without_key(value), save_as) if answer else {}
    told: dict[str, Any] = mask.masked(
        {
            "request": told_request(call, fetch.last) if call else None,
            "response": told_response(fetch.last, answer) if fetch.last and fetch.last.status else None,
            "attempts": [
                {"status": each.status or None, "error": each.error, "seconds": round(each.seconds, 3)}
                for each in fetch.exchanges
            ],
            "seconds": round(seconds, 3),
            "exit": exit,
            "reason": reason,
            "error": error,
            "variables": {**variables, **response(name, answer.status if answer else 0, reason)},
        }
    )
    return told


def _refuse_strange_files(call: Call) -> None:
    """A parameter may look like a file of some conversation; only the library's are tried."""
    for part in call.parts:
        if part.file and not part.file.key.startswith("asset/"):
            raise Refused(f"the part {part.name!r} names a file that is not of the library")


def _without_key(value: Any) -> Any:
    """What was downloaded is gone when the trial ends: it has no place that could be named."""
    return {name: each for name, each in value.items() if name != "key"} if is_media(value) else value
