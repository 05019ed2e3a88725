"""IAM patches: the permissions that a request needs, and the values that policy conditions see."""

from __future__ import annotations

import json
import re
from contextvars import ContextVar
from typing import Any
from urllib.parse import parse_qsl

from local.emulator.patching import replace_function

_TAG = re.compile(rb"<Tag><Key>([^<]*)</Key><Value>([^<]*)</Value></Tag>")


def treat_loopback_as_tls() -> None:
    """A request over loopback counts as sent by TLS (aws:SecureTransport).

    The emulator reports it as plain HTTP, which bucket policies refuse.
    """
    from ministack.core import iam_evaluator

    def pin(client: str, _secure: bool) -> None:
        original(client, True)

    original = replace_function(iam_evaluator, "pin_request_origin", pin)


def map_batch_calls_to_single_permissions() -> None:
    """A batch of messages needs the permission of a single call; the emulator demands a permission of its own.

    sqs:SendMessageBatch, for example, does not exist on AWS; sqs:SendMessage allows both calls there.
    """
    from ministack.core import iam_actions

    singles = {
        f"sqs:{single}Batch": f"sqs:{single}" for single in ("SendMessage", "DeleteMessage", "ChangeMessageVisibility")
    }

    def action(*request: Any, **named: Any) -> str | None:
        name: str | None = original(*request, **named)
        return singles.get(name or "", name)

    original = replace_function(iam_actions, "extract_iam_action", action)


def require_permission_to_tag() -> None:
    """Storing an object with tags also needs s3:PutObjectTagging; the emulator only checks s3:PutObject."""
    from ministack.core import iam_actions

    def checks(method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]) -> Any:
        needed = original(method, path, headers, body, query)
        bucket, _, key = path.lstrip("/").partition("/")
        if key and method in ("PUT", "POST") and headers.get("x-amz-tagging"):
            needed = [*needed, ("s3:PutObjectTagging", f"arn:aws:s3:::{bucket}/{key}")]
        return needed

    original = replace_function(iam_actions, "s3_additional_checks", checks)


def provide_request_object_tags() -> None:
    """The condition key s3:RequestObjectTag/<name> holds the tags of a write; the emulator omits it.

    The tags are in a header of PutObject and in the body of PutObjectTagging. They are recorded where the emulator
    reads the request's action, and provided wherever that request needs a permission to tag.
    """
    from ministack.core import iam_actions, iam_evaluator

    request_tags: ContextVar[dict[str, str]] = ContextVar("request_tags")

    def action(service: str, method: str, path: str, headers: dict[str, str], body: bytes, *more: Any) -> str | None:
        tags = parse_qsl(headers.get("x-amz-tagging", ""), keep_blank_values=True)
        if service == "s3" and method == "PUT" and b"<Tagging" in (body or b"")[:200]:
            tags = [(key.decode(), value.decode()) for key, value in _TAG.findall(body)]
        request_tags.set({f"s3:RequestObjectTag/{name}": value for name, value in tags})
        name: str | None = original_action(service, method, path, headers, body, *more)
        return name

    def enforce(key: str, action: str, *arguments: Any, **named: Any) -> Any:
        if action in ("s3:PutObject", "s3:PutObjectTagging"):
            named["service_context"] = {**(named.get("service_context") or {}), **request_tags.get({})}
        return original_enforce(key, action, *arguments, **named)

    original_action = replace_function(iam_actions, "extract_iam_action", action)
    original_enforce = replace_function(iam_evaluator, "enforce", enforce)


def include_group_in_schedule_arn() -> None:
    """A schedule's ARN contains the group of the request; the emulator uses `default` for every group."""
    from ministack.core import iam_actions

    def arn(service: str, *request: Any) -> str:
        default_arn: str = original(service, *request)
        if service != "scheduler" or ":schedule/default/" not in default_arn:
            return default_arn
        _, _, _, body, query, *_ = request
        parameters = json.loads(body) if body else {}
        group = parameters.get("GroupName") or iam_actions._query_param(query or {}, "groupName") or "default"
        return default_arn.replace(":schedule/default/", f":schedule/{group}/")

    original = replace_function(iam_actions, "extract_resource_arn", arn)
