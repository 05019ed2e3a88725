"""The import rules of `.importlinter`: planted violations are reported, and no list is out of date."""

from __future__ import annotations

import configparser
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.fakes.node_types import MANIFESTS

ROOT = Path(__file__).parents[2]
CHATFLOW = ROOT / "layers" / "chatflow" / "python" / "chatflow"
FUNCTIONS = sorted(path.name for path in (ROOT / "functions").iterdir() if any(path.rglob("*.py")))
PACKAGES = sorted(path.parent.name for path in CHATFLOW.glob("*/__init__.py"))
PROGRAMS = ["chatflow_cli", "infrastructure", "local"]


@dataclass(frozen=True)
class Plant:
    """An import line added to a module, and the wall that must report it."""

    module: Path  # relative to the repository
    line: str
    wall: str

    def __str__(self) -> str:
        return f"{self.module}: {self.line}"


def a_module_of(folder: Path) -> Path:
    """The first module of a folder that may be changed, relative to the repository."""
    found = next(path for path in sorted(folder.rglob("*.py")) if path.name != "__init__.py")
    return found.relative_to(ROOT)


def plants() -> list[Plant]:
    """One violation for each package and each kind."""
    pure = [a_module_of(CHATFLOW / package) for package in PACKAGES if package != "adapters"]
    roots = [path.relative_to(ROOT) for path in sorted(CHATFLOW.glob("*.py")) if path.name != "__init__.py"]
    return [
        *(Plant(module, "import boto3", "AWS and HTTP libraries") for module in [*pure, *roots]),
        *(Plant(module, "import aws_cdk", "import the CDK") for module in [*pure, *roots]),
        *(Plant(module, "import chatflow.adapters.aws", "use no adapter") for module in pure),
        *(Plant(Path("chatflow_cli/formatting.py"), f"import {name}", "command line") for name in FUNCTIONS),
        Plant(Path("chatflow_cli/formatting.py"), "import boto3", "command line"),
        Plant(Path("chatflow_cli/commands/media.py"), "import chatflow_cli.channels.api", "stores credentials"),
        Plant(Path("chatflow_cli/commands/media.py"), "import chatflow_cli.doctor.account", "uses AWS credentials"),
    ]


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What import-linter reports of a copy of the code with every plant in it."""
    return report_of(plants(), tmp_path_factory.mktemp("walls"))


def report_of(planted: list[Plant], copy: Path) -> str:
    """What import-linter reports of a copy of the code with these plants."""
    for folder in ("functions", "layers/chatflow/python", *PROGRAMS):
        shutil.copytree(ROOT / folder, copy / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / ".importlinter", copy)
    for plant in planted:
        with (copy / plant.module).open("a", encoding="utf-8") as module:
            module.write(f"\n{plant.line}\n")
    path = os.pathsep.join(str(copy / each) for each in ("functions", "layers/chatflow/python", "."))
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"]
    environment = {**os.environ, "PYTHONPATH": path, "COLUMNS": "1000"}
    done = subprocess.run(
        [*command, "--no-cache"], check=False, cwd=copy, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 1, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("importers", [FUNCTIONS[0::2], FUNCTIONS[1::2]], ids=["even", "odd"])
def test_a_function_that_imports_another_is_reported(importers: list[str], tmp_path: Path) -> None:
    others = [name for name in FUNCTIONS if name not in importers]
    planted = [
        Plant(a_module_of(ROOT / "functions" / importer), f"import {other}.{a_name_in(other)}", "each other")
        for importer, other in zip(importers, others, strict=False)
    ]
    assert unreported(planted, report_of(planted, tmp_path)) == []


def a_name_in(function: str) -> str:
    return f"{next(iter(MANIFESTS))}.rule" if function == "nodes" else "handler"


def test_a_function_imported_by_the_shared_layer_is_reported(tmp_path: Path) -> None:
    plant = Plant((CHATFLOW / "errors.py").relative_to(ROOT), "import webhook.handler", "no function and no program")
    report = report_of([plant], tmp_path)
    assert "chatflow.errors -> webhook.handler" in report
    assert any(plant.wall in line and "BROKEN" in line for line in report.splitlines())


def module_name(path: Path) -> str:
    text = path.with_suffix("").as_posix()
    return re.sub(r"^(layers/chatflow/python|functions)/", "", text).replace("/", ".")


def unreported(planted: list[Plant], report: str) -> list[str]:
    """The plants that the report does not name."""
    missing = []
    for plant in planted:
        source, target = module_name(plant.module), plant.line.removeprefix("import ")
        if not re.search(rf"{re.escape(source)} -> {re.escape(target)}\b", report):
            missing.append(str(plant))
    return missing


def test_every_planted_import_is_reported(report: str) -> None:
    assert unreported(plants(), report) == []


def test_every_wall_with_a_plant_is_broken(report: str) -> None:
    walls = {plant.wall for plant in plants()}
    broken = [line for line in report.splitlines() if "BROKEN" in line]
    assert [wall for wall in sorted(walls) if not any(wall in line for line in broken)] == []


def test_every_folder_of_code_is_a_package() -> None:
    """grimp loses imports between namespace packages, differently in each run."""
    code = [CHATFLOW, *(ROOT / "functions" / name for name in FUNCTIONS), *(ROOT / name for name in PROGRAMS)]
    folders = {path.parent for folder in code for path in folder.rglob("*.py") if "__pycache__" not in path.parts}
    assert [str(folder.relative_to(ROOT)) for folder in sorted(folders) if not (folder / "__init__.py").exists()] == []


def test_every_function_and_program_stands_in_every_list_that_must_be_whole() -> None:
    config = configparser.ConfigParser()
    config.read(ROOT / ".importlinter")

    def listed(section: str, option: str) -> set[str]:
        return set(config.get(section, option).split())

    contract = "importlinter:contract:"
    everything = {"chatflow", *FUNCTIONS, *PROGRAMS}
    assert listed("importlinter", "root_packages") == everything
    assert listed(f"{contract}chatflow-imports-nothing-of-ours", "forbidden_modules") == everything - {"chatflow"}
    assert listed(f"{contract}functions-are-independent", "modules") == set(FUNCTIONS)
    assert listed(f"{contract}cdk-only-in-infrastructure", "source_modules") == everything - {"infrastructure"}
    assert listed(f"{contract}the-command-line-knows-only-the-api", "forbidden_modules") >= {*FUNCTIONS, "local"}
    rules = {f"chatflow.{package}" for package in PACKAGES if package != "adapters"}
    assert listed(f"{contract}rules-use-no-adapter", "source_modules") >= rules
    packages = {name for name in everything if len(list(folder_of(name).rglob("*.py"))) > 1}
    assert listed(f"{contract}no-cycles", "ancestors") >= packages


def folder_of(name: str) -> Path:
    return CHATFLOW if name == "chatflow" else ROOT / ("functions" if name in FUNCTIONS else "") / name
