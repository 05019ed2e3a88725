"""Puts the files of a build into the console's bucket, so that a page that is open or loading goes on working."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from chatflow.adapters.aws.botocore_clients import botocore_client
from chatflow.errors import ChatflowError

_INDEX: Final = "index.html"
_CONFIGURATION: Final = "config.json"
_READ_SECONDS: Final = 60


class UnknownEnding(ChatflowError):
    """A file of the build whose content type is not known."""


class NotRemoved(ChatflowError):
    """S3 did not delete a file."""


def put_files(properties: Mapping[str, Any]) -> list[str]:
    """Put the build of a custom resource's properties, and config.json; returns the names of the build's files.

    index.html, which names the others, comes last: until all of them are there, and after a failure, browsers get the
    former one with its own files. Raises UnknownEnding before anything is put.
    """
    bucket = properties["Bucket"]
    with _archive(properties) as build:
        names = _names(build)
        types = {name: _content_type(name, properties["ContentTypes"]) for name in names}
        for name in (each for each in names if each != _INDEX):
            _put(bucket, name, build.read(name), types[name], properties["CacheControl"])
        configuration = json.dumps(properties["Configuration"], indent=1).encode()
        json_type = _content_type(_CONFIGURATION, properties["ContentTypes"])
        _put(bucket, _CONFIGURATION, configuration, json_type, properties["CacheControl"])
        _put(bucket, _INDEX, build.read(_INDEX), types[_INDEX], properties["CacheControl"])
    return names


def former_files(properties: Mapping[str, Any]) -> list[str] | None:
    """The names of the files of a former build; None when its archive is gone."""
    s3 = botocore_client("s3")
    try:
        with _archive(properties) as build:
            return _names(build)
    except s3.exceptions.ClientError as error:
        # Without the permission to list the bucket of archives, S3 says of a missing one that it is forbidden.
        if error.response["Error"]["Code"] not in ("NoSuchKey", "NoSuchBucket", "AccessDenied", "404", "403"):
            raise
        return None


def remove_others(bucket: str, kept: Iterable[str]) -> list[str]:
    """Delete every file of the bucket that is not to be kept; returns their names. A missing bucket counts as empty."""
    s3, keep = botocore_client("s3"), set(kept)
    removed: list[str] = []
    try:
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
            keys = [each["Key"] for each in page.get("Contents", ()) if each["Key"] not in keep]
            if not keys:
                continue
            answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": key} for key in keys], "Quiet": True})
            if errors := answer.get("Errors"):
                raise NotRemoved(f"{len(errors)} files could not be removed, such as {errors[0]['Key']}")
            removed += keys
    except s3.exceptions.NoSuchBucket:
        pass
    return removed


def kept_files(names: Iterable[str]) -> set[str]:
    """The names that a build needs in the bucket: its files and its configuration."""
    return {*names, _CONFIGURATION}


def _archive(properties: Mapping[str, Any]) -> zipfile.ZipFile:
    """The zipped build, as the CDK uploaded it."""
    s3 = botocore_client("s3", read_timeout=_READ_SECONDS)
    body = s3.get_object(Bucket=properties["ArchiveBucket"], Key=properties["Archive"])["Body"].read()
    return zipfile.ZipFile(io.BytesIO(body))


def _names(build: zipfile.ZipFile) -> list[str]:
    return [each.filename for each in build.infolist() if not each.is_dir() and each.filename != _CONFIGURATION]


def _content_type(name: str, types: Mapping[str, str]) -> str:
    try:
        return types[name.rpartition(".")[2]]
    except KeyError:
        raise UnknownEnding(f"{name}: the content type of this ending is not known") from None


def _put(bucket: str, name: str, content: bytes, mime: str, caching: Sequence[Sequence[str]]) -> None:
    """`caching`: beginnings of names and their Cache-Control; the first that fits applies."""
    cache_control = next(value for start, value in caching if name.startswith(start))
    botocore_client("s3").put_object(
        Bucket=bucket, Key=name, Body=content, ContentType=mime, CacheControl=cache_control
    )
