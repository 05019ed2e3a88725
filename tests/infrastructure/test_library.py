"""The asset library: what is put into its bucket is heard of, looked at by one function, and never lost in silence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from infrastructure.packaging.contents import ROOT
from tests.infrastructure.reading import (
    Check,
    Spoil,
    Template,
    granted,
    listed,
    only,
    plain,
    readable,
    resources,
    statements,
    turns_red,
)

BUCKET, RULE, FUNCTION = "AWS::S3::Bucket", "AWS::Events::Rule", "AWS::Lambda::Function"
INVOKE = "AWS::Lambda::EventInvokeConfig"
_MOST_UNZIPPED = 250  # MB, Lambda's limit of a function with all of its layers


def the_bucket_tells_eventbridge_without_a_custom_resource(template: Template) -> None:
    told = only(template, BUCKET, "Library")["NotificationConfiguration"]
    assert told == {"EventBridgeConfiguration": {"EventBridgeEnabled": True}}
    assert "Custom::S3BucketNotifications" not in {each["Type"] for each in template["Resources"].values()}


def what_is_put_there_and_taken_away_is_heard_of(template: Template) -> None:
    heard = {}
    for rule in resources(template, RULE).values():
        pattern = rule["EventPattern"]
        if pattern.get("source") != ["aws.s3"]:
            continue
        assert readable(pattern["detail"]["bucket"]["name"][0]) == "<StorageLibrary>"
        (target,) = rule["Targets"]
        assert readable(target["Arn"]) == "<LibraryAssetsFunction>"
        assert readable(target["DeadLetterConfig"]["Arn"]) == "<QueuesLibraryDeadLetters>"
        assert target["RetryPolicy"]["MaximumRetryAttempts"] == 2
        (but,) = pattern["detail"]["object"]["key"]
        heard[tuple(pattern["detail-type"])] = but["anything-but"]["prefix"]
    assert heard == {("Object Created",): ["thumbnail/"], ("Object Deleted",): ["asset/", "thumbnail/", "upload/"]}


def what_the_function_cannot_do_is_set_aside(template: Template) -> None:
    (config,) = (each for each in resources(template, INVOKE).values() if "Library" in plain(each["FunctionName"]))
    assert config["MaximumRetryAttempts"] == 2
    assert readable(config["DestinationConfig"]["OnFailure"]["Destination"]) == "<QueuesLibraryDeadLetters>"


def the_function_can_draw(template: Template) -> None:
    function = only(template, FUNCTION, "LibraryAssets")
    assert (function["MemorySize"], function["Timeout"]) == (1024, 120)
    layers = [plain(layer) for layer in function["Layers"]]
    assert [layer for layer in layers if "Thumbnails" in layer]
    others = [each for name, each in resources(template, FUNCTION).items() if not name.startswith("LibraryAssets")]
    assert not [layer for each in others for layer in each["Layers"] if "Thumbnails" in plain(layer)]


def the_function_writes_what_it_checked_and_nothing_else(template: Template) -> None:
    allowed: dict[str, set[str]] = {}
    for policy, statement in statements(template):
        if policy.startswith("LibraryAssets"):
            for resource in listed(statement["Resource"]):
                allowed.setdefault(readable(resource), set()).update(listed(statement["Action"]))
    s3 = {where: {each for each in what if each.startswith("s3:")} for where, what in allowed.items()}
    assert {where: what for where, what in s3.items() if what} == {
        "<StorageLibrary>": {"s3:ListBucket"},
        "<StorageLibrary>/*": {"s3:GetObject", "s3:DeleteObject"},
        "<StorageLibrary>/asset/*": {"s3:PutObject", "s3:PutObjectTagging"},
        "<StorageLibrary>/thumbnail/*": {"s3:PutObject", "s3:PutObjectTagging"},
    }
    assert {each for what in allowed.values() for each in what if each.startswith("dynamodb:")} == {
        "dynamodb:GetItem",
        "dynamodb:Query",
        "dynamodb:PutItem",
        "dynamodb:DeleteItem",
    }


def uploads_that_nobody_finished_end(template: Template) -> None:
    rules = only(template, BUCKET, "Library")["LifecycleConfiguration"]["Rules"]
    (uploads,) = (rule for rule in rules if rule.get("Prefix") == "upload/")
    assert uploads["ExpirationInDays"] == 1
    assert uploads["NoncurrentVersionExpiration"] == {"NoncurrentDays": 1}
    assert uploads["Status"] == "Enabled"


def no_page_in_a_browser_may_upload_unless_a_deployment_names_it(template: Template) -> None:
    assert not [name for name, each in resources(template, BUCKET).items() if "CorsConfiguration" in each]


def _bucket(key: str, value: Any) -> Spoil:
    def spoil(template: Template) -> None:
        only(template, BUCKET, "Library")[key] = value

    return spoil


def _hear_of_thumbnails(template: Template) -> None:
    rule = only(template, RULE, "LibraryArrivals")
    rule["EventPattern"]["detail"]["object"]["key"][0]["anything-but"]["prefix"] = ["upload/"]


def _forget_what_fails(template: Template) -> None:
    for config in resources(template, INVOKE).values():
        config["MaximumRetryAttempts"] = 0


def _draw_with_little(template: Template) -> None:
    only(template, FUNCTION, "LibraryAssets")["MemorySize"] = 256


def _keep_uploads(template: Template) -> None:
    rules = only(template, BUCKET, "Library")["LifecycleConfiguration"]["Rules"]
    next(rule for rule in rules if rule.get("Prefix") == "upload/")["ExpirationInDays"] = 365


@pytest.mark.parametrize(
    ("check", "spoil"),
    [
        (the_bucket_tells_eventbridge_without_a_custom_resource, _bucket("NotificationConfiguration", {})),
        (what_is_put_there_and_taken_away_is_heard_of, _hear_of_thumbnails),
        (what_the_function_cannot_do_is_set_aside, _forget_what_fails),
        (the_function_can_draw, _draw_with_little),
        (
            the_function_writes_what_it_checked_and_nothing_else,
            granted(["s3:PutObject"], "<StorageMedia>", part="LibraryAssets"),
        ),
        (uploads_that_nobody_finished_end, _keep_uploads),
        (
            no_page_in_a_browser_may_upload_unless_a_deployment_names_it,
            _bucket("CorsConfiguration", {"CorsRules": [{"AllowedMethods": ["POST"], "AllowedOrigins": ["*"]}]}),
        ),
    ],
)
def test_the_library_hears_looks_and_forgets_nothing(template: Template, check: Check, spoil: Spoil) -> None:
    turns_red(check, template, spoil)


def test_the_function_with_its_layers_is_small_enough_for_lambda(template: Template) -> None:
    """The packages that the synth of this very run made or found."""
    build = ROOT / "build" / "aws"

    def newest(name: str) -> Path:
        return max(build.glob(f"{name}-*"), key=lambda path: path.stat().st_mtime)

    def size(folder: Path) -> int:
        return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())

    parts = {name: size(newest(name)) for name in ("layers-thumbnails", "dependencies", "chatflow", "assets")}
    assert sum(parts.values()) < 0.7 * _MOST_UNZIPPED * 1_000_000, parts
    thumbnails = newest("layers-thumbnails")
    assert not [path for path in thumbnails.rglob("*") if path.suffix in {".pyi", ".pxd"} or path.name == "bin"]
    assert [path for path in thumbnails.rglob("*.so*") if "aarch64" in path.name or "abi3" in path.name]


def test_the_page_that_a_deployment_names_may_send_the_form_and_show_the_pictures(told: Template) -> None:
    (rule,) = only(told, BUCKET, "Library")["CorsConfiguration"]["CorsRules"]
    assert rule["AllowedOrigins"] == ["https://console.example.com"]
    assert set(rule["AllowedMethods"]) == {"POST", "GET", "HEAD"}
    assert "CorsConfiguration" not in only(told, BUCKET, "Media")
