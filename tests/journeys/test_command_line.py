"""The command line against the deployed stack: the real program, the real API, a real login."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from local.description import Description
from local.whatsapp_simulator.phone import Phone

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]


@dataclass
class Said:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        assert self.out, self.err
        return json.loads(self.out)


Chatflow = Callable[..., Said]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, stack: Description) -> Path:
    """A person's home, in a checkout on which this stack runs."""
    folder = tmp_path_factory.mktemp("home")
    (folder / ".local").mkdir()
    stack.save(folder / ".local")
    return folder


@pytest.fixture(scope="module")
def chatflow(home: Path) -> Chatflow:
    """`chatflow`, logged in as the stack's admin."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CHATFLOW_")}
    environment = {**kept, "HOME": str(home), "XDG_CONFIG_HOME": str(home / ".config")}

    def run(*words: str, typed: str = "", expect: int = 0) -> Said:
        done = subprocess.run(
            [sys.executable, "-m", "chatflow_cli", *words],
            cwd=home,
            env=environment,
            input=typed,
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )
        assert done.returncode == expect, (words, done.stdout, done.stderr)
        return Said(done.returncode, done.stdout, done.stderr)

    run("login")
    return run


@pytest.fixture
def flow(tmp_path: Path) -> Path:
    """A flow that nobody published before."""
    file = tmp_path / "greeting.yaml"
    node = {"type": "text", "say": "Hello from the command line.", "then": "end"}
    document = {"chatflow": 1, "flow": f"greeting-{secrets.token_hex(4)}", "title": "Greet", "start": "hello"}
    file.write_text(yaml.safe_dump({**document, "nodes": {"hello": node}}, sort_keys=False))
    return file


def name_of(flow: Path) -> str:
    return str(yaml.safe_load(flow.read_text())["flow"])


def test_the_admin_of_the_local_stack_logs_in_without_a_word(chatflow: Chatflow, stack: Description) -> None:
    me = chatflow("whoami", "--json").json
    assert (me["name"], "admin" in me["roles"]) == (stack.admin_user, True)


def test_a_flow_is_published_taken_back_and_exported(chatflow: Chatflow, flow: Path) -> None:
    name, first = name_of(flow), flow.read_text()
    assert chatflow("flows", "validate", str(flow)).code == 0
    assert chatflow("flows", "publish", str(flow), "-m", "First", "--json").json["version"] == 1
    flow.write_text(first.replace("Hello", "Good day"))
    chatflow("flows", "publish", str(flow))
    assert chatflow("flows", "rollback", name, "1", "--json").json["version"] == 3
    assert chatflow("flows", "export", name).out == first
    assert [each["version"] for each in chatflow("flows", "versions", name, "--json").json["items"]] == [3, 2, 1]
    shown = chatflow("flows", "show", name, "--json").json
    assert (shown["version"], shown["title"]) == (3, "Greet")
    assert name in [each["name"] for each in chatflow("flows", "list", "--json").json["items"]]
    chatflow("flows", "delete", name, "--yes")
    assert "not-found" in chatflow("flows", "show", name, "--json", expect=4).json["error"]["type"]


def test_a_flow_with_a_problem_is_named_with_its_line_and_never_published(chatflow: Chatflow, flow: Path) -> None:
    flow.write_text(flow.read_text().replace("then: end", "then: nowhere"))
    (problem,) = chatflow("flows", "publish", str(flow), "--json", expect=1).json["problems"]
    lines = flow.read_text().splitlines()
    assert (problem["file"], problem["node"], "nowhere" in lines[problem["line"] - 1]) == (str(flow), "hello", True)
    chatflow("flows", "show", name_of(flow), expect=4)


def test_a_file_goes_into_the_library_and_is_checked_and_replaced(
    chatflow: Chatflow, samples: Path, tmp_path: Path
) -> None:
    name = f"photo-{secrets.token_hex(4)}.jpg"
    (made,) = chatflow("assets", "upload", str(samples / "photo-1.jpg"), "--name", name, "--json").json["items"]
    assert (made["state"], made["kind"], made["version"]) == ("ready", "image", 1)
    (made,) = chatflow("assets", "replace", name, str(samples / "photo-2.jpg"), "--json").json["items"]
    assert made["version"] == 2
    page = tmp_path / "page.jpg"
    page.write_text("<html>")
    (refused,) = chatflow("assets", "replace", name, str(page), "--json", expect=1).json["items"]
    assert refused["reason"]
    assert "Hello.jpg" in chatflow("assets", "rename", name, "Hello.jpg").out
    assert name in chatflow("assets", "list", "--kind", "image", "-s", name).out
    assert len(chatflow("assets", "show", name, "--json").json["versions"]) == 3
    chatflow("assets", "rm", name, "--yes")


def test_a_conversation_is_found_read_and_stopped(
    chatflow: Chatflow, phone: Phone, stack: Description, eventually: Callable[..., Any]
) -> None:
    phone.say("damage")
    phone.receive()
    account = stack.phone_number_id
    found = chatflow("sessions", "find", "--contact", "-", "--account", account, typed=phone.number)
    conversation = found.out.strip()
    eventually(lambda: conversation in chatflow("sessions", "list", "--state", "waiting", "--since", "1h").out)

    shown = chatflow("sessions", "show", conversation)
    assert "“damage”" in shown.out
    assert "damage-report" in shown.out
    assert phone.number not in shown.out
    chatflow("sessions", "stop", conversation, "--yes")
    eventually(lambda: chatflow("sessions", "show", conversation, "--json").json["session"]["state"] == "ended")
    chatflow("sessions", "stop", conversation, "--yes", expect=5)


def test_an_integration_is_tried_with_a_file_of_the_library(chatflow: Chatflow) -> None:
    listed = {each["name"]: each for each in chatflow("integrations", "list", "--json").json["items"]}
    assert listed["claims-upload"]["method"] == "POST"
    sample = ["-p", "plate=B AB 1234", "-f", "file=good-photo.png"]
    trial = chatflow("integrations", "try", "claims-upload", *sample, "--json").json
    assert (trial["exit"], trial["response"]["status"] // 100) == ("success", 2)
    refused = chatflow("integrations", "try", "claims-upload", "-p", "colour=red", expect=1)
    assert "body.parameters.plate" in refused.err
    assert chatflow("integrations", "export", "claims-upload").out.strip()


def test_a_secret_is_set_and_never_told(chatflow: Chatflow) -> None:
    name, value = f"secret-{secrets.token_hex(4)}", secrets.token_hex(12)
    chatflow("secrets", "set", name, typed=f"{value}\n")
    assert name in chatflow("secrets", "list").out
    chatflow("secrets", "rm", name, "--yes")
    audit = chatflow("audit", "-n", "200", "--since", "1h").out
    assert name in audit
    assert value not in audit


def test_what_else_an_operator_looks_at(chatflow: Chatflow) -> None:
    assert "routes" in chatflow("routes", "show").out
    assert chatflow("routes", "versions", "--json").json["items"][0]["live"]
    assert "items" in chatflow("dead-letters", "list", "--json").json


def test_after_a_logout_nothing_is_told(chatflow: Chatflow) -> None:
    chatflow("logout")
    chatflow("flows", "list", expect=3)
    chatflow("login")
