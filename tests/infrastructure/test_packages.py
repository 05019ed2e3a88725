"""What is uploaded: small, compiled for exactly Lambda's Python, whole, and new only where something was edited."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from infrastructure.packaging import Packages
from infrastructure.packaging.bytecode import check
from infrastructure.packaging.contents import FUNCTIONS, ROOT, layer_files, room_files, rooms
from infrastructure.packaging.dependencies import SERVICES
from infrastructure.packaging.targets import target

LAYERS = ("dependencies", "chatflow")
PUBLISHING = "layers/publishing"
COMPILING = {"management"}  # the rooms that read flows as they are written, with the layer for that
LIMIT = 250 * 1024 * 1024  # bytes of a function and its layers, unzipped: a quota of Lambda
AARCH64 = 183  # ELF's number for the machine


@pytest.fixture(scope="module")
def for_lambda() -> Packages:
    return Packages(target("aws"))


@pytest.fixture(scope="module")
def for_here() -> Packages:
    return Packages(target("local"))


@pytest.mark.parametrize("name", [*LAYERS, *rooms()])
def test_every_module_has_byte_code_that_lambda_takes_as_it_is(for_lambda: Packages, name: str) -> None:
    modules = [*for_lambda[name].path.rglob("*.py")]
    assert modules
    for module in modules:
        check(module)


def test_byte_code_of_another_python_is_refused(for_here: Packages, tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text("")
    with pytest.raises(RuntimeError, match=r"CPython 3\.14"):
        check(module)
    compiled = tmp_path / "__pycache__" / "module.cpython-314.pyc"
    compiled.parent.mkdir()
    compiled.write_bytes(b"\xa7\x0d\x0d\x0a" + bytes(12))  # CPython 3.11's number
    with pytest.raises(RuntimeError, match=r"CPython 3\.14"):
        check(module)


def test_tracebacks_name_places_on_lambda(for_lambda: Packages) -> None:
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


@pytest.mark.parametrize("room", rooms())
def test_a_function_fits_into_lambda(for_lambda: Packages, room: str) -> None:
    size = sum(
        path.stat().st_size for name in (room, *LAYERS) for path in for_lambda[name].path.rglob("*") if path.is_file()
    )
    assert size < LIMIT / 5  # far from the quota: a cold start reads it


@pytest.mark.parametrize("room", rooms())
def test_a_handler_starts_with_nothing_but_its_layers(for_here: Packages, room: str, tmp_path: Path) -> None:
    module = f"{room.replace('/', '.')}.handler"
    layers = [*LAYERS, PUBLISHING] if room in COMPILING else LAYERS
    path = [str(for_here[room].path), *(str(for_here[name].path / "python") for name in layers)]
    light = {"aws_cdk"} if room in COMPILING else {"pydantic", "yaml", "aws_cdk"}
    code = (
        f"import sys; sys.path[:0] = {path!r}; sys.dont_write_bytecode = True\n"
        f"import importlib; handler = importlib.import_module({module!r}).lambda_handler\n"
        f"heavy = {light!r} & {{name.partition('.')[0] for name in sys.modules}}\n"
        "assert callable(handler) and not heavy, heavy\n"
    )
    # Isolated, without site-packages and without the environment: what a layer lacks is lacking.
    _alone(code, tmp_path)


def test_the_layers_lack_nothing_that_our_language_imports_later(for_here: Packages, tmp_path: Path) -> None:
    path = [str(for_here[name].path / "python") for name in LAYERS]
    modules = [
        name.removesuffix("/__init__.py").removesuffix(".py").removeprefix("python/").replace("/", ".")
        for name in layer_files()
        if name.endswith(".py") and "/flows/" not in name  # read by publishers alone, with pydantic
    ]
    code = (
        f"import sys; sys.path[:0] = {path!r}; sys.dont_write_bytecode = True\n"
        f"import importlib\nfor name in {modules!r}: importlib.import_module(name)\n"
        "import boto3, requests_toolbelt, jsonpath\n"
        f"for service in {SERVICES!r}: boto3.client(service, region_name='eu-central-1')\n"
    )
    assert len(modules) > 20
    _alone(code, tmp_path)


def _alone(code: str, folder: Path) -> None:
    command = [sys.executable, "-I", "-S", "-c", code]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_room_holds_its_own_files_and_nothing_else() -> None:
    files = room_files("nodes/media")
    assert "nodes/media/handler.py" in files
    assert "nodes/media/config.py" not in files  # a model of what is published: only publishing reads it
    assert not [name for name in files if not name.startswith("nodes/media/") and not name.endswith("__init__.py")]


def test_the_channels_manifests_are_in_the_layer() -> None:
    assert "python/chatflow/channels/whatsapp/manifest.toml" in layer_files()


def test_an_edited_room_changes_its_own_package_alone(tmp_path: Path) -> None:
    house = tmp_path / "functions"
    shutil.copytree(FUNCTIONS, house, ignore=shutil.ignore_patterns("__pycache__"))
    before = Packages(target("local"), tmp_path / "build", house)
    (house / "nodes" / "menu" / "rule.py").write_text("# another rule\n")
    after = Packages(target("local"), tmp_path / "build", house)
    changed = [name for name in (*LAYERS, *rooms(house)) if before[name].hash != after[name].hash]
    assert changed == ["nodes/menu"]


def test_two_builds_of_the_same_are_the_same(tmp_path: Path) -> None:
    one, two = (Packages(target("local"), build=tmp_path / name) for name in ("one", "two"))
    for name in (*LAYERS, *rooms()):
        assert one[name].hash == two[name].hash
        assert one[name].path.name == two[name].path.name
        assert _content(one[name].path) == _content(two[name].path)


def _content(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }


def test_the_layer_describes_every_service_that_is_called() -> None:
    called = {
        service
        for path in (ROOT / "layers" / "chatflow").rglob("*.py")
        for service in re.findall(r'\bclient\("([a-z0-9]+)"', path.read_text())
    }
    assert "dynamodb" in called
    assert called <= set(SERVICES)
