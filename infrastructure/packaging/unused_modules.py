"""Keeps packages from importing at every start what is never used in Lambda. Decision record 0041.

- botocore writes documentation for its clients from their models: a generator of HTML and its parser. A docstring of a
  client's method is empty then.
- urllib3 speaks HTTP/2 on request, for which it asks `importlib.metadata` which version of h2 is installed.
- pydantic looks for plugins among all installed packages, with `importlib.metadata`, too. There are none.
- Powertools' event handlers for other services than API Gateway import asyncio.
- requests-toolbelt's encoder of multipart bodies imports all of requests, for a class that fetches a part from a URL.

Nothing else of these packages is changed.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

_NOTICE: Final = "# Reduced by Chatflow: what this module does otherwise is never used in Lambda.\n"
_DOCSTRINGS: Final = """

class LazyLoadedDocstring(str):
    def __new__(cls, *args, **kwargs):
        return super().__new__(cls)


class ClientMethodDocstring(LazyLoadedDocstring):
    pass


class WaiterDocstring(LazyLoadedDocstring):
    pass


class PaginatorDocstring(LazyLoadedDocstring):
    pass
"""
_HANDLERS: Final = """
from aws_lambda_powertools.event_handler.api_gateway import APIGatewayHttpResolver, ApiGatewayResolver, Response

__all__ = ["APIGatewayHttpResolver", "ApiGatewayResolver", "Response"]
"""
_PLUGINS: Final = """

def get_plugins():
    return ()
"""
_REPLACED: Final = {
    "aws_lambda_powertools/event_handler/__init__.py": _HANDLERS,
    "botocore/docs/__init__.py": "\nDEPRECATED_SERVICE_NAMES = {'sms-voice'}\n",  # boto3 imports it
    "botocore/docs/docstring.py": _DOCSTRINGS,
    "pydantic/plugin/_loader.py": _PLUGINS,
    "requests_toolbelt/__init__.py": "",
    "requests_toolbelt/_compat.py": "\nfrom urllib3 import fields\n\n__all__ = ['fields']\n",
    "requests_toolbelt/multipart/__init__.py": "",
    "urllib3/http2/__init__.py": "",
}
_LINES: Final = {"requests_toolbelt/multipart/encoder.py": "import requests\n"}  # removed where they stand


def leave_out(layer: Path) -> None:
    """Raises FileNotFoundError or ValueError when a release of these packages has other modules or lines."""
    packages = {path.name for path in layer.iterdir() if path.is_dir()}
    for name in (*_REPLACED, *_LINES):
        if name.partition("/")[0] not in packages:
            continue
        file = layer / name
        text = file.read_text(encoding="utf-8")
        file.unlink()  # it may be a hard link into the installer's cache
        if name in _REPLACED:
            reduced = _NOTICE + _REPLACED[name]
        else:
            before, line, after = text.partition(f"\n{_LINES[name]}")
            if not line:
                raise ValueError(f"{name} has no line {_LINES[name]!r}")
            reduced = f"{_NOTICE}{before}\n{after}"
        file.write_text(reduced, encoding="utf-8")
