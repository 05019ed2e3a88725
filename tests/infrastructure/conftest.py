"""The templates of the stack's variants for AWS, each synthesized once a run."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Callable
from functools import cache

import pytest

from tests.infrastructure.template_checks import Template

Synth = Callable[..., Template]


@pytest.fixture(scope="session")
def synth(tmp_path_factory: pytest.TempPathFactory) -> Synth:
    """`synth(stage="dev", kms="true")`: the template of a variant, made once for all workers of pytest-xdist."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent

    @cache
    def made(context: str) -> Template:
        folder = shared / f"synth-{hashlib.sha256(context.encode()).hexdigest()[:16]}"
        file = folder / "template.json"
        with (shared / f"{folder.name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not file.exists():
                from infrastructure.review.template import synthesized

                template = synthesized(folder, **json.loads(context))
                file.write_text(json.dumps(template), encoding="utf-8")
        template: Template = json.loads(file.read_text(encoding="utf-8"))
        return template

    return lambda **context: made(json.dumps(context, sort_keys=True))


@pytest.fixture(scope="session")
def template(synth: Synth) -> Template:
    """The stage `dev`."""
    return synth(stage="dev")


@pytest.fixture(scope="session")
def prod(synth: Synth) -> Template:
    """The stage `prod`."""
    return synth(stage="prod")


@pytest.fixture(scope="session")
def configured(synth: Synth) -> Template:
    """The stage `dev` with an administrator, an address for alerts, and the web console and a page on other origins."""
    addresses = {"admin_email": "ada@example.com", "alert_email": "ops@example.com"}
    origins = {"console": "https://chatflow.example.com", "console_origins": "https://console.example.com"}
    return synth(stage="dev", **origins, **addresses)


@pytest.fixture(scope="session")
def with_key(synth: Synth) -> Template:
    """The stage `dev` with a customer-managed key."""
    return synth(stage="dev", kms="true")


@pytest.fixture(scope="session")
def with_existing_key(synth: Synth) -> Template:
    """The stage `dev` with an existing key, logs without masking, reserved concurrency, and without web console."""
    key = "arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-3333-4444-555555555555"
    return synth(stage="dev", kms=key, console="none", mask_logs="false", reserved_concurrency="5", concurrency="5")
