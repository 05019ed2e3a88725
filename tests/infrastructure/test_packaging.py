"""Packages: small, complete, compiled for Lambda's Python, and changed only where their inputs changed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from infrastructure.packaging.builder import Packages
from infrastructure.packaging.bytecode import check
from infrastructure.packaging.contents import FUNCTIONS, ROOT, function_files, function_folders, layer_files
from infrastructure.packaging.dependencies import SERVICES
from infrastructure.packaging.targets import target
from tests.fakes.certificates import Certificates
from tests.fakes.node_types import MANIFESTS

pytestmark = pytest.mark.slow

LAYERS = ("dependencies", "chatflow")
PUBLISHING = "layers/publishing"
VALIDATING = {"management"}  # functions that validate flows, with the layer for it
# Modules that are imported only where flows are validated and compiled, with the layer for it.
WITH_PYDANTIC = (
    "/flows/",
    *(f"/publishing/{module}.py" for module in ("documents", "entries", "live_validation")),
)
LIMIT = 250 * 1024 * 1024  # bytes of a function and its layers, unzipped: a quota of Lambda
AARCH64 = 183  # ELF's number for the machine


@pytest.fixture(scope="module")
def for_lambda() -> Packages:
    return Packages(target("aws"))


@pytest.fixture(scope="module")
def for_local() -> Packages:
    return Packages(target("local"))


@pytest.fixture(scope="module")
def empty_build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which nothing is built yet."""
    return tmp_path_factory.mktemp("build")


@pytest.fixture(scope="module")
def rebuilt(empty_build: Path) -> Packages:
    """All packages for this machine, built again in a shell that hides its files from everybody else."""
    umask = os.umask(0o077)
    try:
        return Packages(target("local"), empty_build)
    finally:
        os.umask(umask)


@pytest.mark.parametrize("name", [*LAYERS, PUBLISHING, *function_folders()])
def test_lambda_may_read_what_was_built_with_any_umask(rebuilt: Packages, name: str) -> None:
    home = rebuilt[name].path
    modes = {(path.is_dir(), path.stat().st_mode & 0o777) for path in (home, *home.rglob("*"))}
    assert modes == {(True, 0o755), (False, 0o644)}


@pytest.mark.parametrize("name", [*LAYERS, *function_folders()])
def test_every_module_has_byte_code_that_lambda_uses_unchecked(for_lambda: Packages, name: str) -> None:
    modules = [*for_lambda[name].path.rglob("*.py")]
    assert modules
    for module in modules:
        check(module)


def test_byte_code_of_another_python_is_refused(for_local: Packages, tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text("")
    with pytest.raises(RuntimeError, match=r"CPython 3\.14"):
        check(module)
    compiled = tmp_path / "__pycache__" / "module.cpython-314.pyc"
    compiled.parent.mkdir()
    compiled.write_bytes(b"\xa7\x0d\x0d\x0a" + bytes(12))  # CPython 3.11's number
    with pytest.raises(RuntimeError, match=r"CPython 3\.14"):
        check(module)


def test_tracebacks_have_paths_of_lambda(for_lambda: Packages) -> None:
    (compiled,) = (for_lambda["webhook"].path / "webhook" / "__pycache__").glob("handler.*.pyc")
    assert b"/var/task/webhook/handler.py" in compiled.read_bytes()
    assert str(ROOT).encode() not in compiled.read_bytes()


def test_machine_code_is_for_arm(for_lambda: Packages) -> None:
    libraries = [path for name in LAYERS for path in for_lambda[name].path.rglob("*.so*")]
    assert libraries
    for library in libraries:
        head = library.read_bytes()[:20]
        assert head[:4] == b"\x7fELF"
        assert int.from_bytes(head[18:20], "little") == AARCH64


@pytest.mark.parametrize("folder", function_folders())
def test_a_function_fits_into_lambda(for_lambda: Packages, folder: str) -> None:
    size = sum(
        path.stat().st_size for name in (folder, *LAYERS) for path in for_lambda[name].path.rglob("*") if path.is_file()
    )
    assert size < LIMIT / 5  # far from the quota: a cold start reads it


@pytest.mark.parametrize("folder", function_folders())
def test_a_handler_starts_with_nothing_but_its_layers(for_local: Packages, folder: str, tmp_path: Path) -> None:
    module = f"{folder.replace('/', '.')}.handler"
    layers = [*LAYERS, PUBLISHING] if folder in VALIDATING else LAYERS
    path = [str(for_local[folder].path), *(str(for_local[name].path / "python") for name in layers)]
    light = {"aws_cdk"} if folder in VALIDATING else {"pydantic", "yaml", "aws_cdk"}
    code = (
        f"import sys; sys.path[:0] = {path!r}; sys.dont_write_bytecode = True\n"
        f"import importlib; handler = importlib.import_module({module!r}).lambda_handler\n"
        f"heavy = {light!r} & {{name.partition('.')[0] for name in sys.modules}}\n"
        "assert callable(handler) and not heavy, heavy\n"
    )
    # Isolated, without site-packages and without the environment: nothing stands in for what a layer lacks.
    _run_isolated(code, tmp_path)


@pytest.mark.parametrize("folder", sorted(VALIDATING))
def test_a_function_that_validates_has_all_that_it_imports_later(
    for_local: Packages, folder: str, tmp_path: Path
) -> None:
    path = [str(for_local[folder].path), *(str(for_local[name].path / "python") for name in [*LAYERS, PUBLISHING])]
    modules = [
        name.removesuffix("/__init__.py").removesuffix(".py").replace("/", ".")
        for name in function_files(folder)
        if name.endswith(".py")
    ]
    assert {f"nodes.{name}.config" for name in MANIFESTS} <= {*modules}
    code = (
        f"import sys; sys.path[:0] = {path!r}; sys.dont_write_bytecode = True\n"
        f"import importlib\nfor name in {modules!r}: importlib.import_module(name)\n"
    )
    _run_isolated(code, tmp_path)


def test_the_layers_have_all_that_the_package_chatflow_imports_later(for_local: Packages, tmp_path: Path) -> None:
    path = [str(for_local[name].path / "python") for name in LAYERS]
    modules = [
        name.removesuffix("/__init__.py").removesuffix(".py").removeprefix("python/").replace("/", ".")
        for name in layer_files()
        if name.endswith(".py") and not any(part in name for part in WITH_PYDANTIC)
    ]
    code = (
        f"import sys; sys.path[:0] = {path!r}; sys.dont_write_bytecode = True\n"
        f"import importlib\nfor name in {modules!r}: importlib.import_module(name)\n"
        "import boto3, requests_toolbelt, jsonpath\n"
        f"for service in {SERVICES!r}: boto3.client(service, region_name='eu-central-1')\n"
    )
    assert len(modules) > 20
    _run_isolated(code, tmp_path)


def _run_isolated(code: str, folder: Path) -> None:
    command = [sys.executable, "-I", "-S", "-c", code]
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr


def test_a_package_has_its_functions_own_files_and_nothing_else() -> None:
    for folder in (f"nodes/{name}" for name in MANIFESTS):
        files = function_files(folder)
        assert f"{folder}/handler.py" in files
        # Only publishing reads the model of what is published, the manifest and the page.
        assert not {f"{folder}/{name}" for name in ("config.py", "manifest.toml", "README.md")} & files.keys()
        assert not [name for name in files if not name.startswith(f"{folder}/") and not name.endswith("__init__.py")]


def test_the_management_api_has_the_manifest_of_each_node_type() -> None:
    assert {f"nodes/{name}/manifest.toml" for name in MANIFESTS} <= function_files("management").keys()


def test_the_channels_manifests_are_in_the_layer() -> None:
    assert "python/chatflow/channels/whatsapp/manifest.toml" in layer_files()


def test_an_edit_of_a_function_changes_its_package_alone(rebuilt: Packages, empty_build: Path, tmp_path: Path) -> None:
    functions = tmp_path / "functions"
    shutil.copytree(FUNCTIONS, functions, ignore=shutil.ignore_patterns("__pycache__"))
    edited_type = next(iter(MANIFESTS))
    (functions / "nodes" / edited_type / "rule.py").write_text("# another rule\n")
    edited = Packages(target("local"), empty_build, functions)
    names = (*LAYERS, *function_folders(functions))
    assert [name for name in names if rebuilt[name].hash != edited[name].hash] == [f"nodes/{edited_type}"]


def test_the_layer_has_each_public_authority_and_those_of_the_deployment(
    rebuilt: Packages, empty_build: Path, tmp_path: Path
) -> None:
    bundle = tmp_path / "authority.pem"
    bundle.write_text(Certificates.made(tmp_path).authority)
    trusting = Packages(target("local"), empty_build, ca_bundle=bundle)
    names = (*LAYERS, PUBLISHING, *function_folders())
    assert [name for name in names if rebuilt[name].hash != trusting[name].hash] == ["dependencies"]
    public, all_ = (
        {file.name: file.read_text() for file in (each["dependencies"].path / "python/certifi/authorities").iterdir()}
        for each in (rebuilt, trusting)
    )
    assert len(public) > 100
    assert [each.strip() for name, each in all_.items() if name not in public] == [bundle.read_text().strip()]
    assert public.items() <= all_.items()


def test_two_builds_of_the_same_inputs_are_equal(for_local: Packages, rebuilt: Packages) -> None:
    for name in (*LAYERS, *function_folders()):
        assert for_local[name].hash == rebuilt[name].hash
        assert for_local[name].path.name == rebuilt[name].path.name
        assert for_local[name].path != rebuilt[name].path
        assert _content(for_local[name].path) == _content(rebuilt[name].path)


def _content(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }


def test_the_layer_has_the_data_of_every_service_that_is_called() -> None:
    called = {
        service
        for path in (ROOT / "layers" / "chatflow").rglob("*.py")
        for service in re.findall(r'\bclient\("([a-z0-9]+)"', path.read_text())
    }
    assert "dynamodb" in called
    assert called <= set(SERVICES)
