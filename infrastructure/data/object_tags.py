"""IAM conditions on the tag `state` of S3 objects: new, clean or unsafe."""

from __future__ import annotations

from typing import Final

UNSAFE: Final = "unsafe"  # the state that no function can replace

Condition = dict[str, dict[str, str | list[str]]]


def has_state(state: str | list[str]) -> Condition:
    """Holds for an object whose tag `state` is this, or one of these."""
    return {"StringEquals": {"s3:ExistingObjectTag/state": state}}


def sets_state(state: str | list[str]) -> Condition:
    """Holds for a request that sets the tag `state` to this, or to one of these."""
    return {"StringEquals": {"s3:RequestObjectTag/state": state}}


def is_not_unsafe() -> Condition:
    """Holds for an object that no scanner tagged `unsafe`."""
    return {"StringNotEquals": {"s3:ExistingObjectTag/state": UNSAFE}}
