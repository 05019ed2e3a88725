"""EventBridge: a function that a rule calls is called as Lambda calls it for an event."""

from __future__ import annotations

from local.emulator.rewriting import rewrite


def try_functions_again() -> None:
    """A function that fails on an event is tried twice more and set aside then; the emulator calls it once.

    On AWS a rule hands the event to Lambda's own queue, whose tries and destination the function's event invoke config
    sets. Waits between tries are seconds here, and minutes there.
    """
    from ministack.services import eventbridge

    rewrite(
        eventbridge,
        "_dispatch_to_lambda",
        (
            "    threading.Thread(\n"
            "        target=lambda_svc._execute_function_with_config_scope, args=(exec_record, event), daemon=True\n"
            "    ).start()\n",
            "    lambda_svc.invoke_async_with_retry(exec_record, event)\n",
        ),
    )
