"""A fake deployment with all operations of the API; its contents are in memory."""

from __future__ import annotations

from tests.fakes.management.about import add_about
from tests.fakes.management.contents import ADMIN, PASSWORD, Contents
from tests.fakes.management.conversations import add_conversations, add_letters
from tests.fakes.management.deployment import Deployment
from tests.fakes.management.drafts import add_drafts
from tests.fakes.management.flows import add_flows
from tests.fakes.management.held import add_held
from tests.fakes.management.integrations import add_integrations
from tests.fakes.management.library import add_assets
from tests.fakes.management.settings import add_routes, add_secrets
from tests.fakes.management.user_pool import User

_ADDS = (
    add_about,
    add_drafts,
    add_flows,
    add_routes,
    add_secrets,
    add_integrations,
    add_assets,
    add_conversations,
    add_letters,
    add_held,
)


def deployed() -> tuple[Deployment, Contents]:
    """An empty deployment with one admin."""
    deployment, contents = Deployment(), Contents()
    deployment.pool.users[ADMIN] = User(PASSWORD)
    for add in _ADDS:
        add(deployment, contents)
    return deployment, contents
