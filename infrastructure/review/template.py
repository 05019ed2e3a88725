"""Synthesizes and reads the template: names without hashes, references in angle brackets."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from infrastructure.packaging.contents import ROOT

Template = dict[str, Any]

_HASH = re.compile(r"(\w+?)[0-9A-F]{8}")


def flags() -> dict[str, Any]:
    """The feature flags of cdk.json, on which a template depends as on the code."""
    context: dict[str, Any] = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["context"]
    return context


def synthesized(folder: Path, **context: str) -> Template:
    """The template that app.py would create, without cdk-nag (which has its own test). It takes half a minute."""
    # Imported here, since it takes seconds: reading a template does not need the CDK.
    from aws_cdk import App

    from infrastructure.configuration import read_configuration
    from infrastructure.stack import Chatflow

    app = App(outdir=str(folder), context={**flags(), **context})
    Chatflow(app, read_configuration(app.node))
    app.synth()
    (path,) = folder.glob("*.template.json")
    template: Template = json.loads(path.read_text(encoding="utf-8"))
    return template


def of_type(template: Template, type: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Logical id and properties of every resource of this type, ordered by id."""
    for name, resource in sorted(template["Resources"].items()):
        if resource["Type"] == type:
            yield name, resource.get("Properties", {})


def as_list(value: Any) -> list[Any]:
    """CloudFormation writes a list of one element as the element alone."""
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
    """The path of a construct's ids in the code, without the hash that the CDK appends."""
    found = _HASH.fullmatch(logical_id)
    return found[1] if found else logical_id
