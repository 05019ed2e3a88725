"""Step Functions patches: Express executions, their limits, and JSONata evaluation."""

from __future__ import annotations

import contextvars
import json
import threading
from typing import Any

from local.emulator.patching import replace_function, rewrite

STATE_LIMIT = 256 * 1024  # bytes of JSON: a state's input or output, and an execution's input
_MAX_EXECUTIONS = 200


def start_without_delay() -> None:
    """StartSyncExecution starts at once; the emulator sleeps 150 ms first."""
    from ministack.services import stepfunctions

    rewrite(
        stepfunctions, "_run_execution", ("time.sleep(0.15)", 'if not execution.get("sync"):\n        time.sleep(0.15)')
    )


def enforce_machine_timeout() -> None:
    """A machine's TimeoutSeconds ends a synchronous execution as TIMED_OUT; the emulator ignores it.

    As on AWS, a task that still runs is not stopped, and its result is ignored. A failed execution has no output.
    """
    from ministack.services import stepfunctions

    def run_within_time_limit(arn: str) -> None:
        execution = stepfunctions._executions[arn]
        machine = stepfunctions._state_machines[execution["stateMachineArn"]]
        limit = json.loads(machine["definition"]).get("TimeoutSeconds", 300)  # Express ends after five minutes
        context = contextvars.copy_context()
        run = threading.Thread(target=context.run, args=(stepfunctions._run_execution, arn), daemon=True)
        run.start()
        run.join(limit)
        if run.is_alive() and execution["status"] == "RUNNING":
            # A copy answers the caller, so that a late failure of the run cannot change it.
            stepfunctions._executions[arn] = {
                **execution, "status": "TIMED_OUT", "stopDate": stepfunctions.now_iso(), "error": "States.Timeout",
            }  # fmt: skip
            execution["status"] = "ABORTED"

    rewrite(
        stepfunctions,
        "_start_sync_execution",
        ("    _run_execution(exec_arn)\n", "    _run_within_time_limit(exec_arn)\n"),
        ('"output": execution.get("output") or "{}",', '"output": execution.get("output"),'),
        (
            'if execution["status"] == "FAILED":',
            'if execution["status"] != "SUCCEEDED":\n        resp.pop("output")\n        resp.pop("outputDetails")\n'
            '        resp["error"] = execution.get("error", "")\n    if execution["status"] == "FAILED":',
        ),
        _run_within_time_limit=run_within_time_limit,
    )


def discard_old_executions() -> None:
    """Only the most recent executions are stored, for inspection; the emulator stores all with every state's input."""
    from ministack.services import stepfunctions

    def start_and_discard(data: Any) -> Any:
        answer = original(data)
        synchronous = [arn for arn, e in list(stepfunctions._executions.items()) if e.get("sync") and e.get("stopDate")]
        for arn in synchronous[:-_MAX_EXECUTIONS]:
            stepfunctions._executions.pop(arn, None)
        return answer

    original = replace_function(stepfunctions, "_start_sync_execution", start_and_discard)


def evaluate_succeed_output() -> None:
    """A JSONata Succeed state evaluates its Output; the emulator returns the input."""
    from ministack.services import stepfunctions

    def apply_output_path(state: dict[str, Any], data: Any, ctx: Any = None) -> Any:
        if state.get("Type") == "Succeed" and "Output" in state:
            return stepfunctions._apply_jsonata_output(state, data, ctx, default=data)
        return original(state, data, ctx)

    original = replace_function(stepfunctions, "_apply_output_path", apply_output_path)


def assign_simultaneously() -> None:
    """All expressions of one Assign see the previous values; in the emulator later ones see earlier ones."""
    from ministack.services import stepfunctions

    rewrite(
        stepfunctions,
        "_apply_state_assign",
        (
            'variables = ctx.setdefault("variables", {})',
            'variables = ctx.setdefault("variables", {})\n    assigned = {}',
        ),
        ("        variables[name] = _apply_jsonata_template(", "        assigned[name] = _apply_jsonata_template("),
        (
            "result=result, error_output=error_output,\n        )\n",
            "result=result, error_output=error_output,\n        )\n    variables.update(assigned)\n",
        ),
    )


def evaluate_task_timeouts() -> None:
    """A task's TimeoutSeconds may be a JSONata expression; the emulator compares the text with a number."""
    from ministack.services import stepfunctions

    rewrite(
        stepfunctions,
        "_execute_task",
        (
            'resource, effective, state_def["TimeoutSeconds"])',
            'resource, effective, _apply_jsonata_template(state_def["TimeoutSeconds"], raw_input, ctx))',
        ),
    )


def extend_expression_timeout() -> None:
    """An expression may take 30 s of wall-clock time instead of 1 s, because all functions share one machine here."""
    from ministack.services import stepfunctions

    rewrite(
        stepfunctions,
        "_evaluate_jsonata",
        ("Jsonata.jsonata(expression, timeout=1000)", "Jsonata.jsonata(expression, timeout=30000)"),
    )


def limit_state_size() -> None:
    """A task input or output larger than 256 KiB fails with States.DataLimitExceeded; the emulator has no limit."""
    from ministack.services import stepfunctions

    def invoke(resource: str, effective: Any) -> Any:
        result = original(resource, effective)
        for name, value in (("input", effective), ("output", result)):
            if len(json.dumps(value).encode()) > STATE_LIMIT:
                raise stepfunctions._ExecutionError(
                    "States.DataLimitExceeded", f"The task's {name} exceeds {STATE_LIMIT} bytes."
                )
        return result

    original = replace_function(stepfunctions, "_invoke_resource", invoke)


def exclude_terminal_errors_from_states_all() -> None:
    """States.ALL catches neither States.DataLimitExceeded nor States.Runtime, as on AWS; the emulator catches both."""
    from ministack.services import stepfunctions

    def matches(names: list[str], error: str) -> bool:
        terminal = error in ("States.DataLimitExceeded", "States.Runtime")
        return error in names if terminal else original(names, error)

    original = replace_function(stepfunctions, "_error_matches", matches)
