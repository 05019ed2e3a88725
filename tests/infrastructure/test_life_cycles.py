"""No change of a stack stops halfway, loses data, or blocks the next deploy. docs/deploy.md has the table."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from itertools import combinations, permutations
from pathlib import Path
from typing import Any, Final

import pytest

from chatflow_cli.doctor.leftovers import wait_for_names
from chatflow_cli.doctor.refusal import Refusal
from infrastructure.review.life_cycle import (
    NAMES,
    UNNAMED,
    creation_problems,
    dependencies,
    moved_names,
    names,
    retained_names,
    update_problems,
)
from tests.fakes.aws_answers import account_with
from tests.fakes.node_types import constructs_with_need
from tests.infrastructure.conftest import Synth
from tests.infrastructure.template_checks import Template, of_type, only, plain, resources
from tests.infrastructure.test_service_arrows import VARIANTS, context

# Which resource had which name in the last release: `python -m infrastructure.review released-names` writes it.
RELEASED: Final = Path(__file__).with_name("released_names.json")
Change = Callable[[Template], None]


@pytest.fixture(scope="module")
def everything(synth: Synth) -> Template:
    """The stage `prod` with options that add resources, among them a key."""
    return synth(**context(VARIANTS[1]))


def test_every_type_of_resource_has_a_name_or_is_known_to_have_none(template: Template, everything: Template) -> None:
    kinds = {each["Type"] for one in (template, everything) for each in one["Resources"].values()}
    assert {kind for kind in kinds if not kind.startswith("Custom::")} <= NAMES.keys() | UNNAMED
    assert not NAMES.keys() & UNNAMED


# The first deploy, and a first deploy that fails.


def test_a_failed_first_deploy_leaves_nothing_that_blocks_the_next_one(template: Template, prod: Template) -> None:
    assert [creation_problems(each) for each in (template, prod)] == [[], []]


def _retain(template: Template) -> None:
    next(each for each in template["Resources"].values() if each["Type"] == "AWS::S3::Bucket")["DeletionPolicy"] = (
        "Retain"
    )


def _write_before_the_cleanup_exists(template: Template) -> None:
    (id,) = (
        id for id in resources(template, "AWS::Lambda::Function") if id.startswith(constructs_with_need("media.take"))
    )
    template["Resources"][id].pop("DependsOn")


@pytest.mark.parametrize("change", [_retain, _write_before_the_cleanup_exists])
def test_what_would_block_the_next_deploy_is_found(template: Template, change: Change) -> None:
    changed = copy.deepcopy(template)
    change(changed)
    assert len(creation_problems(changed)) == 1


def test_what_a_failed_first_deploy_of_prod_cannot_delete_has_no_name_of_its_own(everything: Template) -> None:
    """Protected tables and users, buckets to which files were published, and what these depend on."""
    stays = set()
    for id, each in everything["Resources"].items():
        properties = each.get("Properties", {})
        protection = properties.get("DeletionProtectionEnabled") or properties.get("DeletionProtection")
        if protection in (True, "ACTIVE") or each["Type"] == "AWS::S3::Bucket":
            stays |= {id, *dependencies(everything, id)}
    kinds = {everything["Resources"][id]["Type"] for id in stays}
    assert kinds >= {"AWS::DynamoDB::Table", "AWS::Cognito::UserPool", "AWS::S3::Bucket", "AWS::KMS::Key"}
    assert not stays & set(names(everything).values())


def test_buckets_are_emptied_when_nothing_writes_to_them_any_more(template: Template) -> None:
    """CloudFormation deletes in the reverse order of creation. Also a first deploy that fails has its files emptied."""
    (cleanup,) = (id for id, each in template["Resources"].items() if each["Type"] == "Custom::EmptiedBuckets")
    (files,) = (id for id, each in template["Resources"].items() if each["Type"] == "Custom::PublishedFiles")
    assert cleanup in dependencies(template, files)
    before = dependencies(template, cleanup)
    (console,) = (id for id, each in template["Resources"].items() if each["Type"] == "Custom::ConsoleFiles")
    after = dependencies(template, console)  # which empties its own bucket
    assert resources(template, "AWS::S3::Bucket").keys() <= before
    assert resources(template, "AWS::S3::BucketPolicy").keys() <= before | after  # the cleanup adds a denial to each


def test_an_order_that_cloudformation_no_longer_waits_for_is_not_carried_out(template: Template) -> None:
    """Lambda may hold it back for hours, and repeats one that failed: a deploy that was rolled back would return."""
    ages = {
        plain(config["FunctionName"]): config["MaximumEventAgeInSeconds"]
        for config in resources(template, "AWS::Lambda::EventInvokeConfig").values()
    }
    for kind in ("Custom::PublishedFiles", "Custom::ConsoleFiles", "Custom::EmptiedBuckets"):
        properties = only(template, kind)
        function = plain(properties["ServiceToken"]).replace(".Arn", "")
        assert ages[function] <= int(properties["ServiceTimeout"])


# Upgrades.


def test_no_name_of_the_last_release_belongs_to_another_resource_now(template: Template) -> None:
    """CloudFormation creates before it deletes: the name would still be taken, and the upgrade fail.

    What was renamed before it was ever released is written anew by the command above.
    """
    released: dict[str, str] = json.loads(RELEASED.read_text(encoding="utf-8"))
    assert list(moved_names(released, template)) == []


@pytest.mark.parametrize(
    "kind",
    ["AWS::ApiGatewayV2::Route", "AWS::Lambda::Function", "AWS::SecretsManager::Secret", "AWS::S3::BucketPolicy"],
)
def test_a_construct_or_an_operation_that_is_renamed_is_found(template: Template, kind: str) -> None:
    renamed = copy.deepcopy(template)
    id = next(iter(resources(renamed, kind)))
    renamed["Resources"]["Renamed"] = renamed["Resources"].pop(id)
    assert any("Renamed" in problem for problem in update_problems(template, renamed))


def test_an_upgrade_that_adds_or_removes_an_operation_goes_through(template: Template) -> None:
    smaller = copy.deepcopy(template)
    removed = next(id for id, each in of_type(template, "AWS::ApiGatewayV2::Route") if "/me" in each["RouteKey"])
    del smaller["Resources"][removed]
    assert update_problems(template, smaller) == []
    assert update_problems(smaller, template) == []


def test_a_limit_of_an_operation_that_is_removed_is_found(template: Template) -> None:
    limited, smaller = copy.deepcopy(template), copy.deepcopy(template)
    only(limited, "AWS::ApiGatewayV2::Stage")["RouteSettings"]["GET /api/v1/me"] = {"ThrottlingRateLimit": 1}
    removed = next(id for id, each in of_type(template, "AWS::ApiGatewayV2::Route") if "/me" in each["RouteKey"])
    del smaller["Resources"][removed]
    assert any("GET /api/v1/me" in problem for problem in update_problems(limited, smaller))


def _set(kind: str, property: str, value: Any) -> Change:
    def change(template: Template) -> None:
        next(iter(resources(template, kind).values()))[property] = value

    return change


def _remove(kind: str) -> Change:
    def change(template: Template) -> None:
        del template["Resources"][next(iter(resources(template, kind)))]

    return change


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (_set("AWS::DynamoDB::Table", "TableName", "new"), "replaced, without its data"),
        (
            _set("AWS::DynamoDB::Table", "KeySchema", [{"AttributeName": "id", "KeyType": "HASH"}]),
            "replaced, without its data",
        ),
        (_set("AWS::SQS::Queue", "FifoQueue", False), "replaced, without its data"),
        (_set("AWS::S3::Bucket", "BucketName", "new"), "replaced, without its data"),
        (_set("AWS::SecretsManager::Secret", "Name", "new"), "replaced, without its data"),
        (_set("AWS::SecretsManager::Secret", "GenerateSecretString", {"PasswordLength": 65}), "overwrites the stored"),
        (_remove("AWS::DynamoDB::Table"), "deleted with its data"),
        (_remove("AWS::SQS::Queue"), "deleted with its data"),
    ],
)
def test_an_upgrade_that_loses_data_is_found(template: Template, change: Change, problem: str) -> None:
    changed = copy.deepcopy(template)
    change(changed)
    assert any(problem in each for each in update_problems(template, changed))


def test_a_named_resource_that_must_be_replaced_is_found(template: Template) -> None:
    """CloudFormation cannot create another function with the name while the former one exists."""
    changed = copy.deepcopy(template)
    next(iter(resources(changed, "AWS::Lambda::Function").values()))["PackageType"] = "Image"
    assert any("while its name is taken" in each for each in update_problems(template, changed))


def test_prod_loses_no_data_when_a_resource_is_left_out(prod: Template) -> None:
    changed = copy.deepcopy(prod)
    for id in [*resources(prod, "AWS::DynamoDB::Table"), *resources(prod, "AWS::SQS::Queue")]:
        del changed["Resources"][id]
    assert update_problems(prod, changed) == []


def _lost_data(problems: list[str]) -> list[str]:
    """Leaves out the key of `dev` with `kms`, whose deletion docs/deploy.md describes, and the web console's own.

    Of the latter nothing is lost but the sessions of users who are signed in.
    """
    without = ("KeysKey", "ConsoleWebFiles", "AccessUsersConsole", "AccessUsersLoginPage")
    return [each for each in problems if not (each.startswith(without) and "deleted with its data" in each)]


def test_options_can_be_switched_on_and_off(template: Template, configured: Template, with_key: Template) -> None:
    for old, new in permutations((template, configured, with_key), 2):
        assert _lost_data(update_problems(old, new)) == []


def test_a_key_of_dev_is_deleted_with_its_option_and_one_of_prod_stays(
    template: Template, with_key: Template, prod: Template, everything: Template
) -> None:
    assert len(update_problems(with_key, template)) == 1
    assert update_problems(everything, prod) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("one", "two"), [pair for pair in combinations(VARIANTS, 2) if pair[0][0] == pair[1][0]], ids=str
)
def test_every_two_variants_of_a_stage_can_follow_each_other(
    synth: Synth, one: tuple[int, ...], two: tuple[int, ...]
) -> None:
    for old, new in permutations((synth(**context(one)), synth(**context(two)))):
        assert _lost_data(update_problems(old, new)) == []


# The deletion, and a deploy after it.


def test_dev_leaves_no_name_behind(template: Template) -> None:
    assert retained_names(template) == {}


def test_a_name_that_prod_leaves_behind_is_found_before_the_next_deploy(everything: Template) -> None:
    left = retained_names(everything)
    assert {name.partition(" ")[0] for name in left} == {"AWS::SecretsManager::Secret", "AWS::Scheduler::ScheduleGroup"}
    for name in left:
        kind, _, taken = name.partition(" ")
        is_secret = kind == "AWS::SecretsManager::Secret"
        account, _ = account_with(
            {
                "secretsmanager.ListSecrets": {"SecretList": [{"Name": taken}] if is_secret else []},
                "scheduler.ListScheduleGroups": {
                    "ScheduleGroups": [] if is_secret else [{"Name": taken, "State": "ACTIVE"}]
                },
            }
        )
        with pytest.raises(Refusal, match=taken):
            wait_for_names(account, "Chatflow-prod", [].append, sleep=lambda _: None)


def test_a_name_that_nobody_looks_for_is_found(prod: Template) -> None:
    named = copy.deepcopy(prod)
    next(iter(resources(named, "AWS::Logs::LogGroup").values()))["LogGroupName"] = "/chatflow/prod"
    assert "AWS::Logs::LogGroup /chatflow/prod" in retained_names(named)
