"""What every node type's Lambda answers, and what it logs."""

from __future__ import annotations

from dataclasses import asdict

import pytest

from chatflow.node_handler import handles
from chatflow.visits import Outcome
from tests.fakes.visit import a_visit

# What WhatsApp calls a message to 16505551234.
WAMID = "wamid.HBgLMTY1MDU1NTEyMzQVAgARGBI4"


def test_the_log_names_what_was_done_but_not_by_ids_that_spell_out_the_contacts_number(
    capsys: pytest.CaptureFixture[str],
) -> None:
    handler = handles(
        lambda _visit, _ports: Outcome(exit="sent", effects=({"effect": "say", "messages": [WAMID]},)),
        failure_exit="failed",
    )

    answer = handler(asdict(a_visit({})), None)

    assert answer["record"]["effects"] == [{"effect": "say", "messages": [WAMID]}]
    logged = capsys.readouterr().out
    assert '"effect":"say"' in logged
    assert WAMID not in logged
