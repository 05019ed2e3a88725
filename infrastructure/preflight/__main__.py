"""Checks the account before `cdk deploy`: `python -m infrastructure.preflight -c stage=prod`.

Takes the arguments of the CDK's command line, and prints the context options to add to them. What a person must know
goes to standard error. Exits with 1, and with the reason, when the deploy must not begin.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from infrastructure.packaging.contents import ROOT
from infrastructure.preflight.concurrency import check_reserved, choose_concurrency, read_limit
from infrastructure.preflight.leftovers import Clients, check_stack, wait_for_names
from infrastructure.preflight.refusal import Refusal


def main(arguments: Sequence[str], session: Any = None) -> int:
    from botocore.exceptions import BotoCoreError, ClientError

    options, _ = _parser().parse_known_args(arguments)
    try:
        context = _context(options.context)
        print(*_checked(context, session or _session(options.profile)))
    except Refusal as refusal:
        _tell(str(refusal))
    except ClientError as error:
        _tell(_explain(error.response["Error"]["Code"], error.operation_name))
    except BotoCoreError as error:  # no credentials, no Region, no network
        _tell(f"AWS cannot be reached with this shell: {error} Nothing was changed. Try: aws sts get-caller-identity")
    else:
        return 0
    return 1


def _checked(context: Mapping[str, str], session: Any) -> list[str]:
    """The options to add. Raises Refusal, or what botocore raises."""
    stack_name = f"Chatflow-{context.get('stage') or 'dev'}"
    session.client("sts").get_caller_identity()
    asked = _number(context, "concurrency")
    concurrency = _choose(session, asked, _number(context, "reserved_concurrency") or 0)
    services = ("cloudformation", "secretsmanager", "scheduler")
    clients = Clients(*(session.client(service) for service in services))
    if not check_stack(clients, stack_name):
        wait_for_names(clients, stack_name, _tell)
    return [] if asked is not None else ["-c", f"concurrency={concurrency}"]


def _choose(session: Any, asked: int | None, reserved: int) -> int:
    from botocore.exceptions import ClientError

    try:
        limit = read_limit(session.client("lambda"))
    except ClientError as error:
        if asked is None or "AccessDenied" not in error.response["Error"]["Code"]:
            raise
        _tell("Not allowed to read Lambda's limit (lambda:GetAccountSettings): concurrency is not checked.")
        return asked
    check_reserved(limit, reserved)
    concurrency = choose_concurrency(limit, asked)
    if asked is None and concurrency < choose_concurrency(sys.maxsize, None):
        _tell(f"This account may run {limit} Lambda executions at the same time: deploying concurrency={concurrency}.")
    return concurrency


def _explain(code: str, operation: str) -> str:
    if "Expired" in code:
        return f"The credentials of this shell have expired ({code}). Nothing was changed. Sign in again."
    if "AccessDenied" in code or "Unauthorized" in code:
        more = " Or pass -c concurrency=<number> yourself." if operation == "GetAccountSettings" else ""
        return f"The credentials of this shell may not {operation} ({code}). Nothing was changed. Allow it.{more}"
    return f"AWS refused {operation}: {code}. Nothing was changed. Try: aws sts get-caller-identity"


def _context(given: Sequence[str]) -> dict[str, str]:
    """Context of cdk.json, and of the command line, which wins."""
    flags = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["context"]
    pairs = (each.partition("=") for each in given)
    return {**{key: str(value) for key, value in flags.items()}, **{key: value for key, _, value in pairs}}


def _number(context: Mapping[str, str], key: str) -> int | None:
    text = context.get(key, "")
    if text and not text.isdigit():
        raise Refusal(f'{key} is a whole number, not "{text}"')
    return int(text) if text else None


def _session(profile: str | None) -> Any:
    import boto3

    return boto3.Session(profile_name=profile)


def _tell(text: str) -> None:
    print(text, file=sys.stderr)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="preflight", allow_abbrev=False)
    parser.add_argument("-c", "--context", action="append", default=[])
    parser.add_argument("--profile")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
