"""What a node type may touch: each word of a manifest's `needs`, and what it allows. This page is all there is.

A new word is one entry here, and its permissions are reviewed here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from infrastructure.data.storage import Storage
from infrastructure.security.secrets import Secrets

_CLEAN = {"StringEquals": {"s3:ExistingObjectTag/state": "clean"}}


def _tag(*states: str) -> dict[str, Any]:
    """To say so of a file. A scanner's verdict stands: what it tagged `unsafe` cannot become anything else."""
    return {
        "StringEquals": {"s3:RequestObjectTag/state": list(states)},
        "StringNotEquals": {"s3:ExistingObjectTag/state": "unsafe"},
    }


@dataclass(frozen=True)
class Grant:
    """These actions on these resources, when these conditions hold."""

    actions: tuple[str, ...]
    resources: tuple[str, ...]
    conditions: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Belongings:
    """What there is to be granted."""

    storage: Storage
    secrets: Secrets
    scanned: bool = False  # customers' files, for malware

    @property
    def media(self) -> str:
        return self.storage.media_bucket.arn_for_objects("media/*")

    @property
    def downloads(self) -> str:
        return self.storage.media_bucket.arn_for_objects("download/*")

    @property
    def library(self) -> str:
        return self.storage.asset_bucket.arn_for_objects("asset/*")


def _kept(files: str, states: tuple[str, ...]) -> tuple[Grant, ...]:
    return (
        Grant(("s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"), (files,)),
        Grant(("s3:PutObjectTagging",), (files,), _tag(*states)),
        Grant(("s3:GetObject",), (files,), {"StringEquals": {"s3:ExistingObjectTag/state": ["new", "clean"]}}),
    )


NEEDS: dict[str, Callable[[Belongings], tuple[Grant, ...]]] = {
    # Do a thing once: keep that it began, and what came of it.
    "effects": lambda its: (
        Grant(
            ("dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:GetItem", "dynamodb:DeleteItem"),
            (its.storage.effects.table_arn,),
        ),
    ),
    # Speak on a channel, with its credentials.
    "channel": lambda its: (Grant(("secretsmanager:GetSecretValue",), tuple(its.secrets.channel_arns)),),
    # Send a file of a conversation on: only one that was found clean.
    "media.read": lambda its: (Grant(("s3:GetObject",), (its.media, its.downloads), _CLEAN),),
    # Keep a customer's file: store it as new, look at what was stored, then say that it is clean, or delete it. Where
    # files are scanned, that it is clean is for the scanner alone to say.
    "media.take": lambda its: _kept(its.media, ("new",) if its.scanned else ("new", "clean")),
    # Keep a file that the business's API answered with, likewise. No scanner looks at it: the business vouches for it.
    "media.download": lambda its: _kept(its.downloads, ("new", "clean")),
    # Send a file of the library.
    "assets": lambda its: (
        Grant(("dynamodb:GetItem",), (its.storage.assets.table_arn,)),
        Grant(("s3:GetObject",), (its.library,), _CLEAN),
    ),
    # Remember what a channel already holds, so that a file is not uploaded to it again.
    "uploads": lambda its: (Grant(("dynamodb:GetItem", "dynamodb:PutItem"), (its.storage.uploads.table_arn,)),),
    # Fill [[secret:name]] in a call: the business stores these after the deploy, so their names are not known here.
    "business.secrets": lambda its: (Grant(("secretsmanager:GetSecretValue",), (its.secrets.business_arn,)),),
    # Reach addresses that a flow names: nothing of AWS, but a reviewer should see it in the manifest.
    "fetch": lambda _: (),
}
