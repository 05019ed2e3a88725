"""Calls stay outside: the table of `tests.security.table`, in a network where everything hostile really answers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import pytest

from tests.programs import PATH, program, skip, skip_without
from tests.security.table import INTERNAL, Row, rows

ROOT = Path(__file__).parents[2]
TABLE = rows()
pytestmark = pytest.mark.slow
Found = dict[str, Any]


def _namespaces() -> list[str]:
    """The command before a command that gives it a network and mounts of its own, as root in there."""
    rights = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    return ["unshare", *rights, "--net", "--mount"]


def _impossible() -> str:
    """Why this machine has no namespaces; "" when it has."""
    if sys.platform != "linux" or not program("unshare"):
        return "network namespaces are Linux's"
    tried = subprocess.run([*_namespaces(), "true"], capture_output=True, text=True, timeout=20, check=False)
    return tried.stderr.strip() if tried.returncode else ""


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Found:
    """What came of every row; made once, in one process."""
    if why := _impossible():
        message = f"NOT TESTED: whether calls stay outside. This machine has no network namespaces: {why}"
        warnings.warn(message, stacklevel=1)
        skip(message)
    skip_without("ip")
    environment = {"PATH": PATH, "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])}
    run = subprocess.run(
        [
            *_namespaces(),
            sys.executable,
            "-m",
            "tests.security.isolated_network",
            str(tmp_path_factory.mktemp("w") / "resolv.conf"),
        ],
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
        env=environment,
        cwd=ROOT,
    )
    assert run.returncode == 0, run.stderr
    answer: Found = json.loads(run.stdout)
    return answer


def test_whoever_does_not_look_reaches_everything_internal(found: Found) -> None:
    assert found["unguarded"]["reached"] == list(INTERNAL)
    assert [said.split()[0] for said in found["unguarded"]["said"]] == ["SECRET"] * 4


def test_a_call_goes_where_it_may_and_nowhere_else(found: Found) -> None:
    """Every row of the table; those that are not as it says are listed."""
    wrong = {row.id: came for row in TABLE if not _as_said(row, came := found["rows"][row.id])}
    assert wrong == {}


def _as_said(row: Row, came: Found) -> bool:
    return (
        came["comes_to"] == row.comes_to
        and len(came["internal"]) == row.internal
        and row.queries in (None, came["queries"])
        and row.requests in (None, len(came["said"]))
    )


def test_no_connection_to_an_internal_address_came_late(found: Found) -> None:
    assert len(found["hits"]) == sum(row.internal for row in TABLE)


def test_credentials_stay_with_the_origin_that_they_were_for(found: Found) -> None:
    (_, first), (_, second) = found["rows"]["sent on to a public host"]["said"]
    assert (first["authorization"], first["cookie"], first["x-api-key"]) == ("Bearer t0p", "a=b", "k3y")
    assert second.keys() & {"authorization", "cookie", "x-api-key"} == set()
    assert second["accept"] == "text/plain"
    assert second["host"] == "alias.claims.example"


def test_the_rows_have_names_of_their_own() -> None:
    assert len({row.id for row in TABLE}) == len(TABLE)
