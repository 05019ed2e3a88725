"""Lambda: worker processes that fail, log, start and are shared as execution environments are on AWS."""

from __future__ import annotations

import queue
import threading
import time
from pathlib import Path
from typing import Any

from local.emulator.rewriting import replace, require, rewrite, substitute
from local.emulator.runtime_packages import runtime_packages
from local.emulator.unpacking import unpacked

END_OF_LOG = "\x1eend-of-invocation"
_LONGEST_WAIT_FOR_LOGS = 0.25  # seconds; only a worker that died or hung leaves no mark


def report_the_exception_class() -> None:
    """A failed invocation names the exception's class, as AWS does; the emulator says Runtime.HandlerError for all.

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


def name_what_failed_at_import() -> None:
    """A handler that cannot be imported reports class and traceback; the emulator gives the bare message."""
    _change_worker_script(
        '{"status": "error", "error": str(e)}', '{"status": "error", "error": traceback.format_exc()}'
    )


def keep_the_environment_after_an_exception() -> None:
    """An exception leaves the environment warm, as on AWS; the emulator kills the process and starts cold."""
    from ministack.core import lambda_runtime

    rewrite(
        lambda_runtime.Worker,
        "invoke",
        ('if response.get("status") == "error":', 'if response.get("status") == "error" and "etype" not in response:'),
    )


def fail_alone() -> None:
    """A process that dies while it starts fails its own call; the emulator kills the function's other calls too."""
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


def end_each_log_with_a_mark() -> None:
    """The worker says where an invocation's log ends; the emulator waits 50 ms after each for lines that may come."""
    from ministack.core import lambda_runtime

    _change_worker_script(
        "        _real_stdout.flush()\n\nrun()",
        f'        sys.stderr.write("{END_OF_LOG}\\n")\n'
        "        sys.stderr.flush()\n        _real_stdout.flush()\n\nrun()",
    )

    def drain_to_the_mark(worker: Any) -> str:
        lines: list[str] = []
        deadline = time.monotonic() + _LONGEST_WAIT_FOR_LOGS
        while (left := deadline - time.monotonic()) > 0:
            try:
                line: str = worker._stderr_queue.get(timeout=left)
            except queue.Empty:
                break
            text, mark, _ = line.partition(END_OF_LOG)
            if text:
                lines.append(text)
            if mark:
                break
        return "\n".join(lines)

    replace(lambda_runtime.Worker, "_drain_stderr_bounded", drain_to_the_mark)


def unpack_each_archive_once() -> None:
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


def import_only_what_lambda_has() -> None:
    """A handler sees its layers, its code and the SDK; the emulator lets it import anything installed beside it.

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


def queue_for_a_free_environment(limit: int) -> None:
    """At most `limit` processes per function, further calls wait; the emulator starts one for each call at once.

    A hundred concurrent calls left a hundred Python processes. No function of ours calls itself, directly or through
    others, so waiting cannot deadlock.
    """
    from ministack.core import lambda_runtime
    from ministack.services import lambda_svc

    freed = threading.Condition()
    longest_wait = 120.0  # seconds; then the call is throttled, as AWS would at once

    def acquire(func_name: str, config: Any, code_zip: bytes, qualifier: str = "$LATEST", **_: object) -> Any:
        deadline = time.monotonic() + longest_wait
        while True:
            worker, how = original_acquire(func_name, config, code_zip, qualifier=qualifier, max_concurrency=limit)
            if worker is not None or time.monotonic() > deadline:
                return worker, how
            with freed:
                freed.wait(timeout=0.5)  # a worker dropped from its pool is not released, so look again

    def release(worker: Any) -> None:
        original_release(worker)
        with freed:
            freed.notify()

    original_acquire = replace(lambda_runtime, "acquire_worker", acquire)
    original_release = replace(lambda_runtime, "release_worker", release)
    require(lambda_svc.acquire_worker is acquire, "lambda_svc does not use lambda_runtime.acquire_worker")


def write_all_logs_to_one_file(file: Path | None) -> None:
    """What functions print also goes, in order and with their names, to a file that a person can follow."""
    from ministack.services import lambda_svc

    if file is None:
        return
    writing = threading.Lock()

    def emit(func: Any, request_id: str, text: str, *rest: Any, **named: Any) -> None:
        name = (func.get("config") or func).get("FunctionName", "?")
        if text:
            with writing, file.open("a", encoding="utf-8") as log:
                log.writelines(f"{name} | {line}\n" for line in text.splitlines())
        original(func, request_id, text, *rest, **named)

    original = replace(lambda_svc, "_emit_lambda_logs", emit)


def _change_worker_script(old: str, new: str) -> None:
    from ministack.core import lambda_runtime

    where = "lambda_runtime._PYTHON_WORKER_SCRIPT"
    lambda_runtime._PYTHON_WORKER_SCRIPT = substitute(lambda_runtime._PYTHON_WORKER_SCRIPT, old, new, where)
