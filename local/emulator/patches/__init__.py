"""All patches of the emulator, one for each difference between ministack and AWS that the design depends on."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from local.emulator.patches import (
    cloudformation,
    cognito,
    eventbridge,
    iam,
    lambda_workers,
    s3,
    secrets_manager,
    sqs,
    step_functions,
)


def patches(environments_per_function: int, function_log: Path | None) -> list[Callable[[], None]]:
    """The patches in the order of application. Each raises EmulatorChanged when it finds other text than expected."""
    return [
        lambda_workers.report_exception_class,
        lambda_workers.report_import_traceback,
        lambda_workers.keep_environment_after_exception,
        lambda_workers.isolate_worker_failures,
        lambda_workers.mark_end_of_log,
        lambda_workers.share_unpacked_archives,
        lambda_workers.restrict_imports_to_runtime,
        partial(lambda_workers.limit_environments, environments_per_function),
        partial(lambda_workers.write_function_log, function_log),
        eventbridge.retry_asynchronous_invocations,
        sqs.lock_queue_operations,
        sqs.run_message_groups_in_parallel,
        sqs.continue_after_failure,
        sqs.send_schedules_through_sqs,
        sqs.check_schedules_every_second,
        step_functions.start_without_delay,
        step_functions.enforce_machine_timeout,
        step_functions.discard_old_executions,
        step_functions.evaluate_succeed_output,
        step_functions.assign_simultaneously,
        step_functions.evaluate_task_timeouts,
        step_functions.extend_expression_timeout,
        step_functions.limit_state_size,
        step_functions.exclude_terminal_errors_from_states_all,
        iam.treat_loopback_as_tls,
        iam.map_batch_calls_to_single_permissions,
        iam.require_permission_to_tag,
        iam.provide_request_object_tags,
        iam.include_group_in_schedule_arn,
        s3.store_multipart_tags,
        secrets_manager.name_versions_by_request_token,
        cognito.serve_revocation_endpoint,
        cognito.keep_sign_in_in_renewed_tokens,
        cloudformation.resolve_secret_ref_to_arn,
        cloudformation.apply_time_to_live,
        cloudformation.apply_cors_configuration,
        cloudformation.hide_function_errors,
    ]


def apply_all(environments_per_function: int, function_log: Path | None = None) -> None:
    """Patch the emulator in this process, before it serves its first request."""
    # Services import functions from one another by name. With all of them loaded, a replacement reaches every place.
    from ministack.core import iam_actions, iam_evaluator  # noqa: F401
    from ministack.services import eventbridge, lambda_svc, s3, scheduler, sqs, stepfunctions  # noqa: F401
    from ministack.services.cloudformation import provisioners  # noqa: F401

    for patch in patches(environments_per_function, function_log):
        patch()
