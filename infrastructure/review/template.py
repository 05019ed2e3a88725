"""The synthesized template, as a reviewer reads it: names without hashes, references in angle brackets."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from aws_cdk import App

from infrastructure.configuration import configuration
from infrastructure.packaging.contents import ROOT
from infrastructure.stack import Chatflow

Template = dict[str, Any]

_HASH = re.compile(r"(\w+?)[0-9A-F]{8}")


def flags() -> dict[str, Any]:
    """The feature flags of cdk.json, which decide about a template as much as the code does."""
    said: dict[str, Any] = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["context"]
    return said


def synthesized(folder: Path, **context: str) -> Template:
    """The template that app.py would make, without cdk-nag (which has a test of its own). It takes half a minute."""
    app = App(outdir=str(folder), context={**flags(), **context})
    Chatflow(app, configuration(app.node))
    app.synth()
    (path,) = folder.glob("*.template.json")
    made: Template = json.loads(path.read_text(encoding="utf-8"))
    return made


def of_kind(template: Template, kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Logical id and properties of every resource of this type, in the order of ids."""
    for name, resource in sorted(template["Resources"].items()):
        if resource["Type"] == kind:
            yield name, resource.get("Properties", {})


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def plain(value: Any) -> str:
    """A value with its references in angle brackets: `<Media1234ABCD.Arn>/media/*`."""
    if isinstance(value, dict):
        ((function, argument),) = value.items()
        if function == "Fn::Join":
            return str(argument[0]).join(plain(part) for part in argument[1])
        if function == "Fn::Sub":
            return str(argument).replace("${", "<").replace("}", ">")
        return f"<{argument}>" if function == "Ref" else f"<{'.'.join(map(str, argument))}>"
    return str(value)


def readable(value: Any) -> str:
    """As `plain`, without hashes and attributes: `<StorageMedia>/media/*`."""
    return re.sub(r"<(\w+?)[0-9A-F]{8}(?:\.\w+)?>", r"<\1>", plain(value))


def unhashed(logical_id: str) -> str:
    """The name of a construct as the code knows it, without the hash that CloudFormation needs."""
    found = _HASH.fullmatch(logical_id)
    return found[1] if found else logical_id
