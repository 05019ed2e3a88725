"""The permissions of node types: each word that a manifest's `needs` may hold, and what it allows.

This list is complete: a new word is one entry here, and a reviewer sees its permissions here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from chatflow.adapters.dynamodb.row_deletion import BY_CONVERSATION
from infrastructure.api.push_api import PushApi
from infrastructure.data.object_tags import has_state, is_not_unsafe, sets_state
from infrastructure.data.storage import Storage
from infrastructure.security.nag import WildcardArn
from infrastructure.security.secrets import Secrets


@dataclass(frozen=True)
class Permission:
    """These actions on these resources, when these conditions hold."""

    actions: tuple[str, ...]
    resources: tuple[str | WildcardArn, ...]
    conditions: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Resources:
    """What permissions can name. `scanned`: whether customers' files are scanned for malware.

    `push`: the WebSocket API of contacts, if a channel requests it.
    """

    storage: Storage
    secrets: Secrets
    scanned: bool = False
    push: PushApi | None = None


def _push(api: PushApi | None) -> tuple[Permission, ...]:
    """Push to a contact's connections, and forget those that are gone."""
    if api is None:
        return ()
    return (
        Permission(("execute-api:ManageConnections",), (api.posts,)),
        Permission(("dynamodb:Query", "dynamodb:DeleteItem"), (api.table.table_arn,)),
    )


def _store_files(files: WildcardArn, states: tuple[str, ...]) -> tuple[Permission, ...]:
    """Store files and tag them with one of these states; a file that a scanner tagged `unsafe` keeps that tag."""
    return (
        Permission(("s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"), (files,)),
        Permission(("s3:PutObjectTagging",), (files,), sets_state(list(states)) | is_not_unsafe()),
        Permission(("s3:GetObject",), (files,), has_state(["new", "clean"])),
    )


PERMISSIONS: Final[dict[str, Callable[[Resources], tuple[Permission, ...]]]] = {
    # Do an effect once: record that it began, and its result.
    "effects": lambda resources: (
        Permission(
            ("dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:GetItem", "dynamodb:DeleteItem"),
            (resources.storage.effects.table_arn,),
        ),
    ),
    # Take a slot at the host of a call, and give it back, with the record of the effect.
    "hosts": lambda resources: (
        Permission(("dynamodb:UpdateItem", "dynamodb:GetItem"), (resources.storage.hosts.table_arn,)),
    ),
    # Send on a channel, with its credentials, at the rate of its account. The status of a message in doubt
    # shows whether it was sent.
    "channel": lambda resources: (
        Permission(("dynamodb:UpdateItem", "dynamodb:GetItem"), (resources.storage.rates.table_arn,)),
        Permission(("secretsmanager:GetSecretValue",), (resources.secrets.channels_arn,)),
        Permission(("dynamodb:Query",), (f"{resources.storage.deliveries.table_arn}/index/{BY_CONVERSATION}",)),
        Permission(("dynamodb:BatchGetItem",), (resources.storage.deliveries.table_arn,)),
        *_push(resources.push),
    ),
    # Send a file of a conversation: only one that is tagged clean.
    "media.read": lambda resources: (
        Permission(
            ("s3:GetObject",), (resources.storage.customer_files, resources.storage.downloads), has_state("clean")
        ),
    ),
    # Store a customer's file as new, inspect it, then tag it clean or delete it. Where files are scanned, only the
    # malware scan may tag it clean.
    "media.take": lambda resources: _store_files(
        resources.storage.customer_files, ("new",) if resources.scanned else ("new", "clean")
    ),
    # Store a file that the business's API answered with, likewise. It is not scanned: the business vouches for it.
    "media.download": lambda resources: _store_files(resources.storage.downloads, ("new", "clean")),
    # Send a file of the asset library.
    "assets": lambda resources: (
        Permission(("dynamodb:GetItem",), (resources.storage.assets.table_arn,)),
        Permission(("s3:GetObject",), (resources.storage.asset_contents,), has_state("clean")),
    ),
    # Remember which files a channel already has, so that a file is not uploaded to it again.
    "uploads": lambda resources: (
        Permission(("dynamodb:GetItem", "dynamodb:PutItem"), (resources.storage.uploads.table_arn,)),
    ),
    # Fill [[secret:name]] in a call: the business stores these after the deploy, so their names are not known here.
    "business.secrets": lambda resources: (
        Permission(("secretsmanager:GetSecretValue",), (resources.secrets.business_arn,)),
    ),
    # Call addresses that a flow names: no permission on AWS, but a reviewer should see it in the manifest.
    "fetch": lambda _: (),
}
