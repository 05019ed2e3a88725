"""`chatflow audit`: lists changes."""

from __future__ import annotations

import pytest

from tests.fakes.management.contents import ADMIN
from tests.unit.chatflow_cli.conftest import Chatflow

pytestmark = pytest.mark.usefixtures("logged_in")


def test_the_audit_tells_who_did_what(chatflow: Chatflow) -> None:
    _, row = chatflow("audit", "--since", "3d").out.splitlines()
    assert [word for word in (ADMIN, "publish_flow", "flow photo", "done") if word not in row] == []
