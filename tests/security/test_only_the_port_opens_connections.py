"""Nothing in a Lambda opens a connection but the port, and what is named here with its reason."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HOUSE = (ROOT / "layers", ROOT / "functions")

# What opens connections, or starts a program that could.
WAYS_OUT = frozenset(
    {
        "aiohttp",
        "asyncio",
        "boto3",
        "botocore",
        "ctypes",
        "ftplib",
        "http.client",
        "httpx",
        "imaplib",
        "multiprocessing",
    }
    | {
        "nntplib",
        "poplib",
        "pycurl",
        "requests",
        "s3transfer",
        "smtplib",
        "socket",
        "socketserver",
        "ssl",
        "subprocess",
    }
    | {"telnetlib", "urllib.request", "urllib3", "webbrowser", "websocket", "websockets", "xmlrpc"}
)
ADAPTERS = "layers/chatflow/python/chatflow/adapters"
EXCEPTIONS = {
    # The guarded fetch itself.
    f"{ADAPTERS}/http/connections.py": {"socket", "ssl", "urllib3"},
    f"{ADAPTERS}/http/fetch.py": {"http.client", "ssl", "urllib3"},
    # The contexts of both, which connect to nothing, and the class of an answer's body.
    f"{ADAPTERS}/tls.py": {"ssl"},
    f"{ADAPTERS}/response_bodies.py": {"urllib3"},
    # The malware scanner, whose address only the operator who deploys sets; it does not speak HTTP.
    "functions/malware_scan/clamd.py": {"socket"},
    # AWS's own addresses, which neither a flow nor a channel names.
    f"{ADAPTERS}/aws/connections.py": {"http.client", "socket", "ssl", "urllib.request"},  # of our own client
    f"{ADAPTERS}/aws/settings.py": {"botocore"},  # what the environment does not say
    f"{ADAPTERS}/aws/botocore_clients.py": {"botocore"},
    f"{ADAPTERS}/aws/botocore_connections.py": {"botocore", "urllib3"},
    "functions/conversation/erasure_request.py": {"botocore"},  # the classes of two errors
    f"{ADAPTERS}/cloudformation.py": {"urllib.request"},  # the answer to CloudFormation, at a URL that it signs
    # No connection: files are rendered by a Python process of its own, which can be ended.
    "functions/asset_processing/thumbnails/create.py": {"subprocess"},
}


def imported(source: str) -> Iterator[str]:
    """Everything that a module imports, wherever in it, and what it names to an import at run time."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{each.name}" for each in node.names)
        elif isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) in (
            "__import__",
            "import_module",
        ):
            yield from (
                each.value for each in node.args[:1] if isinstance(each, ast.Constant) and isinstance(each.value, str)
            )


def ways_out(source: str) -> set[str]:
    """Which of the ways out a module could take."""
    return {way for name in imported(source) for way in WAYS_OUT if name == way or name.startswith(f"{way}.")}


def modules() -> Iterator[tuple[str, str]]:
    for folder in HOUSE:
        for file in sorted(folder.rglob("*.py")):
            yield file.relative_to(ROOT).as_posix(), file.read_text(encoding="utf-8")


def test_only_the_port_and_what_is_named_here_can_open_a_connection() -> None:
    found = {path: ways for path, source in modules() if (ways := ways_out(source))}
    strangers = {path: ways - EXCEPTIONS.get(path, set()) for path, ways in found.items()}
    assert {path: ways for path, ways in strangers.items() if ways} == {}


def test_no_exception_outlives_its_reason() -> None:
    sources = dict(modules())
    assert {path: ways_out(sources[path]) for path in EXCEPTIONS} == EXCEPTIONS


@pytest.mark.parametrize(
    "source",
    [
        "import socket",
        "import socket as s",
        "from socket import create_connection",
        "import urllib.request",
        "from urllib import request",
        "from urllib.request import urlopen",
        "from http import client",
        "import requests.sessions",
        "def f():\n    from urllib3 import PoolManager",
        "import importlib\nimportlib.import_module('httpx')",
        "__import__('subprocess')",
    ],
)
def test_every_way_to_import_one_is_seen(source: str) -> None:
    assert ways_out(source)


@pytest.mark.parametrize(
    "source", ["from urllib.parse import quote", "from http import HTTPStatus", "import requests_toolbelt"]
)
def test_what_opens_nothing_is_free(source: str) -> None:
    assert ways_out(source) == set()
