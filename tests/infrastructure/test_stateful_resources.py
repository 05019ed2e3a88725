"""Resources with data keep their logical ids: CloudFormation replaces a resource whose logical id changes."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Final

import pytest

from infrastructure.review.life_cycle import STATEFUL
from tests.infrastructure.template_checks import Template

# The logical id and type of every such resource, by stage. A new resource is added by hand.
COMMITTED: Final = Path(__file__).with_name("stateful_resources.json")

# Log groups of node types and secrets of channels, whose ids come from the name of a folder: a new folder is all that a
# new node type or channel needs, so these may be added without an entry in the list.
FROM_FOLDERS: Final = ("NodeTypes", "Secrets")


def stateful_resources(template: Template) -> dict[str, str]:
    """Logical id and type of each resource whose replacement loses data; log groups where they are retained."""
    return {
        name: resource["Type"]
        for name, resource in sorted(template["Resources"].items())
        if resource["Type"] in STATEFUL
        or (resource["Type"] == "AWS::Logs::LogGroup" and resource.get("DeletionPolicy") == "RetainExceptOnCreate")
    }


def assert_ids_are_unchanged(template: Template, stage: str) -> None:
    committed: dict[str, str] = json.loads(COMMITTED.read_text(encoding="utf-8"))[stage]
    resources = stateful_resources(template)
    missing = sorted(committed.items() - resources.items())
    added = sorted(each for each in resources.items() - committed.items() if not each[0].startswith(FROM_FOLDERS))
    assert not missing, (
        f"{stage}: {missing} are gone, new are {added}. A renamed or moved construct gets another logical id: "
        "the next deploy would replace the resource, and a customer's data would be lost or left behind. Keep the "
        "construct's id."
    )
    assert not added, f"{stage}: {added} are new: add them to {COMMITTED.name}, so that their ids stay from now on."


@pytest.mark.parametrize(("stage", "fixture"), [("dev", "template"), ("prod", "prod")])
def test_resources_with_data_keep_their_logical_ids(stage: str, fixture: str, request: pytest.FixtureRequest) -> None:
    assert_ids_are_unchanged(request.getfixturevalue(fixture), stage)


def test_a_key_of_the_stack_keeps_its_logical_id(with_key: Template) -> None:
    committed = json.loads(COMMITTED.read_text(encoding="utf-8"))["dev with a key"]
    assert stateful_resources(with_key).items() >= committed.items()


@pytest.mark.parametrize("name", ["StorageSessions", "StorageMedia", "SecretsConversationKey", "AccessUsers"])
def test_a_renamed_resource_is_reported(prod: Template, name: str) -> None:
    renamed = copy.deepcopy(prod)
    (logical_id,) = (id for id in renamed["Resources"] if id[:-8] == name)
    renamed["Resources"][f"Renamed{logical_id}"] = renamed["Resources"].pop(logical_id)
    with pytest.raises(AssertionError, match="a customer's data would be lost"):
        assert_ids_are_unchanged(renamed, "prod")
