"""Tries an integration: makes one call with sample values, as the node would, and reports it with masked secrets."""

from __future__ import annotations

import time
import uuid
from typing import Any

from chatflow.adapters.http.integration_calls import perform
from chatflow.errors import Refused
from chatflow.integrations.outcome import FAILURES, answer_variables, failure_reason, response_variable
from chatflow.integrations.request_building import build_call
from chatflow.integrations.response_mapping import map_response
from chatflow.media import object_keys
from chatflow.media.reference import is_media
from chatflow.nodes.ports import Answer, Call
from chatflow.templating import Scope
from integration_trial.dependencies import Dependencies
from integration_trial.masking import Mask
from integration_trial.recording import RecordingFetch
from integration_trial.trial_report import request_report, response_report

# The contact of a trial; the number belongs to nobody.
_SAMPLE = Scope(
    variables={},
    session={"id": "trial", "msisdn": "+10000000000"},
    contact={"name": "Sample Customer", "address": "+10000000000"},
)


def run_trial(request: dict[str, Any], dependencies: Dependencies) -> dict[str, Any]:
    """Make one call and return its report: request, response, attempts, exit, reason, error, variables.

    `request`: the `integration` as it is published, `parameters` (files are references to assets), `save_as`, and the
    value `exits` of the node that would make the call. Failures of the call are reported, never raised: an address
    inside the network, a missing secret, a secret that the host may not receive.
    """
    integration, save_as = request["integration"], request.get("save_as", "")
    mask = Mask()

    def secret(name: str) -> str:
        return mask.register(dependencies.secret(name, integration["url"]))

    scope = Scope(_SAMPLE.variables, _SAMPLE.session, _SAMPLE.contact, secret=secret)
    fetch = RecordingFetch(dependencies.fetch)
    call: Call | None = None
    answer: Answer | None = None
    value: Any = None
    error = ""
    started = time.monotonic()
    try:
        call = build_call(integration, request["parameters"], scope)
        _check_files(call)
        deadline = round((dependencies.now() + dependencies.seconds) * 1000)
        with dependencies.store() as store:
            answer = perform(
                call,
                fetch=fetch,
                store=store,
                key=f"trial/{uuid.uuid4()}",  # a new Idempotency-Key: each trial is a call of its own
                download_key="trial",
                deadline=deadline,
                clock=dependencies.retry_clock,
            )
        mapped = map_response(
            answer,
            integration,
            request.get("exits", ()),
            expired=lambda: dependencies.now() * 1000 >= deadline,
        )
        exit, reason, value, error = mapped.exit, mapped.reason, mapped.value, mapped.error
    except FAILURES as failure:
        exit, reason, error = "failure", failure_reason(failure), str(failure)
    seconds = time.monotonic() - started
    name = save_as or str(integration["name"]).replace("-", "_")
    variables = answer_variables(_without_key(value), save_as) if answer else {}
    report: dict[str, Any] = mask.masked(
        {
            "request": request_report(call, fetch.last) if call else None,
            "response": response_report(fetch.last, answer) if fetch.last and fetch.last.status else None,
            "attempts": [
                {"status": each.status or None, "error": each.error, "seconds": round(each.seconds, 3)}
                for each in fetch.exchanges
            ],
            "seconds": round(seconds, 3),
            "exit": exit,
            "reason": reason,
            "error": error,
            "variables": {**variables, **response_variable(name, answer.status if answer else 0, reason)},
        }
    )
    return report


def _check_files(call: Call) -> None:
    """Raises Refused for a file that is no asset: a parameter may look like a file of some conversation."""
    for part in call.parts:
        if part.file and not object_keys.is_asset(part.file.key):
            raise Refused(f"the part {part.name!r} names a file that is not of the library")


def _without_key(value: Any) -> Any:
    """A downloaded file is deleted when the trial ends, so its key is not reported."""
    return {name: each for name, each in value.items() if name != "key"} if is_media(value) else value
