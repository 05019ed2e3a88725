"""Puts the console's build into its bucket, and writes what differs between deployments: config.json."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from aws_cdk import aws_s3 as s3
from aws_cdk import aws_s3_assets as s3_assets
from constructs import Construct

from infrastructure import timeouts
from infrastructure.configuration import Misconfigured
from infrastructure.console import headers
from infrastructure.custom_resource import custom_resource
from infrastructure.lambda_function import FunctionDefaults, LambdaFunction
from infrastructure.packaging.contents import ROOT
from infrastructure.security.nag import WildcardArn

BUILD: Final = ROOT / "build" / "console"
_MEMORY: Final = 512  # MB; the zipped build is held in memory, and more memory is more network


class ConsoleFiles(Construct):
    """The function reads only what this stack uploads, and writes only the console's bucket."""

    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        defaults: FunctionDefaults,
        bucket: s3.Bucket,
        configuration: Mapping[str, Any],
        upload_prefix: str,
    ) -> None:
        """`configuration`: the content of config.json. `upload_prefix`: the stack's in the CDK's bucket.

        Raises Misconfigured where no build is.
        """
        super().__init__(scope, name)
        check_build(BUILD)
        self.function = LambdaFunction(
            self,
            "Uploader",
            defaults=defaults,
            folder="console_files",
            description="Puts the web console's files into its bucket when the stack is deployed.",
            environment={},
            timeout=timeouts.CONSOLE_FILES,
            memory=_MEMORY,
            no_dead_letter_queue="CloudFormation waits for its answer, and rolls the deploy back when none comes.",
        )
        archive = s3_assets.Asset(self, "Build", path=str(BUILD), exclude=[".*"])
        uploads = WildcardArn(
            archive.bucket.arn_for_objects(f"{upload_prefix}*"),
            "The build's archive is named by its content; an update also reads the former one.",
        )
        self.function.allow(["s3:GetObject"], [uploads])
        objects = WildcardArn(bucket.arn_for_objects("*"), "The files of the build get new names with each change.")
        self.function.allow(["s3:PutObject", "s3:DeleteObject"], [objects])
        self.function.allow(["s3:ListBucket"], [bucket.bucket_arn])
        resource = custom_resource(
            self,
            "Content",
            function=self.function,
            timeout=timeouts.CONSOLE_FILES,
            resource_type="Custom::ConsoleFiles",
            properties={
                "Bucket": bucket.bucket_name,
                "ArchiveBucket": archive.s3_bucket_name,
                "Archive": archive.s3_object_key,
                "Configuration": configuration,
                "CacheControl": [list(each) for each in headers.CACHE_CONTROL],
                "ContentTypes": headers.CONTENT_TYPES,
            },
        )
        # Deleted before the bucket and its policy, so that it can empty the bucket.
        resource.node.add_dependency(bucket)


def check_build(build: Path) -> None:
    """Raises Misconfigured for a folder without a build, or with a file of which the content type is not known."""
    if not (build / headers.INDEX).is_file():
        raise Misconfigured(
            f"the web console is not built ({build / headers.INDEX}): run make ready, or -c console=none"
        )
    files = [file for file in build.rglob("*") if file.is_file() and not file.name.startswith(".")]
    unknown = sorted({file.name for file in files if file.suffix[1:] not in headers.CONTENT_TYPES})
    if unknown:
        raise Misconfigured(
            f"{', '.join(unknown)}: add the ending to CONTENT_TYPES in infrastructure/console/headers.py"
        )
