"""The account's limits that Chatflow meets first. Each says what it is compared with, and where the fact is from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from chatflow_cli.doctor.account import Account
from chatflow_cli.doctor.aws_errors import attempt, explain, is_denied
from chatflow_cli.doctor.concurrency import DEFAULT_CONCURRENCY, check_reserved, choose_concurrency
from chatflow_cli.doctor.finding import Finding, cannot_tell, not_ok, ok
from chatflow_cli.doctor.options import DeployOptions
from chatflow_cli.doctor.refusal import Refusal

LAMBDA_ACTION: Final = "lambda:GetAccountSettings"
API_ACTION: Final = "apigateway:GET"
SCHEDULER_ACTION: Final = "servicequotas:ListServiceQuotas"
IAM_ACTION: Final = "iam:GetAccountSummary"

CONCURRENCY: Final = "Concurrency"
# What one conversation of a word, a photo and three answers takes; a test compares them with the scale model.
TURN_SECONDS: Final = 1.7  # of its turns together
REQUESTS: Final = 11  # to the webhook: its messages, and nine delivery statuses
# The stack's packages and layers, which are stored anew at each change of them; the limit is 75 GB.
# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
_CODE_BYTES: Final = 500 * 1024**2
# One for each function and service of the largest configuration; a test counts them in the template.
ROLES: Final = 40
# https://docs.aws.amazon.com/scheduler/latest/UserGuide/scheduler-quotas.html: some Regions begin with 250 a second.
_SCHEDULE_RATE: Final = "CreateSchedule request rate"


class LambdaLimits:
    """Concurrency and storage of Lambda, from one call. `concurrency` is what the deploy takes, once it is known."""

    def __init__(self, account: Account, options: DeployOptions) -> None:
        self._account = account
        self._options = options
        self.concurrency = options.concurrency

    def findings(self) -> list[Finding]:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            settings = self._account.client("lambda").get_account_settings()
        except (BotoCoreError, ClientError) as error:
            return [self._unknown(error)]
        return [self._concurrency(int(settings["AccountLimit"]["ConcurrentExecutions"])), _storage(settings)]

    def _unknown(self, error: Exception) -> Finding:
        """Without the limit, a deploy needs a concurrency that a person chose."""
        why = explain(error, LAMBDA_ACTION)
        if not is_denied(error):
            return not_ok(CONCURRENCY, why.text, why.mend)
        if self._options.concurrency is None:
            mend = f"Allow {LAMBDA_ACTION}, or choose a number yourself: -c concurrency=<number>"
            return not_ok(CONCURRENCY, f"{why.text} Without the limit, a deploy cannot choose its concurrency.", mend)
        return cannot_tell(CONCURRENCY, f"{why.text} concurrency={self._options.concurrency} is not checked.", why.mend)

    def _concurrency(self, limit: int) -> Finding:
        try:
            check_reserved(limit, self._options.reserved_concurrency)
            self.concurrency = choose_concurrency(limit, self._options.concurrency)
        except Refusal as refusal:
            return not_ok(CONCURRENCY, refusal.text, refusal.mend)
        rate = min(self.concurrency / TURN_SECONDS, self._options.requests_per_second / REQUESTS)
        text = f"{limit} Lambda executions at the same time: concurrency={self.concurrency}"
        text += f", about {rate:.0f} conversations a second"
        if self._options.concurrency is None and self.concurrency < DEFAULT_CONCURRENCY:
            text += f", less than the default {DEFAULT_CONCURRENCY}"
        return ok(CONCURRENCY, text)


def _storage(settings: dict[str, Any]) -> Finding:
    check = "Lambda storage"
    limit, used = int(settings["AccountLimit"]["TotalCodeSize"]), int(settings["AccountUsage"]["TotalCodeSize"])
    shown = f"{used / 1024**3:.1f} of {limit / 1024**3:.1f} GB of code are used"
    if limit - used < _CODE_BYTES:
        mend = 'Delete old versions of functions and layers, or ask for more "Function and layer storage".'
        return not_ok(check, f"{shown}; a deploy may need {_CODE_BYTES // 1024**2} MB.", mend)
    return ok(check, shown)


def check_api_rate(account: Account, options: DeployOptions) -> Finding:
    """API Gateway's own setting is read: Service Quotas shows a default that some Regions do not have.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
    """
    check = "API Gateway"

    def ask() -> Finding:
        throttle = account.client("apigateway").get_account().get("throttleSettings", {})
        if "rateLimit" not in throttle:
            return cannot_tell(check, "AWS names no limit of requests.")
        return _compare_rate(
            check, "requests", float(throttle["rateLimit"]), options.requests_per_second, "Throttle rate"
        )

    return attempt(check, API_ACTION, ask)


def check_schedule_rate(account: Account, options: DeployOptions) -> Finding:
    """A wait of more than 15 minutes creates a schedule; shorter ones are messages of a queue."""
    check = "Schedules"
    if account.knows_region() and not account.knows_region("service-quotas"):
        return cannot_tell(check, f"Service Quotas does not exist in {account.region}.")

    def ask() -> Finding:
        pages = account.client("service-quotas").get_paginator("list_service_quotas").paginate(ServiceCode="scheduler")
        quotas = {each["QuotaName"]: each["Value"] for page in pages for each in page["Quotas"]}
        if _SCHEDULE_RATE not in quotas:
            return cannot_tell(check, f'Service Quotas names no "{_SCHEDULE_RATE}" of EventBridge Scheduler here.')
        shown = f"{quotas[_SCHEDULE_RATE]:g} new schedules a second"
        most = options.requests_per_second / REQUESTS
        if quotas[_SCHEDULE_RATE] < most:
            needed = f"requests_per_second lets in {most:.0f} conversations a second"
            return cannot_tell(check, f"{shown}; {needed}, but only waits of more than 15 minutes create one.")
        return ok(check, f"{shown}; requests_per_second lets in {most:.0f} conversations a second")

    return attempt(check, SCHEDULER_ACTION, ask)


def check_roles(account: Account) -> Finding:
    """Only for a stack that is still to be created: an existing one has its roles."""
    check = "IAM roles"

    def ask() -> Finding:
        summary = account.client("iam").get_account_summary()["SummaryMap"]
        if not {"Roles", "RolesQuota"} <= summary.keys():
            return cannot_tell(check, "AWS names no number of roles.")
        used, limit = summary["Roles"], summary["RolesQuota"]
        shown = f"{used} of {limit} roles are used"
        if limit - used < ROLES:
            mend = 'Delete roles that nobody uses, or ask for more "Roles per account" in the Service Quotas console.'
            return not_ok(check, f"{shown}; a stack creates up to {ROLES}.", mend)
        return ok(check, shown)

    return attempt(check, IAM_ACTION, ask)


def quota_checks(account: Account, options: DeployOptions, *, creates: bool) -> list[Callable[[], Finding]]:
    """The checks besides Lambda's. `creates`: the deploy will create the stack."""
    checks = [lambda: check_api_rate(account, options), lambda: check_schedule_rate(account, options)]
    return [*checks, lambda: check_roles(account)] if creates else checks


def _compare_rate(check: str, what: str, limit: float, needed: int, quota: str) -> Finding:
    shown = f"{limit:g} {what} a second"
    if limit < needed:
        mend = f'Deploy with -c requests_per_second={limit:.0f} or less, or ask for a higher "{quota}".'
        return not_ok(check, f"The account may have {shown}; requests_per_second is {needed}.", mend)
    return ok(check, f"{shown}; requests_per_second is {needed}")
