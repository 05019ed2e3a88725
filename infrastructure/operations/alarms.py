"""Who hears of an alarm: the topic of someone else, an address that gets a mail, both, or nobody."""

from __future__ import annotations

from collections.abc import Iterable

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from infrastructure.configuration import Configuration
from infrastructure.security import nag as waivers
from infrastructure.security.encryption_key import key_of


class Alerts(Construct):
    """SNS asks the address to confirm before it mails anything else."""

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
                master_key=key_of(self),
                enforce_ssl=True,
            )
            mail = topic.add_subscription(subscriptions.EmailSubscription(configuration.alert_email))
            waivers.for_alert_mail(mail)
            self._topics.append(topic)

    def tell_of(self, alarms: Iterable[cloudwatch.Alarm]) -> None:
        """Once when it begins; that it is over shows in the console."""
        for alarm in alarms:
            for topic in self._topics:
                alarm.add_alarm_action(actions.SnsAction(topic))
