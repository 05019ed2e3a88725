"""What every node type's Lambda answers, and what it logs."""

from __future__ import annotations

from dataclasses import asdict

import pytest

from chatflow.adapters.aws.errors import AwsRefused
from chatflow.adapters.node_handler import handler_for
from chatflow.errors import Throttled
from chatflow.nodes.contract import Outcome, Visit
from chatflow.nodes.ports import Ports
from tests.fakes.visit import a_visit

# What WhatsApp calls a message to 16505551234.
WAMID = "wamid.HBgLMTY1MDU1NTEyMzQVAgARGBI4"


def test_the_log_names_what_was_done_but_not_by_ids_that_spell_out_the_contacts_number(
    capsys: pytest.CaptureFixture[str],
) -> None:
    handler = handler_for(
        lambda _visit, _ports: Outcome(exit="sent", effects=({"effect": "say", "messages": [WAMID]},)),
        failure_exit="failed",
    )

    answer = handler(asdict(a_visit({})), None)

    assert answer["record"]["effects"] == [{"effect": "say", "messages": [WAMID]}]
    logged = capsys.readouterr().out
    assert '"effect":"say"' in logged
    assert WAMID not in logged


def test_a_node_whose_calls_are_throttled_fails_under_a_name_that_says_so() -> None:
    refused = AwsRefused({"Error": {"Code": "ProvisionedThroughputExceededException"}}, "PutItem")

    def rule(_visit: Visit, _ports: Ports) -> Outcome:
        raise refused

    with pytest.raises(Throttled):
        handler_for(rule, failure_exit="failed")(asdict(a_visit({})), None)
    refused.response["Error"]["Code"] = "AccessDenied"
    with pytest.raises(AwsRefused):
        handler_for(rule, failure_exit="failed")(asdict(a_visit({})), None)
