"""Lambda patches: worker processes fail, log, start and are shared as execution environments are on AWS."""

from __future__ import annotations

import hashlib
import io
import queue
import shutil
import tempfile
import threading
import time
import zipfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from local.emulator.patching import replace_function, replace_text, require, rewrite

END_OF_LOG = "\x1eend-of-invocation"
_MAX_LOG_WAIT = 0.25  # seconds; only a worker that died or hung omits the mark

# The packages of /var/lang/lib/python3.x/site-packages on AWS, as far as a function may rely on them.
RUNTIME_PACKAGES = ("boto3", "botocore", "dateutil", "jmespath", "s3transfer", "six", "urllib3")

_unpack_lock = threading.Lock()


def report_exception_class() -> None:
    """A failed invocation reports the exception's class, as on AWS; the emulator always says Runtime.HandlerError.

    Retry and Catch of a state machine match on exactly this name.
    """
    from ministack.core import lambda_runtime
    from ministack.services import lambda_svc

    _change_worker_script(
        '{"status": "error", "error": str(e), "trace": traceback.format_exc()}',
        '{"status": "error", "error": str(e), "etype": type(e).__name__, "trace": traceback.format_exc()}',
    )
    rewrite(
        lambda_svc,
        "_execute_function_warm",
        ('error_type = "Runtime.HandlerError"', 'error_type = result.get("etype") or "Runtime.ExitError"'),
        (
            '"errorType": error_type,\n',
            '"errorType": error_type,\n                    "requestId": request_id,\n'
            '                    "stackTrace": (result.get("trace") or "").splitlines(),\n',
        ),
    )
    rewrite(
        lambda_runtime.Worker,
        "invoke",
        ('"error": "Worker process died"', '"error": f"RequestId: {request_id} Error: Runtime exited"'),
    )


def report_import_traceback() -> None:
    """A handler that cannot be imported reports class and traceback; the emulator reports only the message."""
    _change_worker_script(
        '{"status": "error", "error": str(e)}', '{"status": "error", "error": traceback.format_exc()}'
    )


def keep_environment_after_exception() -> None:
    """An exception leaves the environment warm, as on AWS; the emulator kills the process and starts cold."""
    from ministack.core import lambda_runtime

    rewrite(
        lambda_runtime.Worker,
        "invoke",
        ('if response.get("status") == "error":', 'if response.get("status") == "error" and "etype" not in response:'),
    )


def isolate_worker_failures() -> None:
    """A process that dies during its start fails its own call only; the emulator fails the function's other calls too.

    The emulator does so by killing all processes of the function.
    """
    from ministack.services import lambda_svc

    rewrite(
        lambda_svc,
        "_execute_function_warm",
        (
            "        invalidate_worker(func_name, qualifier=qualifier, account=get_account_id(), region=get_region())\n"
            "        worker = None  # invalidate_worker already dropped it from the pool\n",
            "",
        ),
    )


def mark_end_of_log() -> None:
    """The worker marks the end of an invocation's log; the emulator waits 50 ms after each for further lines."""
    from ministack.core import lambda_runtime

    _change_worker_script(
        "        _real_stdout.flush()\n\nrun()",
        f'        sys.stderr.write("{END_OF_LOG}\\n")\n'
        "        sys.stderr.flush()\n        _real_stdout.flush()\n\nrun()",
    )

    def read_to_mark(worker: Any) -> str:
        lines: list[str] = []
        deadline = time.monotonic() + _MAX_LOG_WAIT
        while (remaining := deadline - time.monotonic()) > 0:
            try:
                line: str = worker._stderr_queue.get(timeout=remaining)
            except queue.Empty:
                break
            text, mark, _ = line.partition(END_OF_LOG)
            if text:
                lines.append(text)
            if mark:
                break
        return "\n".join(lines)

    replace_function(lambda_runtime.Worker, "_drain_stderr_bounded", read_to_mark)


def share_unpacked_archives() -> None:
    """Code and layers are unpacked once per content; the emulator unpacks all of them for every worker process."""
    from ministack.core import lambda_runtime

    rewrite(
        lambda_runtime.Worker,
        "_spawn",
        (
            'code_dir = os.path.join(self._tmpdir, "code")',
            "zf.extractall(code_dir)",
            "code_dir = unpacked(self.code_zip)",
        ),
        (
            'layer_dir = os.path.join(self._tmpdir, f"layer_{len(layers_dirs)}")',
            "layers_dirs.append(layer_dir)",
            "layers_dirs.append(unpacked(layer_data))",
        ),
        unpacked=unpacked,
    )


def unpacked(archive: bytes) -> str:
    """A folder with the archive's files; read-only by convention, as /var/task and /opt are on AWS.

    A layer with the AWS SDK takes about two seconds to unpack; per worker, this would dominate every cold start.
    """
    folder = Path(tempfile.gettempdir()) / "unpacked" / hashlib.sha256(archive).hexdigest()[:32]
    with _unpack_lock:
        if not folder.exists():
            partial = folder.with_suffix(".partial")
            shutil.rmtree(partial, ignore_errors=True)
            partial.mkdir(parents=True)
            with zipfile.ZipFile(io.BytesIO(archive)) as packed:
                packed.extractall(partial)
            partial.rename(folder)
    return str(folder)


def restrict_imports_to_runtime() -> None:
    """A handler can import its layers, its code and the SDK; the emulator offers all packages installed beside it.

    Otherwise a package that the layer lacks is found on this machine, and missing on AWS.
    """
    from ministack.core import lambda_runtime

    rewrite(
        lambda_runtime.Worker,
        "_spawn",
        (
            "[binary, worker_path],",
            '[binary, "-S", worker_path] if runtime.startswith("python") else [binary, worker_path],',
        ),
    )
    _change_worker_script(
        "    _ms_install_invoke_depth()\n    try:",
        f"    sys.path.append({runtime_packages()!r})\n    _ms_install_invoke_depth()\n    try:",
    )


def runtime_packages() -> str:
    """A folder of links to RUNTIME_PACKAGES. It is searched last, so a layer's own release wins as it does on AWS."""
    folder = Path(tempfile.gettempdir()) / "runtime-packages"
    folder.mkdir(parents=True, exist_ok=True)
    for name in RUNTIME_PACKAGES:
        spec = find_spec(name)
        if spec is None or spec.origin is None:
            raise ModuleNotFoundError(f"{name} is not installed beside the emulator")
        origin = Path(spec.origin)
        source = origin.parent if origin.name == "__init__.py" else origin
        link = folder / source.name
        if not link.exists():
            link.symlink_to(source)
    return str(folder)


def limit_environments(limit: int) -> None:
    """At most `limit` processes per function, further calls wait; the emulator starts one for each call at once.

    A hundred concurrent calls left a hundred Python processes. No function of ours calls itself, directly or through
    others, so waiting cannot deadlock.
    """
    from ministack.core import lambda_runtime
    from ministack.services import lambda_svc

    released = threading.Condition()
    max_wait = 120.0  # seconds; then the call is throttled, as AWS would at once

    def acquire(func_name: str, config: Any, code_zip: bytes, qualifier: str = "$LATEST", **_: object) -> Any:
        deadline = time.monotonic() + max_wait
        while True:
            worker, how = original_acquire(func_name, config, code_zip, qualifier=qualifier, max_concurrency=limit)
            if worker is not None or time.monotonic() > deadline:
                return worker, how
            with released:
                released.wait(timeout=0.5)  # a worker dropped from its pool is not released, so check regularly

    def release(worker: Any) -> None:
        original_release(worker)
        with released:
            released.notify()

    original_acquire = replace_function(lambda_runtime, "acquire_worker", acquire)
    original_release = replace_function(lambda_runtime, "release_worker", release)
    require(lambda_svc.acquire_worker is acquire, "lambda_svc does not use lambda_runtime.acquire_worker")


def write_function_log(file: Path | None) -> None:
    """The output of all functions is also written, in order and with their names, to a file that a person can follow.

    The emulator writes it to log groups only.
    """
    from ministack.services import lambda_svc

    if file is None:
        return
    lock = threading.Lock()

    def emit(func: Any, request_id: str, text: str, *rest: Any, **named: Any) -> None:
        name = (func.get("config") or func).get("FunctionName", "?")
        if text:
            with lock, file.open("a", encoding="utf-8") as log:
                log.writelines(f"{name} | {line}\n" for line in text.splitlines())
        original(func, request_id, text, *rest, **named)

    original = replace_function(lambda_svc, "_emit_lambda_logs", emit)


def _change_worker_script(old: str, new: str) -> None:
    from ministack.core import lambda_runtime

    where = "lambda_runtime._PYTHON_WORKER_SCRIPT"
    lambda_runtime._PYTHON_WORKER_SCRIPT = replace_text(lambda_runtime._PYTHON_WORKER_SCRIPT, old, new, where)
