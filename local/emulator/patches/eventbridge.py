"""EventBridge patches: a rule invokes a function asynchronously, with retries and a destination for failures."""

from __future__ import annotations

from local.emulator.patching import rewrite


def retry_asynchronous_invocations() -> None:
    """A function that fails on an event is retried twice, then the event goes to its destination for failures.

    The emulator invokes the function once. On AWS a rule hands the event to Lambda's own queue; the function's event
    invoke config sets the retries and the destination. The retries are seconds apart here, and minutes on AWS.
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
