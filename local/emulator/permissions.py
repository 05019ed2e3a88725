"""IAM: which permission a request needs, and what its conditions see."""

from __future__ import annotations

import json
import re
from contextvars import ContextVar
from typing import Any
from urllib.parse import parse_qsl

from local.emulator.rewriting import replace

_TAG = re.compile(rb"<Tag><Key>([^<]*)</Key><Value>([^<]*)</Value></Tag>")


def take_loopback_for_tls() -> None:
    """A request over loopback counts as sent by TLS (aws:SecureTransport): buckets refuse everything else."""
    from ministack.core import iam_evaluator

    def pin(client: str, _secure: bool) -> None:
        original(client, True)

    original = replace(iam_evaluator, "pin_request_origin", pin)


def ask_for_one_queue_permission_per_kind_of_call() -> None:
    """A batch of messages needs the permission of a single one (sqs:SendMessage); the emulator names one of its own."""
    from ministack.core import iam_actions

    singles = {
        f"sqs:{single}Batch": f"sqs:{single}" for single in ("SendMessage", "DeleteMessage", "ChangeMessageVisibility")
    }

    def action(*request: Any, **named: Any) -> str | None:
        found: str | None = original(*request, **named)
        return singles.get(found or "", found)

    original = replace(iam_actions, "extract_iam_action", action)


def ask_for_the_permission_to_tag() -> None:
    """Storing an object with tags needs s3:PutObjectTagging too; the emulator asks for s3:PutObject alone."""
    from ministack.core import iam_actions

    def checks(method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]) -> Any:
        needed = original(method, path, headers, body, query)
        bucket, _, key = path.lstrip("/").partition("/")
        if key and method in ("PUT", "POST") and headers.get("x-amz-tagging"):
            needed = [*needed, ("s3:PutObjectTagging", f"arn:aws:s3:::{bucket}/{key}")]
        return needed

    original = replace(iam_actions, "s3_additional_checks", checks)


def show_conditions_the_tags_of_a_write() -> None:
    """s3:RequestObjectTag/<name> holds what a write tags its object with; the emulator leaves it out.

    The tags stand in a header of PutObject and in the body of PutObjectTagging. They are noted where the request's
    action is read off, and shown wherever that request asks for a permission to tag.
    """
    from ministack.core import iam_actions, iam_evaluator

    noted: ContextVar[dict[str, str]] = ContextVar("noted")

    def action(service: str, method: str, path: str, headers: dict[str, str], body: bytes, *more: Any) -> str | None:
        tags = parse_qsl(headers.get("x-amz-tagging", ""), keep_blank_values=True)
        if service == "s3" and method == "PUT" and b"<Tagging" in (body or b"")[:200]:
            tags = [(key.decode(), value.decode()) for key, value in _TAG.findall(body)]
        noted.set({f"s3:RequestObjectTag/{name}": value for name, value in tags})
        found: str | None = read_action(service, method, path, headers, body, *more)
        return found

    def enforce(key: str, action: str, *given: Any, **named: Any) -> Any:
        if action in ("s3:PutObject", "s3:PutObjectTagging"):
            named["service_context"] = {**(named.get("service_context") or {}), **noted.get({})}
        return decide(key, action, *given, **named)

    read_action = replace(iam_actions, "extract_iam_action", action)
    decide = replace(iam_evaluator, "enforce", enforce)


def name_a_schedule_with_its_group() -> None:
    """A schedule's ARN holds the group that the request names; the emulator says `default` for every group."""
    from ministack.core import iam_actions

    def arn(service: str, *request: Any) -> str:
        found: str = original(service, *request)
        if service != "scheduler" or ":schedule/default/" not in found:
            return found
        _, _, _, body, query, *_ = request
        said = json.loads(body) if body else {}
        group = said.get("GroupName") or iam_actions._query_param(query or {}, "groupName") or "default"
        return found.replace(":schedule/default/", f":schedule/{group}/")

    original = replace(iam_actions, "extract_resource_arn", arn)
