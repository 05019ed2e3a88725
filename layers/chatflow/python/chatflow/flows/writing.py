"""Writing a document as YAML that every reader takes for the same: ours (YAML 1.2) and those of YAML 1.1."""

from __future__ import annotations

import re
from typing import Any

import yaml

from chatflow.flows.reading import Resolver

_DELICATE = re.compile(r"[^\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")


class _Writer(yaml.SafeDumper):
    """Quotes what either version of YAML would take for something else than text."""

    yaml_implicit_resolvers = {  # noqa: RUF012  PyYAML's own attribute
        first: [
            *yaml.SafeDumper.yaml_implicit_resolvers.get(first, []),
            *Resolver.yaml_implicit_resolvers.get(first, []),
        ]
        for first in {*yaml.SafeDumper.yaml_implicit_resolvers, *Resolver.yaml_implicit_resolvers}
    }

    def ignore_aliases(self, _data: Any) -> bool:
        return True


def _text(writer: _Writer, text: str) -> yaml.ScalarNode:
    """Line breaks of every sort, and what cannot be seen, are written as escapes: other styles fold them."""
    return writer.represent_scalar("tag:yaml.org,2002:str", text, style='"' if _DELICATE.search(text) else None)


_Writer.add_representer(str, _text)


def as_yaml(data: Any) -> str:
    """JSON as a YAML document, in the order of its fields."""
    return yaml.dump(data, Dumper=_Writer, sort_keys=False, allow_unicode=True, width=110)
