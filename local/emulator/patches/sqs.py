"""SQS patches: no lost messages, parallel message groups, and schedules that send by the rules of the queue."""

from __future__ import annotations

import functools
import threading
from typing import Any

from local.emulator.patching import replace_function, require, rewrite


def lock_queue_operations() -> None:
    """Sending, receiving and deleting exclude one another; the emulator deletes in one thread while others append.

    A deletion rebuilds the queue's list of messages and loses those that were sent meanwhile: rare for a single
    caller, certain under load.
    """
    from ministack.services import sqs

    lock = threading.RLock()
    require(isinstance(sqs._queues_lock, type(threading.Lock())), "sqs._queues_lock is not a plain lock")
    sqs._queues_lock = lock

    def locked(action: Any) -> Any:
        @functools.wraps(action)
        def run(*args: Any, **named: Any) -> Any:
            with lock:
                return action(*args, **named)

        return run

    # Receiving waits (long polling), so each of its steps is locked separately.
    steps = ["_expire_retained", "_dlq_sweep", "_collect_msgs", "_refresh_counts"]
    actions = [f.__name__ for f in sqs._HANDLERS.values() if f.__name__ != "_act_receive_message"]
    require(len(actions) >= 15, "sqs._HANDLERS lists fewer actions than SQS has")
    for name in steps + actions:
        replace_function(sqs, name, locked(getattr(sqs, name)))


def run_message_groups_in_parallel() -> None:
    """A FIFO trigger of batch size 1 runs up to its maximum concurrency, one message of a group at a time, as on AWS.

    The emulator runs one batch of a FIFO queue at a time, because its larger batches mix groups. Without a
    ScalingConfig, its default for standard queues applies.
    """
    from ministack.services import lambda_svc

    rewrite(
        lambda_svc,
        "_sqs_esm_concurrency",
        ('if (queue or {}).get("is_fifo"):', 'if (queue or {}).get("is_fifo") and esm.get("BatchSize", 10) > 1:'),
    )


def continue_after_failure() -> None:
    """A failed message waits for its own visibility timeout; the emulator pauses the whole queue for one second."""
    from ministack.services import lambda_svc

    rewrite(
        lambda_svc,
        "_run_sqs_batch",
        ("_esm_backoff_until[esm_id] = time.time() + _ESM_BACKOFF_SECONDS", "pass"),
    )


def send_schedules_through_sqs() -> None:
    """A schedule sends to its queue by the rules of SendMessage; the emulator skips deduplication and the size limit.

    A message that SQS refuses goes to the schedule's own dead-letter queue, without the retries that AWS makes first.
    """
    from ministack.core import iam_evaluator
    from ministack.services import eventbridge, sqs

    def send(queue_arn: str, body: str, parameters: dict[str, str]) -> None:
        queue = sqs._queue_by_arn(queue_arn)
        if queue is None:
            raise LookupError(f"no queue {queue_arn}")
        iam_evaluator.pin_request_origin("127.0.0.1", True)  # AWS services use TLS, which queue policies demand
        sqs._act_send_message({"QueueUrl": queue["url"], "MessageBody": body, **parameters}, queue["url"])

    def to_queue(spec: Any, payload: str, parameters: dict[str, str] | None = None) -> None:
        send(str(spec), payload, parameters or {})

    replace_function(eventbridge, "_dispatch_to_sqs", to_queue)
    rewrite(
        eventbridge,
        "_invoke_target",
        (
            'logger.error("EventBridge target dispatch error for %s: %s", arn, e)',
            'logger.error("EventBridge target dispatch error for %s: %s", arn, e)\n'
            '        if (target.get("DeadLetterConfig") or {}).get("Arn"):\n'
            '            _send_to_dead_letters(target["DeadLetterConfig"]["Arn"], event_payload, {})',
        ),
        _send_to_dead_letters=send,
    )


def check_schedules_every_second() -> None:
    """Due schedules are checked every second, so that people and tests wait less.

    The emulator checks every ten seconds; AWS guarantees an accuracy of one minute.
    """
    from ministack.services import scheduler

    require(scheduler._SCHEDULE_TICK_INTERVAL == 10, "scheduler._SCHEDULE_TICK_INTERVAL")
    scheduler._SCHEDULE_TICK_INTERVAL = 1
