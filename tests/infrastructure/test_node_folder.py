"""A node type is one folder: in a copy of the project, with nothing else edited, it is deployed and documented."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from infrastructure.packaging.contents import ROOT
from infrastructure.review.template import flags
from tests.infrastructure.template_checks import Template, only, plain

pytestmark = pytest.mark.slow

NOTE = ROOT / "tests" / "contract" / "nodes" / "note"
LINKED = ("build", "cdk.json", "chatflow_cli", "node_modules")
FLOW = "chatflow: 1\nflow: noted\nstart: mark\nnodes:\n  mark: {type: note, note: wants-a-call, then: end}\n"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project with one more node type, and a flow that uses it."""
    copy = tmp_path_factory.mktemp("project")
    shutil.copy(ROOT / "app.py", copy)  # it looks for the project where it lies, as infrastructure does
    for name in ("infrastructure", "layers", "functions", "flows", "docs"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in LINKED:
        (copy / name).symlink_to(ROOT / name)
    shutil.copytree(NOTE, copy / "functions" / "nodes" / "note", ignore=shutil.ignore_patterns("__pycache__"))
    (copy / "flows" / "noted.yaml").write_text(FLOW)
    return copy


def run(project: Path, *command: str, **environment: str) -> str:
    """Run Python in the copy; its output."""
    path = os.pathsep.join(str(project / each) for each in ("layers/chatflow/python", "functions", "."))
    given = {**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1", **environment}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", *command],
        cwd=project,
        env=given,
        check=False,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def deployed(project: Path) -> Template:
    """The template of that project, as `cdk deploy` makes it: cdk-nag has no finding, the flow no problem."""
    output = project / "cdk.out"
    context = json.dumps({**flags(), "stage": "dev"})
    run(project, "app.py", CDK_OUTDIR=str(output), CDK_CONTEXT_JSON=context)
    [path] = output.glob("*.template.json")
    template: Template = json.loads(path.read_text(encoding="utf-8"))
    return template


def test_it_is_a_function_of_its_own(deployed: Template) -> None:
    function = only(deployed, "AWS::Lambda::Function", "NodeTypesNote")
    assert (function["Handler"], function["MemorySize"]) == ("nodes.note.handler.lambda_handler", 128)


def test_it_is_a_state_of_a_turn(deployed: Template) -> None:
    machine: dict[str, Any] = json.loads(plain(only(deployed, "AWS::StepFunctions::StateMachine")["DefinitionString"]))
    assert machine["States"]["Note"]["Arguments"]["FunctionName"].startswith("<NodeTypesNoteFunction")
    choices = machine["States"]["ChooseNode"]["Choices"]
    assert {"Condition": "{% $lookup($nodes, $at).type = 'note' %}", "Next": "Note"} in choices


def test_editors_get_its_description(project: Path) -> None:
    code = "from management.node_types import service; print(service.list_node_types(100, None).model_dump_json())"
    described = {each["name"]: each for each in json.loads(run(project, "-c", code))["items"]}
    (variant,) = described["note"]["variants"]
    assert described["note"]["icon"] == "notebook-pen"
    assert [exit["label"] for exit in variant["exits"]] == ["Done", "Too large"]
    assert variant["config_schema"]["properties"]["note"]["title"] == "What to note"


def test_make_docs_writes_its_section_and_its_schema(project: Path) -> None:
    assert run(project, "-m", "infrastructure.review", "docs").strip() == (
        "written: docs/flow-format.md, docs/schema/flow.json"
    )
    page = (project / "docs" / "flow-format.md").read_text(encoding="utf-8")
    assert "### note: write a note into the transcript\n```yaml\nmark: {type: note" in page
    schema = json.loads((project / "docs" / "schema" / "flow.json").read_text(encoding="utf-8"))
    assert "note" in schema["$defs"]["Node"]["properties"]["type"]["enum"]
