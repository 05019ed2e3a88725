"""The checks before a deploy: by answers that botocore's models allow, for accounts that this project has not seen."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import botocore.session
import pytest
from botocore.exceptions import NoCredentialsError
from botocore.stub import ANY, Stubber

from infrastructure.preflight.__main__ import main
from infrastructure.preflight.concurrency import check_reserved, choose_concurrency
from infrastructure.preflight.leftovers import Clients, wait_for_names
from infrastructure.preflight.refusal import Refusal

ACCOUNT = {"UserId": "AID", "Account": "123456789012", "Arn": "arn:aws:iam::123456789012:user/ada"}
NOW = datetime(2026, 11, 28, tzinfo=UTC)
NAMES = ("sts", "lambda", "cloudformation", "secretsmanager", "scheduler")


class Account:
    """An account whose answers a test chooses, service by service, in order."""

    def __init__(self) -> None:
        session = botocore.session.Session()
        session.set_credentials("test", "test")
        self._clients = {name: session.create_client(name, region_name="eu-west-1") for name in NAMES}
        self.stubs = {name: Stubber(client) for name, client in self._clients.items()}
        for stub in self.stubs.values():
            stub.activate()

    def client(self, service: str) -> Any:
        return self._clients[service]

    @property
    def clients(self) -> Clients:
        return Clients(*(self.client(name) for name in NAMES[2:]))

    def has_limit(self, executions: int) -> None:
        self.stubs["sts"].add_response("get_caller_identity", ACCOUNT)
        self.stubs["lambda"].add_response(
            "get_account_settings", {"AccountLimit": {"ConcurrentExecutions": executions}}
        )

    def has_no_stack(self) -> None:
        self.stubs["cloudformation"].add_client_error(
            "describe_stacks", "ValidationError", "Stack with id Chatflow-dev does not exist"
        )

    def has_stack(self, status: str, *, protected: bool = False) -> None:
        stack = {"StackName": "Chatflow-prod", "CreationTime": NOW, "StackStatus": status}
        self.stubs["cloudformation"].add_response(
            "describe_stacks", {"Stacks": [{**stack, "EnableTerminationProtection": protected}]}
        )

    def has_names(self, *secrets: tuple[str, bool], group: str = "", stack_name: str = "Chatflow-dev") -> None:
        """Secrets with whether they are being deleted, and the state of the schedule group."""
        listed = [{"Name": name, **({"DeletedDate": NOW} if deleted else {})} for name, deleted in secrets]
        self.stubs["secretsmanager"].add_response(
            "list_secrets", {"SecretList": listed}, {"IncludePlannedDeletion": True, "Filters": ANY}
        )
        groups = [{"Name": f"{stack_name}-waits", "State": group}] if group else []
        self.stubs["scheduler"].add_response("list_schedule_groups", {"ScheduleGroups": groups})

    def has_nothing(self) -> None:
        self.has_no_stack()
        self.has_names()


@pytest.fixture
def account() -> Iterator[Account]:
    account = Account()
    yield account
    for stub in account.stubs.values():
        stub.assert_no_pending_responses()


@pytest.mark.parametrize(("limit", "concurrency"), [(1000, 50), (102, 50), (101, 49), (10, 4), (6, 2)])
def test_the_default_concurrency_leaves_room_for_nodes_and_webhooks(limit: int, concurrency: int) -> None:
    assert choose_concurrency(limit, None) == concurrency
    assert 2 * concurrency + 2 <= limit


@pytest.mark.parametrize(("limit", "asked"), [(10, 5), (1000, 500), (5, None), (3, 2)])
def test_a_concurrency_that_would_starve_the_nodes_is_refused(limit: int, asked: int | None) -> None:
    with pytest.raises(Refusal, match="Service Quotas"):
        choose_concurrency(limit, asked)


@pytest.mark.parametrize(("limit", "asked"), [(10, 4), (1000, 499)])
def test_a_concurrency_that_fits_is_taken(limit: int, asked: int) -> None:
    assert choose_concurrency(limit, asked) == asked


def test_nothing_is_reserved_from_an_account_that_has_no_more_than_lambda_keeps() -> None:
    check_reserved(150, 50)
    check_reserved(10, 0)
    with pytest.raises(Refusal, match="keeps 100"):
        check_reserved(149, 50)


def test_a_new_account_gets_a_concurrency_that_fits(account: Account, capsys: pytest.CaptureFixture[str]) -> None:
    account.has_limit(10)
    account.has_nothing()
    assert main(["-c", "stage=dev"], account) == 0
    said = capsys.readouterr()
    assert said.out == "-c concurrency=4\n"
    assert "may run 10 Lambda executions" in said.err


def test_a_concurrency_of_the_command_line_stays(account: Account, capsys: pytest.CaptureFixture[str]) -> None:
    account.has_limit(1000)
    account.has_nothing()
    assert main(["-c", "stage=dev", "--context", "concurrency=9", "--verbose"], account) == 0
    assert capsys.readouterr().out.strip() == ""


def test_a_running_stack_has_its_names_itself(account: Account) -> None:
    account.has_limit(1000)
    account.has_stack("UPDATE_COMPLETE", protected=True)
    assert main(["-c", "stage=prod"], account) == 0


def test_a_protected_stack_whose_first_deploy_failed_is_named(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    """The CDK would have to delete it, and cannot."""
    account.has_limit(1000)
    account.has_stack("ROLLBACK_COMPLETE", protected=True)
    assert main(["-c", "stage=prod"], account) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert "--no-enable-termination-protection --stack-name Chatflow-prod" in said.err


def test_names_that_aws_still_deletes_are_waited_for(account: Account) -> None:
    account.has_names(("Chatflow-dev/conversation-key", True), group="DELETING")
    account.has_names(group="DELETING")
    account.has_names()
    told: list[str] = []
    slept: list[float] = []
    wait_for_names(account.clients, "Chatflow-dev", told.append, clock=lambda: 0, sleep=slept.append)
    assert len(slept) == 2
    assert "the secret Chatflow-dev/conversation-key, the schedule group Chatflow-dev-waits" in told[0]
    assert "conversation-key" not in told[1]


def test_names_that_never_vanish_are_told(account: Account) -> None:
    account.has_names(("Chatflow-dev/channels/whatsapp", True))
    times = iter([0.0, 301.0])
    with pytest.raises(Refusal, match="still deleting the secret Chatflow-dev/channels/whatsapp"):
        wait_for_names(account.clients, "Chatflow-dev", [].append, clock=lambda: next(times), sleep=lambda _: None)


def test_names_that_an_earlier_stack_retained_are_told_at_once(account: Account) -> None:
    account.has_names(("Chatflow-dev/conversation-key", False), group="ACTIVE")
    with pytest.raises(Refusal, match="left the secret Chatflow-dev/conversation-key, the schedule group"):
        wait_for_names(account.clients, "Chatflow-dev", [].append, sleep=lambda _: None)


def test_secrets_of_the_business_block_nothing(account: Account) -> None:
    account.has_names(("Chatflow-dev/business/claims-token", False))
    wait_for_names(account.clients, "Chatflow-dev", [].append, sleep=lambda _: None)


@pytest.mark.parametrize(
    ("code", "words"),
    [("ExpiredToken", "have expired"), ("AccessDenied", "may not GetCallerIdentity"), ("Throttling", "Throttling")],
)
def test_credentials_that_aws_refuses_are_told(
    account: Account, code: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    account.stubs["sts"].add_client_error("get_caller_identity", code)
    assert main([], account) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert words in said.err
    assert "Nothing was changed" in said.err


def test_a_shell_without_credentials_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    class Shell:
        def client(self, service: str) -> Any:
            raise NoCredentialsError

    assert main([], Shell()) == 1
    assert "Unable to locate credentials" in capsys.readouterr().err


def _may_not_read_the_limit(account: Account) -> None:
    account.stubs["sts"].add_response("get_caller_identity", ACCOUNT)
    account.stubs["lambda"].add_client_error("get_account_settings", "AccessDeniedException")


def test_who_may_not_read_the_limit_names_a_concurrency(account: Account, capsys: pytest.CaptureFixture[str]) -> None:
    _may_not_read_the_limit(account)
    assert main([], account) == 1
    assert "-c concurrency=<number>" in capsys.readouterr().err


def test_a_named_concurrency_is_not_checked_without_permission(account: Account) -> None:
    _may_not_read_the_limit(account)
    account.has_nothing()
    assert main(["-c", "concurrency=4"], account) == 0
