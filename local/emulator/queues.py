"""SQS and its event source mapping: messages that are never lost, and groups that do not wait for one another."""

from __future__ import annotations

import functools
import threading
from typing import Any

from local.emulator.rewriting import replace, require, rewrite


def take_one_lock_for_all_queue_work() -> None:
    """Sending, receiving and deleting exclude one another; the emulator deletes in threads while others append.

    It rebuilds a queue's list of messages and so loses what was sent in between: rare alone, sure under load.
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

    # Receiving waits in between (long polling), so its steps are locked and not the whole.
    steps = ["_expire_retained", "_dlq_sweep", "_collect_msgs", "_refresh_counts"]
    actions = [f.__name__ for f in sqs._HANDLERS.values() if f.__name__ != "_act_receive_message"]
    require(len(actions) >= 15, "sqs._HANDLERS lists fewer actions than SQS has")
    for name in steps + actions:
        replace(sqs, name, locked(getattr(sqs, name)))


def run_groups_side_by_side() -> None:
    """A FIFO trigger of batch size 1 runs up to its maximum concurrency, one message of a group at a time, as on AWS.

    The emulator runs one batch of a FIFO queue at a time, because its larger batches mix groups. Without a
    ScalingConfig its default for standard queues holds here too.
    """
    from ministack.services import lambda_svc

    rewrite(
        lambda_svc,
        "_sqs_esm_concurrency",
        ('if (queue or {}).get("is_fifo"):', 'if (queue or {}).get("is_fifo") and esm.get("BatchSize", 10) > 1:'),
    )


def go_on_after_a_failure() -> None:
    """A failed message waits for its own visibility timeout; the emulator pauses the whole queue for a second."""
    from ministack.services import lambda_svc

    rewrite(
        lambda_svc,
        "_run_sqs_batch",
        ("_esm_backoff_until[esm_id] = time.time() + _ESM_BACKOFF_SECONDS", "pass"),
    )


def deliver_schedules_by_sending() -> None:
    """A schedule sends to its queue by the rules of SendMessage; the emulator appends, past deduplication and size.

    What SQS refuses goes to the schedule's own dead-letter queue, without the retries that AWS makes before.
    """
    from ministack.core import iam_evaluator
    from ministack.services import eventbridge, sqs

    def send(queue_arn: str, body: str, parameters: dict[str, str]) -> None:
        queue = sqs._queue_by_arn(queue_arn)
        if queue is None:
            raise LookupError(f"no queue {queue_arn}")
        iam_evaluator.pin_request_origin("127.0.0.1", True)  # services come by TLS, which queue policies ask for
        sqs._act_send_message({"QueueUrl": queue["url"], "MessageBody": body, **parameters}, queue["url"])

    def to_queue(spec: Any, payload: str, parameters: dict[str, str] | None = None) -> None:
        send(str(spec), payload, parameters or {})

    replace(eventbridge, "_dispatch_to_sqs", to_queue)
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


def look_for_due_schedules_every_second() -> None:
    """The emulator looks every ten seconds; AWS promises the minute. A second keeps people and tests from waiting."""
    from ministack.services import scheduler

    require(scheduler._SCHEDULE_TICK_INTERVAL == 10, "scheduler._SCHEDULE_TICK_INTERVAL")
    scheduler._SCHEDULE_TICK_INTERVAL = 1
