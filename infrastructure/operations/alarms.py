"""Alarms on what a person must look at, and who is notified of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from aws_cdk import ArnFormat, Duration, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from infrastructure.api.webhook_api import WebhookApi
from infrastructure.configuration import Configuration
from infrastructure.conversation.turn_machine import TurnMachine
from infrastructure.data.queues import Queues
from infrastructure.lambda_function import LambdaFunction
from infrastructure.operations.log_metrics import OutageMetrics, OwedMetrics
from infrastructure.security import nag
from infrastructure.security.encryption_key import encryption_key

_MINUTE: Final = Duration.minutes(1)
_FIVE_MINUTES: Final = Duration.minutes(5)
_MAX_EVENT_AGE_SECONDS: Final = 600  # a turn takes at most a minute: an older event waits for a reason
_MAX_DELAYED_EVENT_AGE_SECONDS: Final = 900 + 300  # a delay is at most 900 s, and counts as age
_MAX_STATUS_AGE_SECONDS: Final = 900  # statuses wait for a flood to pass, but not for long
_MAX_DEAD_LETTER_AGE_SECONDS: Final = 3 * 86_400
_MAX_WAITING_EVENTS: Final = 1000  # at the default concurrency, twenty events for each conversation that may run
_MAX_THROTTLES: Final = 10  # in five minutes; fewer are transient, and every caller tries again
_MAX_WEBHOOK_FAILURES: Final = 5  # in five minutes; fewer are transient, and the channel sends the webhooks again

_MAX_OWED_SECONDS: Final = 600
_MAX_HELD_SECONDS: Final = 600


class Alarms:
    """Creates the alarms in `scope`; the list `all` has them in the order of the dashboard."""

    def __init__(self, scope: Construct, configuration: Configuration) -> None:
        self.all: list[cloudwatch.Alarm] = []
        self._scope = scope
        self._stack_name = configuration.stack_name

    def add_queues(self, queues: Queues) -> None:
        self._add(
            "EventsWait",
            queues.events.metric_approximate_age_of_oldest_message(period=_MINUTE, statistic="Maximum"),
            "A conversation has waited for its turn for ten minutes. Is the account out of concurrency?",
            threshold=_MAX_EVENT_AGE_SECONDS,
        )
        self._add(
            "EventsPileUp",
            queues.events.metric_approximate_number_of_messages_visible(period=_MINUTE, statistic="Maximum"),
            "A thousand events wait for their turn: more comes in than the configured concurrency works off.",
            threshold=_MAX_WAITING_EVENTS,
        )
        self._add(
            "DelayedEventsWait",
            queues.delayed_events.metric_approximate_age_of_oldest_message(period=_MINUTE, statistic="Maximum"),
            "Timers are five minutes late: see the log of the function delayed-events.",
            threshold=_MAX_DELAYED_EVENT_AGE_SECONDS,
        )
        self._add(
            "StatusesWait",
            queues.statuses.metric_approximate_age_of_oldest_message(period=_MINUTE, statistic="Maximum"),
            "Delivery statuses have waited for fifteen minutes: see the log of the function delivery-statuses.",
            threshold=_MAX_STATUS_AGE_SECONDS,
        )
        for name, queue in queues.dead_letters.items():
            self._add(
                f"{name.capitalize()}SetAside",
                queue.metric_approximate_number_of_messages_visible(period=_MINUTE, statistic="Maximum"),
                f"Dead letters of {name}: an event failed as often as it may. Read it, then redrive it.",
            )
        for name, queue in queues.dead_letters.items():
            self._add(
                f"{name.capitalize()}SetAsideForLong",
                queue.metric_approximate_age_of_oldest_message(period=_FIVE_MINUTES, statistic="Maximum"),
                f"Dead letters of {name} are three days old. After fourteen days they are deleted.",
                threshold=_MAX_DEAD_LETTER_AGE_SECONDS,
            )

    def add_turns(self, turn: TurnMachine) -> None:
        self._add(
            "TurnsFail",
            turn.machine.metric_failed(period=_MINUTE, statistic="Sum"),
            "A turn's execution failed: see the saved query on failed turns.",
        )
        self._add(
            "TurnsTimeOut",
            turn.machine.metric_timed_out(period=_MINUTE, statistic="Sum"),
            "A turn took longer than its machine may run: a node hangs.",
        )

    def add_webhooks(self, webhooks: WebhookApi) -> None:
        self._add(
            "WebhooksNotTaken",
            webhooks.api.metric_server_error(period=_FIVE_MINUTES, statistic="Sum"),
            "Webhooks, or calls of the management API, were answered with 5xx: channels send again for a while.",
            threshold=_MAX_WEBHOOK_FAILURES,
        )

    def add_functions(self, functions: Sequence[LambdaFunction]) -> None:
        for function in functions:
            self._add(
                f"{function.node.id}Fails",
                function.resource.metric_errors(period=_MINUTE, statistic="Sum"),
                f"The function {function.node.id} raised an error: see its log.",
            )

    def add_throttles(self, serving: Sequence[LambdaFunction], requests: cloudwatch.Metric | None) -> None:
        """`serving`: the functions that serve conversations; `requests`: requests that the API refused, if counted."""
        for function in serving:
            self._add(
                f"{function.node.id}Throttled",
                function.resource.metric_throttles(period=_FIVE_MINUTES, statistic="Sum"),
                f"Lambda refused to run the function {function.node.id}: the account, or its share, is out of "
                "concurrency.",
                threshold=_MAX_THROTTLES,
            )
        if requests:
            self._add(
                "RequestsThrottled",
                requests,
                "API Gateway refused webhooks, or calls of the management API, because of their rate.",
                threshold=_MAX_THROTTLES,
            )

    def add_unreadable_rows(self, metric: cloudwatch.Metric) -> None:
        description = "A stored session or a queued event cannot be read by this release: see docs/runbook.md."
        self._add("RowsUnreadable", metric, description)

    def add_file_failures(self, metric: cloudwatch.Metric) -> None:
        description = "A file did not reach the business or the customer: see the saved query on trouble."
        self._add("FilesFail", metric, description)

    def add_owed_messages(self, metrics: OwedMetrics) -> None:
        self._add(
            "MessagesOwed",
            metrics.seconds,
            "Messages have waited for the channel for ten minutes: see docs/runbook.md.",
            threshold=_MAX_OWED_SECONDS,
        )
        self._add(
            "MessagesGivenUp",
            metrics.given_up,
            "Messages were not sent, because the channel did not take them in time: see docs/runbook.md.",
        )

    def add_outages(self, metrics: OutageMetrics) -> None:
        self._add(
            "HostOpen",
            metrics.open,
            "A business's API fails or is too slow, so that calls to its host pause: see docs/runbook.md.",
        )
        self._add(
            "CallsHeld",
            metrics.held_seconds,
            "Customers have waited for the business's API for ten minutes: see docs/runbook.md.",
            threshold=_MAX_HELD_SECONDS,
        )

    def _add(self, name: str, metric: cloudwatch.Metric, description: str, threshold: int = 1) -> None:
        self.all.append(
            cloudwatch.Alarm(
                self._scope,
                name,
                alarm_name=f"{self._stack_name}-{name}",
                alarm_description=description,
                metric=metric,
                threshold=threshold,
                evaluation_periods=1,
                comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
                treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
            )
        )


class AlarmNotifications(Construct):
    """Alarms go to an existing topic, to an e-mail address, to both, or to nobody, as the deployment configures.

    SNS sends the address a confirmation first, and nothing else until it is confirmed.
    """

    def __init__(self, scope: Construct, name: str, *, configuration: Configuration) -> None:
        super().__init__(scope, name)
        self._topics: list[sns.ITopic] = []
        if configuration.alarm_topic_arn:
            self._topics.append(sns.Topic.from_topic_arn(self, "Topic", configuration.alarm_topic_arn))
        if configuration.alert_email:
            topic = sns.Topic(
                self,
                "Mail",
                topic_name=f"{configuration.stack_name}-alerts",
                display_name=configuration.stack_name,
                master_key=encryption_key(self),
                enforce_ssl=True,
            )
            _allow_alarms(topic, configuration)
            subscription = topic.add_subscription(subscriptions.EmailSubscription(configuration.alert_email))
            reason = "A mail that cannot be delivered needs no redrive: the alarm itself stays in the console."
            nag.waive(subscription, "Serverless-SNSRedrivePolicy", reason)
            self._topics.append(topic)

    def notify_of(self, alarms: Iterable[cloudwatch.Alarm]) -> None:
        """Notify when an alarm starts; the console shows when it is over."""
        for alarm in alarms:
            for topic in self._topics:
                alarm.add_alarm_action(actions.SnsAction(topic))


def _allow_alarms(topic: sns.Topic, configuration: Configuration) -> None:
    """Let the alarms of this stack publish to the topic.

    A topic without a policy allows whatever its account allows. `enforce_ssl` gives it a policy, which replaces that
    one, and CloudWatch is then refused without a sign of it but in the alarm's history.
    https://repost.aws/knowledge-center/cloudwatch-receive-sns-for-alarm-trigger
    """
    stack = Stack.of(topic)
    alarms = stack.format_arn(
        service="cloudwatch",
        resource="alarm",
        resource_name=f"{configuration.stack_name}-*",
        arn_format=ArnFormat.COLON_RESOURCE_NAME,
    )
    topic.add_to_resource_policy(
        iam.PolicyStatement(
            sid="AlarmsOfThisStack",
            principals=[iam.ServicePrincipal("cloudwatch.amazonaws.com")],
            actions=["sns:Publish"],
            resources=[topic.topic_arn],
            conditions={"StringEquals": {"aws:SourceAccount": stack.account}, "ArnLike": {"aws:SourceArn": alarms}},
        )
    )
