"""What a person sees in the console: one dashboard, alarms on what must not happen, and questions that are saved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from aws_cdk import Duration, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_logs as logs
from constructs import Construct

from infrastructure.api.webhook_api import WebhookApi
from infrastructure.configuration import Configuration
from infrastructure.conversation.turn_machine import TurnMachine
from infrastructure.data.queues import Queues
from infrastructure.lambda_function import Room
from infrastructure.operations import saved_queries
from infrastructure.operations.alarms import Alerts
from infrastructure.operations.file_failures import file_failures

_MINUTE = Duration.minutes(1)
_FIVE_MINUTES = Duration.minutes(5)
_LONGEST_QUEUEING = 600  # seconds; a turn takes at most 120, so that someone waits who should not
_PATIENCE = 5  # webhooks in five minutes; fewer are a bad moment, and the channel sends them again
_WIDTH = 12  # half of the dashboard


class Observability(Construct):
    """An alarm stands for something that a person must look at; everything else is on the dashboard."""

    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        configuration: Configuration,
        queues: Queues,
        turn: TurnMachine,
        webhooks: WebhookApi,
        rooms: Sequence[Room],
        node_rooms: Mapping[str, Room],
        look_closer: str,
    ) -> None:
        """`look_closer`: markdown with links to the rest of the console."""
        super().__init__(scope, name)
        self._configuration = configuration
        self._queues, self._turn, self._webhooks, self._rooms = queues, turn, webhooks, rooms
        self._files = file_failures(self, configuration, node_rooms)
        self._alarms = [*self._queue_alarms(), *self._turn_alarms(), self._door_alarm(), *map(self._room_alarm, rooms)]
        if self._files:
            about = "A file did not reach the business or the customer: see the saved query on trouble."
            self._alarms.append(self._alarm("FilesFail", self._files, about))
        Alerts(self, "Alerts", configuration=configuration).tell_of(self._alarms)
        self.dashboard_name = configuration.stack_name
        self._dashboard(look_closer)
        if configuration.target.name == "aws":  # the emulator has no saved queries
            every_log: list[logs.ILogGroup] = [turn.log, *(room.log for room in rooms)]
            saved_queries.add_to(self, configuration.stack_name, every_log, turn.log)

    @property
    def dashboard_url(self) -> str:
        region = Stack.of(self).region
        place = f"https://{region}.console.aws.amazon.com/cloudwatch/home?region={region}"
        return f"{place}#dashboards:name={self.dashboard_name}"

    def _queue_alarms(self) -> list[cloudwatch.Alarm]:
        late = self._alarm(
            "EventsWait",
            self._queues.events.metric_approximate_age_of_oldest_message(period=_MINUTE, statistic="Maximum"),
            "A conversation has waited for its turn for ten minutes. Is the account out of concurrency?",
            threshold=_LONGEST_QUEUEING,
        )
        dead = [
            self._alarm(
                f"{name.capitalize()}SetAside",
                queue.metric_approximate_number_of_messages_visible(period=_MINUTE, statistic="Maximum"),
                f"Dead letters of {name}: something was tried often enough and set aside. Read it, then redrive it.",
            )
            for name, queue in self._queues.dead_letters.items()
        ]
        old = [
            self._alarm(
                f"{name.capitalize()}SetAsideForLong",
                queue.metric_approximate_age_of_oldest_message(period=_FIVE_MINUTES, statistic="Maximum"),
                f"Dead letters of {name} have lain for three days. After fourteen they are gone.",
                threshold=3 * 86_400,
            )
            for name, queue in self._queues.dead_letters.items()
        ]
        return [late, *dead, *old]

    def _turn_alarms(self) -> list[cloudwatch.Alarm]:
        machine = self._turn.machine
        return [
            self._alarm(
                "TurnsFail",
                machine.metric_failed(period=_MINUTE, statistic="Sum"),
                "A turn's execution failed: see the saved query on failed turns.",
            ),
            self._alarm(
                "TurnsTimeOut",
                machine.metric_timed_out(period=_MINUTE, statistic="Sum"),
                "A turn took longer than its machine may run: a node hangs.",
            ),
        ]

    def _door_alarm(self) -> cloudwatch.Alarm:
        return self._alarm(
            "WebhooksNotTaken",
            self._webhooks.api.metric_server_error(period=_FIVE_MINUTES, statistic="Sum"),
            "Webhooks, or calls of the management API, were answered with 5xx: channels send again for a while.",
            threshold=_PATIENCE,
        )

    def _room_alarm(self, room: Room) -> cloudwatch.Alarm:
        return self._alarm(
            f"{room.node.id}Fails",
            room.function.metric_errors(period=_MINUTE, statistic="Sum"),
            f"The function {room.node.id} raised an error: see its log.",
        )

    def _alarm(self, name: str, metric: cloudwatch.Metric, about: str, threshold: int = 1) -> cloudwatch.Alarm:
        return cloudwatch.Alarm(
            self,
            name,
            alarm_name=f"{self._configuration.stack_name}-{name}",
            alarm_description=about,
            metric=metric,
            threshold=threshold,
            evaluation_periods=1,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )

    def _dashboard(self, look_closer: str) -> None:
        machine = self._turn.machine
        board = cloudwatch.Dashboard(self, "Dashboard", dashboard_name=self.dashboard_name)
        board.add_widgets(cloudwatch.AlarmStatusWidget(title="What needs a person", alarms=self._alarms, width=24))
        board.add_widgets(cloudwatch.TextWidget(markdown=look_closer, width=24, height=3))
        board.add_widgets(
            _graph("Turns", [machine.metric_started(), machine.metric_failed(), machine.metric_timed_out()]),
            _graph(
                "How long a turn takes", [machine.metric_time(statistic=each) for each in ("p50", "p95", "Maximum")]
            ),
        )
        events = self._queues.events
        board.add_widgets(
            _graph("Webhooks", [self._webhooks.api.metric_count(), self._webhooks.api.metric_server_error()]),
            _graph("Age of the oldest event", [events.metric_approximate_age_of_oldest_message()]),
        )
        functions = [room.function for room in self._rooms]
        board.add_widgets(
            _graph("Errors by function", [each.metric_errors() for each in functions]),
            _graph("Time by function", [each.metric_duration(statistic="p95") for each in functions]),
        )


def _graph(title: str, metrics: Sequence[cloudwatch.IMetric]) -> cloudwatch.GraphWidget:
    return cloudwatch.GraphWidget(title=title, left=metrics, width=_WIDTH, height=6)
