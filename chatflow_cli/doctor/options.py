"""The context keys of a deploy that decide what the account must offer: of cdk.json, and of `-c key=value`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from chatflow_cli.doctor.refusal import Refusal

# The folder of the CDK app, when the command line is installed from a checkout.
CHECKOUT = Path(__file__).resolve().parents[2]
_DEFAULT_REQUESTS_PER_SECOND = 400
_DEFAULT_QUALIFIER = "hnb659fds"  # of the CDK's bootstrap stack


@dataclass(frozen=True)
class DeployOptions:
    """The deploy that is checked. `concurrency` is None where the deploy chooses it."""

    stage: str = "dev"
    concurrency: int | None = None
    reserved_concurrency: int = 0
    requests_per_second: int = _DEFAULT_REQUESTS_PER_SECOND
    qualifier: str = _DEFAULT_QUALIFIER

    @property
    def stack_name(self) -> str:
        return f"Chatflow-{self.stage}"


def read_options(given: Sequence[str], checkout: Path = CHECKOUT) -> DeployOptions:
    """Options from `key=value` arguments, which win, and from cdk.json. Raises Refusal for a value that is not one."""
    context = {**_context_of(checkout), **dict(each.partition("=")[::2] for each in given)}
    requests = _number(context, "requests_per_second")
    return DeployOptions(
        stage=context.get("stage") or "dev",
        concurrency=_number(context, "concurrency"),
        reserved_concurrency=_number(context, "reserved_concurrency") or 0,
        requests_per_second=_DEFAULT_REQUESTS_PER_SECOND if requests is None else requests,
        qualifier=context.get("@aws-cdk/core:bootstrapQualifier") or _DEFAULT_QUALIFIER,
    )


def _context_of(checkout: Path) -> dict[str, str]:
    try:
        content = json.loads((checkout / "cdk.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return {key: str(value) for key, value in content.get("context", {}).items()}


def _number(context: Mapping[str, str], key: str) -> int | None:
    text = context.get(key, "")
    if text and not (text.isascii() and text.isdigit()):
        raise Refusal(f'{key} is a whole number, not "{text}".', f"Write -c {key}=<number>.")
    return int(text) if text else None
