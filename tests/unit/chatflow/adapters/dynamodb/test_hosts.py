"""Slots and breakers in the table `hosts`, on DynamoDB as moto plays it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from chatflow.adapters import aws, throttling
from chatflow.adapters.aws.errors import AwsRefused
from chatflow.adapters.dynamodb import hosts
from chatflow.adapters.dynamodb.effects import Effects
from chatflow.adapters.dynamodb.hosts import RECORD_SECONDS, HostSlot, cell_key
from chatflow.errors import (
    HostBusy,
    HostOpen,
    InDoubt,
    MediaRejected,
    NotPublished,
    OwnTrouble,
    Refused,
    Throttled,
    TooLarge,
    Unavailable,
)
from chatflow.integrations.host_health import (
    ANSWERS_TO_CLOSE,
    MAX_LEASE_SECONDS,
    MAX_OPEN_SECONDS,
    WINDOW_SECONDS,
    Health,
)
from tests.fakes.aws_account import counted_calls, refused
from tests.fakes.visit import NOW, a_visit

HOST = "api.example.com:443"


class Clock:
    now = NOW / 1000

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(autouse=True)
def _new_process() -> Iterator[None]:
    hosts._open_until.clear()
    yield
    hosts._open_until.clear()


@pytest.fixture
def slot(table: Callable[..., str], clock: Clock) -> Callable[..., HostSlot]:
    name = table("hosts", "cell")

    def make(calls: int = 2, host: str = HOST) -> HostSlot:
        return HostSlot(name, host, calls, int(clock.now * 1000) + 60_000, clock)

    return make


@pytest.fixture
def effects(table: Callable[..., str]) -> Callable[[str], Effects]:
    name = table("effects", "effect")
    return lambda event: Effects(name, a_visit({}, event={"id": event, "kind": "message"}))


def rows() -> dict[str, Any]:
    return {row["cell"]["S"]: row for row in aws.client("dynamodb").scan(TableName="hosts")["Items"]}


def leases() -> int:
    return sum(len(row.get("leases", {}).get("SS", ())) for row in rows().values())


def effect_rows() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = aws.client("dynamodb").scan(TableName="effects")["Items"]
    return found


def fail(slot: Callable[..., HostSlot], health: Health = "failure", calls: int = 2) -> HostSlot:
    failing = slot(calls)
    failing.take()
    failing.give_back(health)
    return failing


def taken_until_full(slot: Callable[..., HostSlot], calls: int, most: int | None = None) -> list[HostSlot]:
    """Slots, taken until a few more calls than there is room for were refused, or ever so many."""
    inside: list[HostSlot] = []
    refused = 0
    for _ in range(20 * calls):  # a call asks a few cells only, drawn by chance
        trying = slot(calls)
        try:
            trying.take()
            inside.append(trying)
        except HostBusy:
            refused += len(inside) >= (most or calls)
            if refused == 10:
                break
    return inside


@pytest.mark.parametrize("calls", [1, 2, 4, 5, 25])
def test_as_many_calls_as_may_be_are_at_a_host_and_no_more(slot: Callable[..., HostSlot], calls: int) -> None:
    inside = taken_until_full(slot, calls)
    assert len(inside) == leases() == calls
    for each in inside:
        each.give_back("success")
    assert leases() == 0


def test_hosts_do_not_share_slots(slot: Callable[..., HostSlot]) -> None:
    slot(1).take()
    slot(1, "other.example.com:443").take()
    with pytest.raises(HostBusy):
        slot(1).take()


def test_a_dead_worker_s_slot_is_free_when_its_lease_has_expired(slot: Callable[..., HostSlot], clock: Clock) -> None:
    slot(1).take()
    clock.now += 30
    with pytest.raises(HostBusy):
        slot(1).take()
    clock.now += MAX_LEASE_SECONDS
    slot(1).take()
    assert leases() == 1


def test_a_lease_of_a_clock_that_is_a_day_ahead_keeps_no_slot(slot: Callable[..., HostSlot], clock: Clock) -> None:
    clock.now += 86_400
    slot(1).take()
    clock.now -= 86_400
    slot(1).take()
    assert leases() == 1


def test_a_slot_is_taken_with_the_effect_or_not_at_all(
    slot: Callable[..., HostSlot], effects: Callable[[str], Effects]
) -> None:
    slot(1).take()
    with pytest.raises(HostBusy):
        effects("wamid.1").call("call", lambda: {"status": 200}, slot(1))
    assert effect_rows() == []


def test_a_call_takes_two_transactions_and_no_other_call(
    slot: Callable[..., HostSlot], effects: Callable[[str], Effects]
) -> None:
    calling = slot()

    def act() -> dict[str, Any]:
        calling.health = "success"
        return {"status": 200}

    with counted_calls() as made:
        assert effects("wamid.1").call("call", act, calling) == {"status": 200}
    assert made == ["dynamodb:TransactWriteItems"] * 2
    assert leases() == 0
    assert [row["result"] for row in effect_rows()] == [{"S": '{"status":200}'}]


def test_a_repeated_call_takes_no_slot_and_returns_what_was_stored(
    slot: Callable[..., HostSlot], effects: Callable[[str], Effects]
) -> None:
    effects("wamid.1").call("call", lambda: {"status": 200}, slot())
    other = slot(1)
    other.take()
    assert effects("wamid.1").call("call", lambda: {"never": True}, slot(1)) == {"status": 200, "repeated": True}
    assert leases() == 1


def test_a_call_whose_worker_died_is_made_again_with_a_slot_of_its_own(
    slot: Callable[..., HostSlot], effects: Callable[[str], Effects]
) -> None:
    def dies() -> dict[str, Any]:
        raise SystemExit

    with pytest.raises(SystemExit):
        effects("wamid.1").call("call", dies, slot(2))
    assert effects("wamid.1").call("call", lambda: {"status": 200}, slot(2)) == {"status": 200}
    assert leases() == 1  # the dead one's, until it expires
    with pytest.raises(SystemExit):
        effects("wamid.2").call("call", dies, slot(2))


@pytest.mark.parametrize("trouble", ["no slot is free", "the host is open"])
def test_a_doubt_about_the_earlier_call_remains_when_no_slot_can_be_had_now(
    slot: Callable[..., HostSlot], effects: Callable[[str], Effects], trouble: str
) -> None:
    def dies() -> dict[str, Any]:
        raise SystemExit

    with pytest.raises(SystemExit):
        effects("wamid.1").call("call", dies, slot(2))
    if trouble == "no slot is free":
        slot(2).take()
    else:
        fail(slot), fail(slot)
        hosts._open_until.clear()  # another process
    with pytest.raises(InDoubt):
        effects("wamid.1").call("call", lambda: {"never": True}, slot(2))
    assert len(effect_rows()) == 1


@pytest.mark.parametrize(
    ("error", "recorded", "counted"),
    [
        (InDoubt("no answer"), 1, "bad"),
        (Unavailable("refused"), 0, "bad"),
        (TooLarge("the answer"), 0, "good"),
        (MediaRejected("type", "This is no photo."), 0, "good"),
        (Refused("no such header"), 0, ""),
        (NotPublished("the file is gone"), 0, ""),
        (OwnTrouble("S3 answered 503"), 0, ""),
        (Throttled("a call of ours"), 0, ""),
    ],
)
def test_a_call_that_fails_gives_its_slot_back(
    slot: Callable[..., HostSlot], effects: Callable[[str], Effects], error: Exception, recorded: int, counted: str
) -> None:
    def act() -> dict[str, Any]:
        raise error

    with pytest.raises(type(error)):
        effects("wamid.1").call("call", act, slot())
    assert leases() == 0
    assert len(effect_rows()) == recorded
    (row,) = rows().values()
    assert {name for name in ("good", "slow", "bad") if row.get(name) == {"N": "1"}} == ({counted} - {""})


def test_a_host_that_fails_is_called_no_more_for_a_moment(slot: Callable[..., HostSlot]) -> None:
    assert [fail(slot).opened for _ in range(2)] == [False, True]
    with pytest.raises(HostOpen):
        slot().take()
    hosts._open_until.clear()  # another process
    with pytest.raises(HostOpen):
        slot().take()
    assert leases() == 0


def test_our_own_trouble_opens_no_host_and_closes_none(slot: Callable[..., HostSlot], clock: Clock) -> None:
    for _ in range(20):
        assert not fail(slot, "unknown").opened
    fail(slot), fail(slot)
    for _ in range(20):
        clock.now += MAX_OPEN_SECONDS
        fail(slot, "unknown")
    probe = slot()
    probe.take()
    with pytest.raises(HostOpen):
        slot().take()


@pytest.mark.parametrize("since", [0, NOW // 1000 - WINDOW_SECONDS])
def test_failures_that_come_while_the_counting_begins_are_counted(
    slot: Callable[..., HostSlot], monkeypatch: pytest.MonkeyPatch, since: int
) -> None:
    if since:  # a window that is over
        values = {":since": {"N": str(since)}, ":one": {"N": "1"}}
        _write_cell("SET since = :since, bad = :one, good = :one", values)
    failing = slot(4)
    read = failing._read

    def meets_two_failures(number: int) -> Any:
        found = read(number)
        _write_cell("ADD bad :two", {":two": {"N": "2"}})
        return found

    monkeypatch.setattr(failing, "_read", meets_two_failures)
    failing.take()
    failing.give_back("failure")
    (row,) = rows().values()
    assert (row["since"]["N"], row["bad"]["N"], row["good"]["N"]) == (str(NOW // 1000), "3", "0")


def _write_cell(expression: str, values: dict[str, Any]) -> None:
    aws.client("dynamodb").update_item(
        TableName="hosts",
        Key={"cell": {"S": f"{HOST}#0"}},
        UpdateExpression=expression,
        ExpressionAttributeValues=values,
    )


def test_a_process_that_knows_a_host_to_be_open_asks_nobody(slot: Callable[..., HostSlot], clock: Clock) -> None:
    fail(slot), fail(slot)
    with counted_calls() as made, pytest.raises(HostOpen):
        slot().take()
    assert made == []


def test_one_call_probes_and_its_success_lets_the_others_in(slot: Callable[..., HostSlot], clock: Clock) -> None:
    fail(slot), fail(slot)
    clock.now += MAX_OPEN_SECONDS
    probe = slot()
    probe.take()
    with pytest.raises(HostOpen):
        slot().take()
    probe.give_back("success")
    first, second = slot(), slot()
    first.take()
    second.take()
    (row,) = rows().values()
    assert set(row) == {"cell", "leases", "expires_at"}


def test_a_probe_that_fails_opens_the_host_again(slot: Callable[..., HostSlot], clock: Clock) -> None:
    fail(slot), fail(slot)
    clock.now += MAX_OPEN_SECONDS
    assert fail(slot).opened
    with pytest.raises(HostOpen):
        slot().take()


def test_an_api_that_refuses_a_few_probes_in_a_row_is_called_again(slot: Callable[..., HostSlot], clock: Clock) -> None:
    fail(slot), fail(slot)
    clock.now += MAX_OPEN_SECONDS
    for _ in range(ANSWERS_TO_CLOSE):
        fail(slot, "answered")
    first, second = slot(), slot()
    first.take()
    second.take()


def test_refused_probes_with_a_failure_between_them_close_nothing(slot: Callable[..., HostSlot], clock: Clock) -> None:
    fail(slot), fail(slot)
    few: list[Health] = ["answered"] * (ANSWERS_TO_CLOSE - 1)
    for health in (*few, "failure", *few, "unknown"):
        clock.now += MAX_OPEN_SECONDS
        fail(slot, health)
    slot().take()
    with pytest.raises(HostOpen):
        slot().take()


def test_a_probe_that_hangs_at_one_cell_keeps_nobody_from_the_others(
    slot: Callable[..., HostSlot], clock: Clock
) -> None:
    """Seven cells of four slots, of which one is open and is being probed."""
    _write_cell("SET open_until = :until", {":until": {"N": str(int(clock.now) - 1)}})
    assert len(taken_until_full(slot, 28, most=25)) == leases() == 25


def test_an_open_cell_refuses_no_call_that_another_cell_can_take(slot: Callable[..., HostSlot], clock: Clock) -> None:
    _write_cell("SET open_until = :until", {":until": {"N": str(int(clock.now) + 4)}})
    for _ in range(10):
        trying = slot(8)
        trying.take()
        trying.give_back("success")
    assert set(rows()) == {f"{HOST}#0", f"{HOST}#1"}


def test_a_probe_under_way_is_not_remembered_as_an_opening(slot: Callable[..., HostSlot], clock: Clock) -> None:
    fail(slot), fail(slot)
    clock.now += MAX_OPEN_SECONDS
    slot().take()
    with pytest.raises(HostOpen):
        slot().take()
    aws.client("dynamodb").delete_item(TableName="hosts", Key=cell_key(HOST, 0))  # as another process closed it
    slot().take()


def test_a_probe_that_is_answered_with_garbage_closes_nothing_and_another_may_follow(
    slot: Callable[..., HostSlot], clock: Clock
) -> None:
    fail(slot), fail(slot)
    clock.now += MAX_OPEN_SECONDS
    fail(slot, "answered")
    probe = slot()
    probe.take()
    with pytest.raises(HostOpen):
        slot().take()
    probe.give_back("success")
    slot().take()


def test_a_probe_whose_worker_died_is_followed_by_another(slot: Callable[..., HostSlot], clock: Clock) -> None:
    fail(slot), fail(slot)
    clock.now += MAX_OPEN_SECONDS
    slot().take()
    clock.now += MAX_LEASE_SECONDS
    probe = slot()
    probe.take()
    probe.give_back("success")
    slot().take()


def test_a_breaker_that_a_wrong_clock_opened_for_years_is_probed_at_once(
    slot: Callable[..., HostSlot], clock: Clock
) -> None:
    clock.now += 10**8
    fail(slot), fail(slot)
    clock.now -= 10**8
    probe = slot()
    probe.take()
    probe.give_back("success")
    slot().take()


CONFLICT = "TransactionConflictException"


def refuse_single_writes(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """From now on each single write of a cell meets this error, as while a transaction writes the cell."""
    dynamodb = aws.client("dynamodb")

    def refuse(**_: Any) -> Any:
        raise refused(code, "UpdateItem")

    monkeypatch.setattr(dynamodb, "update_item", refuse)


@pytest.mark.parametrize("code", [CONFLICT, "ThrottlingException", "ProvisionedThroughputExceededException"])
@pytest.mark.parametrize("outcome", [InDoubt("no answer"), Unavailable("refused"), None])
def test_a_write_for_the_breaker_that_is_refused_leaves_the_call_s_own_outcome(
    slot: Callable[..., HostSlot],
    effects: Callable[[str], Effects],
    monkeypatch: pytest.MonkeyPatch,
    code: str,
    outcome: Exception | None,
) -> None:
    refuse_single_writes(monkeypatch, code)
    calling = slot()

    def act() -> dict[str, Any]:
        if outcome:
            raise outcome
        calling.health = "slow"
        return {"status": 200}

    if outcome:
        with pytest.raises(type(outcome)):
            effects("wamid.1").call("call", act, calling)
    else:
        assert effects("wamid.1").call("call", act, calling) == {"status": 200}
    assert leases() == 0


def test_an_expired_lease_that_cannot_be_removed_now_makes_the_cell_full(
    slot: Callable[..., HostSlot], clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    slot(1).take()
    clock.now += MAX_LEASE_SECONDS
    refuse_single_writes(monkeypatch, CONFLICT)
    with pytest.raises(HostBusy):
        slot(1).take()


@pytest.mark.parametrize("outcome", [InDoubt("no answer"), Unavailable("refused")])
def test_a_slot_that_cannot_be_given_back_leaves_the_call_s_own_failure(
    slot: Callable[..., HostSlot],
    effects: Callable[[str], Effects],
    monkeypatch: pytest.MonkeyPatch,
    outcome: Exception,
) -> None:
    def act() -> dict[str, Any]:
        reasons = [{"Code": "TransactionConflict"}]

        def refuse(**_: Any) -> Any:
            raise refused("TransactionCanceledException", CancellationReasons=reasons)

        monkeypatch.setattr(aws.client("dynamodb"), "transact_write_items", refuse)
        raise outcome

    with pytest.raises(type(outcome)):
        effects("wamid.1").call("call", act, slot())


def test_a_call_that_used_its_whole_time_can_still_give_its_slot_back_when_it_meets_another(
    slot: Callable[..., HostSlot], monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    hanging = slot()
    deadline = clock.now + 60
    hanging.take()
    monkeypatch.setattr("chatflow.adapters.throttling.time.time", clock)
    clock.now = deadline - RECORD_SECONDS
    dynamodb = aws.client("dynamodb")
    write = dynamodb.transact_write_items
    pauses: list[float] = []

    def is_refused_to_the_end(**given: Any) -> Any:
        while (pause := throttling.pause_before(len(pauses) + 2, deadline)) is not None:
            pauses.append(pause)
            clock.now += pause
        return write(**given)

    monkeypatch.setattr(dynamodb, "transact_write_items", is_refused_to_the_end)
    with throttling.calls_until(deadline):
        hanging.give_back("failure")
    assert len(pauses) >= 4
    assert clock.now <= deadline


def test_a_defect_of_the_deployment_is_not_taken_for_a_busy_moment(
    slot: Callable[..., HostSlot], monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse_single_writes(monkeypatch, "AccessDeniedException")
    with pytest.raises(AwsRefused, match="AccessDenied"):
        fail(slot)


@pytest.mark.parametrize("code", ["TransactionCanceledException", "ThrottlingException"])
def test_a_cell_that_cannot_be_written_now_is_left_for_another(
    slot: Callable[..., HostSlot], monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    """Of eight slots in two cells, the first that is tried meets another transaction, or is throttled."""
    dynamodb = aws.client("dynamodb")
    write = dynamodb.transact_write_items
    met: list[str] = []

    def meets_another(**given: Any) -> Any:
        cell = given["TransactItems"][-1]["Update"]["Key"]["cell"]["S"]
        if not met:
            met.append(cell)
            reasons = [{"Code": "TransactionConflict"}]
            raise refused(code, CancellationReasons=reasons)
        return write(**given)

    monkeypatch.setattr(dynamodb, "transact_write_items", meets_another)
    slot(8).take()
    assert met[0] not in rows()
    assert leases() == 1
