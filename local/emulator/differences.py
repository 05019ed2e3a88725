"""Every difference between ministack and AWS that the design depends on, in the order in which it is patched."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from local.emulator import events, lambda_workers, objects, permissions, queues, state_machines, templates


def patches(environments_per_function: int, function_log: Path | None) -> list[Callable[[], None]]:
    """The patches; each refuses with EmulatorChanged when the emulator's text is not what it was written against."""
    return [
        lambda_workers.report_the_exception_class,
        lambda_workers.name_what_failed_at_import,
        lambda_workers.keep_the_environment_after_an_exception,
        lambda_workers.fail_alone,
        lambda_workers.end_each_log_with_a_mark,
        lambda_workers.unpack_each_archive_once,
        lambda_workers.import_only_what_lambda_has,
        partial(lambda_workers.queue_for_a_free_environment, environments_per_function),
        partial(lambda_workers.write_all_logs_to_one_file, function_log),
        events.try_functions_again,
        queues.take_one_lock_for_all_queue_work,
        queues.run_groups_side_by_side,
        queues.go_on_after_a_failure,
        queues.deliver_schedules_by_sending,
        queues.look_for_due_schedules_every_second,
        state_machines.start_express_at_once,
        state_machines.stop_at_the_machines_time_limit,
        state_machines.forget_old_express_executions,
        state_machines.give_succeed_its_output,
        state_machines.assign_from_the_values_before,
        state_machines.evaluate_time_limits,
        state_machines.give_expressions_time_on_a_busy_machine,
        state_machines.limit_the_size_of_state,
        state_machines.let_terminal_errors_end_the_execution,
        permissions.take_loopback_for_tls,
        permissions.ask_for_one_queue_permission_per_kind_of_call,
        permissions.ask_for_the_permission_to_tag,
        permissions.show_conditions_the_tags_of_a_write,
        permissions.name_a_schedule_with_its_group,
        objects.keep_the_tags_of_multipart_uploads,
        templates.refer_to_secrets_by_arn,
        templates.expire_items,
        templates.answer_preflight_requests,
        templates.hide_why_a_function_failed,
    ]


def apply(environments_per_function: int, function_log: Path | None = None) -> None:
    """Patch the emulator in this process, before it serves its first request."""
    # Services import one another's functions by name; with all of them loaded a replacement reaches every place.
    from ministack.core import iam_actions, iam_evaluator  # noqa: F401
    from ministack.services import eventbridge, lambda_svc, s3, scheduler, sqs, stepfunctions  # noqa: F401
    from ministack.services.cloudformation import provisioners  # noqa: F401

    for patch in patches(environments_per_function, function_log):
        patch()
