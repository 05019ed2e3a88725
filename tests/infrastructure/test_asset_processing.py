"""Asset processing: every file that is put into the bucket reaches one function, and no failed event is lost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from infrastructure.packaging.contents import ROOT
from tests.infrastructure.template_checks import (
    Check,
    Mutation,
    Template,
    as_list,
    assert_detects,
    granted,
    only,
    plain,
    readable,
    resources,
    statements,
)

BUCKET, RULE, FUNCTION = "AWS::S3::Bucket", "AWS::Events::Rule", "AWS::Lambda::Function"
INVOKE = "AWS::Lambda::EventInvokeConfig"
_MOST_UNZIPPED = 250  # MB, Lambda's limit of a function with all of its layers


def the_bucket_sends_events_without_a_custom_resource(template: Template) -> None:
    notifications = only(template, BUCKET, "Library")["NotificationConfiguration"]
    assert notifications == {"EventBridgeConfiguration": {"EventBridgeEnabled": True}}
    assert "Custom::S3BucketNotifications" not in {each["Type"] for each in template["Resources"].values()}


def arrivals_and_removals_invoke_the_function(template: Template) -> None:
    excluded = {}
    for rule in resources(template, RULE).values():
        pattern = rule["EventPattern"]
        if pattern.get("source") != ["aws.s3"]:
            continue
        assert readable(pattern["detail"]["bucket"]["name"][0]) == "<StorageLibrary>"
        (target,) = rule["Targets"]
        assert readable(target["Arn"]) == "<LibraryAssetsFunction>"
        assert readable(target["DeadLetterConfig"]["Arn"]) == "<QueuesLibraryDeadLetters>"
        assert target["RetryPolicy"]["MaximumRetryAttempts"] == 2
        (key,) = pattern["detail"]["object"]["key"]
        excluded[tuple(pattern["detail-type"])] = key["anything-but"]["prefix"]
    assert excluded == {("Object Created",): ["thumbnail/"], ("Object Deleted",): ["asset/", "thumbnail/", "upload/"]}


def an_event_that_fails_becomes_a_dead_letter(template: Template) -> None:
    (config,) = (each for each in resources(template, INVOKE).values() if "Library" in plain(each["FunctionName"]))
    assert config["MaximumRetryAttempts"] == 2
    assert readable(config["DestinationConfig"]["OnFailure"]["Destination"]) == "<QueuesLibraryDeadLetters>"


def the_function_can_render_thumbnails(template: Template) -> None:
    function = only(template, FUNCTION, "LibraryAssets")
    assert (function["MemorySize"], function["Timeout"]) == (1024, 120)
    layers = [plain(layer) for layer in function["Layers"]]
    assert [layer for layer in layers if "Thumbnails" in layer]
    others = [each for name, each in resources(template, FUNCTION).items() if not name.startswith("LibraryAssets")]
    assert not [layer for each in others for layer in each["Layers"] if "Thumbnails" in plain(layer)]


def the_function_writes_assets_and_thumbnails_only(template: Template) -> None:
    allowed: dict[str, set[str]] = {}
    for policy, statement in statements(template):
        if policy.startswith("LibraryAssets"):
            for resource in as_list(statement["Resource"]):
                allowed.setdefault(readable(resource), set()).update(as_list(statement["Action"]))
    s3 = {resource: {each for each in actions if each.startswith("s3:")} for resource, actions in allowed.items()}
    assert {resource: actions for resource, actions in s3.items() if actions} == {
        "<StorageLibrary>": {"s3:ListBucket"},
        "<StorageLibrary>/*": {"s3:GetObject", "s3:DeleteObject"},
        "<StorageLibrary>/asset/*": {"s3:PutObject", "s3:PutObjectTagging"},
        "<StorageLibrary>/thumbnail/*": {"s3:PutObject", "s3:PutObjectTagging"},
    }
    assert {each for actions in allowed.values() for each in actions if each.startswith("dynamodb:")} == {
        "dynamodb:GetItem",
        "dynamodb:Query",
        "dynamodb:PutItem",
        "dynamodb:DeleteItem",
    }


def unfinished_uploads_expire(template: Template) -> None:
    rules = only(template, BUCKET, "Library")["LifecycleConfiguration"]["Rules"]
    (uploads,) = (rule for rule in rules if rule.get("Prefix") == "upload/")
    assert uploads["ExpirationInDays"] == 1
    assert uploads["NoncurrentVersionExpiration"] == {"NoncurrentDays": 1}
    assert uploads["Status"] == "Enabled"


def only_pages_of_cloudfront_may_upload_to_the_library(template: Template) -> None:
    """Decision 0037 says why the console's own distribution is not named."""
    allowed = [
        (name[:-8], rule["AllowedOrigins"])
        for name, each in resources(template, BUCKET).items()
        for rule in each.get("CorsConfiguration", {}).get("CorsRules", [])
    ]
    assert allowed == [("StorageLibrary", ["https://*.cloudfront.net"])]


def _bucket(key: str, value: Any) -> Mutation:
    def mutate(template: Template) -> None:
        only(template, BUCKET, "Library")[key] = value

    return mutate


def _react_to_thumbnails(template: Template) -> None:
    rule = only(template, RULE, "LibraryArrivals")
    rule["EventPattern"]["detail"]["object"]["key"][0]["anything-but"]["prefix"] = ["upload/"]


def _never_retry(template: Template) -> None:
    for config in resources(template, INVOKE).values():
        config["MaximumRetryAttempts"] = 0


def _reduce_the_memory(template: Template) -> None:
    only(template, FUNCTION, "LibraryAssets")["MemorySize"] = 256


def _retain_uploads(template: Template) -> None:
    rules = only(template, BUCKET, "Library")["LifecycleConfiguration"]["Rules"]
    next(rule for rule in rules if rule.get("Prefix") == "upload/")["ExpirationInDays"] = 365


@pytest.mark.parametrize(
    ("check", "mutate"),
    [
        (the_bucket_sends_events_without_a_custom_resource, _bucket("NotificationConfiguration", {})),
        (arrivals_and_removals_invoke_the_function, _react_to_thumbnails),
        (an_event_that_fails_becomes_a_dead_letter, _never_retry),
        (the_function_can_render_thumbnails, _reduce_the_memory),
        (
            the_function_writes_assets_and_thumbnails_only,
            granted(["s3:PutObject"], "<StorageMedia>", part="LibraryAssets"),
        ),
        (unfinished_uploads_expire, _retain_uploads),
        (
            only_pages_of_cloudfront_may_upload_to_the_library,
            _bucket("CorsConfiguration", {"CorsRules": [{"AllowedMethods": ["POST"], "AllowedOrigins": ["*"]}]}),
        ),
    ],
)
def test_assets_are_processed_and_no_event_is_lost(template: Template, check: Check, mutate: Mutation) -> None:
    assert_detects(check, template, mutate)


def test_the_function_with_its_layers_is_small_enough_for_lambda(template: Template) -> None:
    """Reads the packages that this run's synth built or found."""
    build = ROOT / "build" / "aws"

    def newest(name: str) -> Path:
        return max(build.glob(f"{name}-*"), key=lambda path: path.stat().st_mtime)

    def size(folder: Path) -> int:
        return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())

    parts = {name: size(newest(name)) for name in ("layers-thumbnails", "dependencies", "chatflow", "asset_processing")}
    assert sum(parts.values()) < 0.7 * _MOST_UNZIPPED * 1_000_000, parts
    thumbnails = newest("layers-thumbnails")
    assert not [path for path in thumbnails.rglob("*") if path.suffix in {".pyi", ".pxd"} or path.name == "bin"]
    assert [path for path in thumbnails.rglob("*.so*") if "aarch64" in path.name or "abi3" in path.name]


def test_a_page_of_a_configured_origin_may_upload_and_show_files(configured: Template) -> None:
    (rule,) = only(configured, BUCKET, "Library")["CorsConfiguration"]["CorsRules"]
    assert rule["AllowedOrigins"] == ["https://chatflow.example.com", "https://console.example.com"]
    assert set(rule["AllowedMethods"]) == {"POST", "GET", "HEAD"}
    assert "CorsConfiguration" not in only(configured, BUCKET, "Media")


def test_no_web_page_may_upload_without_a_console_and_another_origin(with_existing_key: Template) -> None:
    assert not [name for name, each in resources(with_existing_key, BUCKET).items() if "CorsConfiguration" in each]
