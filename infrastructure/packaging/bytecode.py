"""Byte-code that is shipped with the code: Lambda's file system is read-only, and compiling at each start doubles it.

For AWS, CPython 3.14 in WebAssembly compiles it (npm's `pyodide`, run by node), so that no machine needs that Python:
byte-code is the same on every platform. It is "unchecked": Lambda's unpacking changes times, which must not invalidate
it.
"""

from __future__ import annotations

import compileall
import json
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from py_compile import PycInvalidationMode

from infrastructure.packaging.targets import MAGIC, Target

_ROOT = Path(__file__).resolve().parents[2]
_SCRIPT = Path(__file__).with_name("compile.mjs")
_UNCHECKED = (1).to_bytes(4, "little")  # PEP 552: hash-based, and never compared with the source
_TIMEOUT_SECONDS = 300


def compile_folders(folders: Mapping[Path, str], target: Target) -> None:
    """Compile every module in these folders. The value is the folder's path on Lambda, for tracebacks.

    Raises RuntimeError when a module does not compile, or the byte-code is for another Python.
    """
    if not folders:
        return
    if target.name == "aws":
        _compile_for_lambda(folders)
    else:
        for folder, lambda_path in folders.items():
            mode = PycInvalidationMode.UNCHECKED_HASH
            if not compileall.compile_dir(folder, ddir=lambda_path, quiet=1, force=True, invalidation_mode=mode):
                raise RuntimeError(f"a module in {folder} does not compile; see above")


def _compile_for_lambda(folders: Mapping[Path, str]) -> None:
    node = shutil.which("node")
    if node is None or not (_ROOT / "node_modules" / "pyodide").is_dir():
        raise RuntimeError("node and pyodide compile byte-code for Lambda: install node, then run `npm ci`")
    work = json.dumps([[str(folder), lambda_path] for folder, lambda_path in folders.items()])
    # The script and its input are ours; node's path comes from PATH, as for the CDK.
    run = subprocess.run([node, _SCRIPT, work], capture_output=True, text=True, timeout=_TIMEOUT_SECONDS, check=False)  # noqa: S603
    if run.returncode:
        raise RuntimeError(f"compiling for Lambda failed:\n{run.stdout}{run.stderr}")
    for folder in folders:
        for module in folder.rglob("*.py"):
            check(module)


def check(module: Path) -> None:
    """Raises RuntimeError unless Lambda's Python will use the module's byte-code without reading its source."""
    tag = "cpython-314"
    compiled = module.parent / "__pycache__" / f"{module.stem}.{tag}.pyc"
    if not compiled.is_file() or compiled.read_bytes()[:8] != MAGIC + _UNCHECKED:
        raise RuntimeError(f"{compiled} is not unchecked byte-code of CPython 3.14")
