"""A channel is one folder: added to a copy of the project, with nothing else edited, it is deployed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys

import pytest

from infrastructure.packaging.contents import ROOT
from infrastructure.review.template import flags
from tests.infrastructure.template_checks import Template, only

pytestmark = pytest.mark.slow

PIGEON = ROOT / "tests" / "contract" / "channels" / "pigeon"
LINKED = ("build", "cdk.json", "chatflow_cli", "docs", "flows", "functions", "node_modules")


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Template:
    """The template of a project with one more channel, as `cdk deploy` makes it: cdk-nag has no finding."""
    project = tmp_path_factory.mktemp("project")
    shutil.copy(ROOT / "app.py", project)  # it looks for the project where it lies, as infrastructure does
    for name in ("infrastructure", "layers"):
        shutil.copytree(ROOT / name, project / name)
    for name in LINKED:
        (project / name).symlink_to(ROOT / name)
    channels = project / "layers" / "chatflow" / "python" / "chatflow" / "channels"
    shutil.copytree(PIGEON, channels / "pigeon", ignore=shutil.ignore_patterns("examples.py"))
    output = project / "cdk.out"
    context = json.dumps({**flags(), "stage": "dev"})
    subprocess.run(
        [sys.executable, "app.py"],
        cwd=project,
        env={**os.environ, "CDK_OUTDIR": str(output), "CDK_CONTEXT_JSON": context},
        check=True,
        timeout=300,
    )
    [path] = output.glob("*.template.json")
    template: Template = json.loads(path.read_text(encoding="utf-8"))
    return template


def test_it_has_a_secret_that_nobody_knows(deployed: Template) -> None:
    secret = only(deployed, "AWS::SecretsManager::Secret", "Pigeon")
    assert secret["Name"] == "Chatflow-dev/channels/pigeon"
    assert secret["GenerateSecretString"]["GenerateStringKey"] == "unconnected"
