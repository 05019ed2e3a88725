"""The arrows of the template from one AWS service to another, and what each needs on both sides.

An arrow is a call that a service makes by itself: an alarm publishes, a rule invokes, a trigger polls. A missing allow
shows in no deploy and in no log of ours, and neither does a condition that the calling service does not fulfil.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from infrastructure.review.policy_matching import ACCOUNT, Caller, allows
from infrastructure.review.template import Template, as_list, of_type, plain

_KEY_USE: Final = ("kms:Decrypt", "kms:GenerateDataKey")
_LOG_KEY_USE: Final = (*_KEY_USE, "kms:Encrypt", "kms:ReEncryptFrom", "kms:ReEncryptTo", "kms:DescribeKey")
_TRIGGER: Final = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")
_KEY_PROPERTIES: Final = {"AWS::SQS::Queue": "KmsMasterKeyId", "AWS::SNS::Topic": "KmsMasterKeyId"}
_STAGE: Final = "AWS::ApiGatewayV2::Stage"
_SCHEDULE_DEAD_LETTERS: Final = "CHATFLOW_SCHEDULE_DEAD_LETTERS_ARN"
# The properties of a permission that are conditions.
_PERMISSION_KEYS: Final = {
    "SourceArn": "aws:SourceArn",
    "SourceAccount": "aws:SourceAccount",
    "PrincipalOrgID": "aws:PrincipalOrgID",
    "EventSourceToken": "lambda:EventSourceToken",
    "FunctionUrlAuthType": "lambda:FunctionUrlAuthType",
}
# What a function does with a resource that its environment names.
_CALLED: Final = {
    "AWS::DynamoDB::Table": "dynamodb:",
    "AWS::S3::Bucket": "s3:",
    "AWS::SQS::Queue": "sqs:",
    "AWS::Lambda::Function": "lambda:InvokeFunction",
    "AWS::StepFunctions::StateMachine": "states:",
    "AWS::IAM::Role": "iam:PassRole",
}


def gaps(template: Template) -> list[str]:
    """What an arrow of the template lacks, each as `<class of arrow>: <from> -> <to>: <what>`."""
    return [f"{walk.__name__}: {gap}" for walk in walks(template) for gap in walk()]


def walks(template: Template) -> tuple[Callable[[], Iterator[str]], ...]:
    """One function for each class of arrow, which yields the gaps."""
    arrows = _Arrows(template)
    return (
        arrows.alarms,
        arrows.rules,
        arrows.failed_events,
        arrows.routes,
        arrows.machines,
        arrows.schedules,
        arrows.triggers,
        arrows.access_logs,
        arrows.distributions,
        arrows.log_groups,
        arrows.roles,
        arrows.environments,
    )


class _Arrows:
    def __init__(self, template: Template) -> None:
        self._template = template
        self._functions = {plain(each["FunctionName"]): id for id, each in of_type(template, "AWS::Lambda::Function")}

    def alarms(self) -> Iterator[str]:
        """Alarm -> topic -> its policy -> key. A topic of another stack has a policy of its own."""
        for id, alarm in of_type(self._template, "AWS::CloudWatch::Alarm"):
            arn = f"arn:<AWS::Partition>:cloudwatch:<AWS::Region>:{ACCOUNT}:alarm:{alarm['AlarmName']}"
            caller = Caller("cloudwatch.amazonaws.com", [arn])
            for topic in filter(self._is_own, alarm.get("AlarmActions", [])):
                policies = self._policies("AWS::SNS::TopicPolicy", "Topics", topic)
                if not allows(policies, caller, ["sns:Publish"], [plain(topic)]):
                    yield f"{id} -> {plain(topic)}: its policy does not let the alarm publish"
                yield from self._key_gaps(id, topic, caller, _KEY_USE)

    def rules(self) -> Iterator[str]:
        """Bucket -> rule -> function, or -> dead-letter queue -> key."""
        for id, rule in of_type(self._template, "AWS::Events::Rule"):
            caller = Caller("events.amazonaws.com", [f"<{id}.Arn>"])
            for bucket in rule["EventPattern"].get("detail", {}).get("bucket", {}).get("name", []):
                notifies = self._properties(bucket).get("NotificationConfiguration", {})
                if not notifies.get("EventBridgeConfiguration", {}).get("EventBridgeEnabled"):
                    yield f"{plain(bucket)} -> {id}: the bucket sends no events to EventBridge"
            for target in rule["Targets"]:
                yield from self._invocation_gaps(id, target["Arn"], caller)
                queue = target.get("DeadLetterConfig", {}).get("Arn")
                if queue is None:
                    yield f"{id} -> {plain(target['Arn'])}: no dead-letter queue"
                    continue
                policies = self._policies("AWS::SQS::QueuePolicy", "Queues", queue)
                if not allows(policies, caller, ["sqs:SendMessage"], [plain(queue)]):
                    yield f"{id} -> {plain(queue)}: its policy does not let the rule send"
                yield from self._key_gaps(id, queue, caller, _KEY_USE)

    def failed_events(self) -> Iterator[str]:
        """Lambda -> queue for events that failed, in the name of the function's role."""
        for id, config in of_type(self._template, "AWS::Lambda::EventInvokeConfig"):
            if "DestinationConfig" not in config:  # of a custom resource, for whose answer CloudFormation waits
                continue
            queue = config["DestinationConfig"]["OnFailure"]["Destination"]
            role = self._properties(config["FunctionName"])["Role"]
            yield from self._role_gaps(id, role, ["sqs:SendMessage"], queue)
            yield from self._role_key_gaps(id, role, queue, _KEY_USE)

    def routes(self) -> Iterator[str]:
        """API -> function, for each route that has one: a mock calls nothing."""
        integrations = dict(of_type(self._template, "AWS::ApiGatewayV2::Integration"))
        stages = {plain(each["ApiId"]): each["StageName"] for _, each in of_type(self._template, _STAGE)}
        for id, route in of_type(self._template, "AWS::ApiGatewayV2::Route"):
            integration = integrations[plain(route["Target"]).removeprefix("integrations/").strip("<>")]
            if integration["IntegrationType"] == "MOCK":
                continue
            api = f"arn:<AWS::Partition>:execute-api:<AWS::Region>:{ACCOUNT}:{plain(route['ApiId'])}"
            method, _, path = route["RouteKey"].partition(" ")
            caller = Caller("apigateway.amazonaws.com", [f"{api}/{stages[plain(route['ApiId'])]}/{method}{path}"])
            yield from self._invocation_gaps(id, _invoked(integration["IntegrationUri"]), caller)

    def machines(self) -> Iterator[str]:
        """State machine -> functions, in the name of its role."""
        for id, machine in of_type(self._template, "AWS::StepFunctions::StateMachine"):
            for function in _called_functions(machine):
                yield from self._role_gaps(id, machine["RoleArn"], ["lambda:InvokeFunction"], function)
            if machine.get("LoggingConfiguration"):
                delivery = ["logs:CreateLogDelivery", "logs:PutResourcePolicy"]
                yield from self._role_gaps(id, machine["RoleArn"], delivery, "*")

    def schedules(self) -> Iterator[str]:
        """Schedule -> role -> queue, or -> dead-letter queue -> key. A function creates the schedules."""
        for id, function in of_type(self._template, "AWS::Lambda::Function"):
            environment = function.get("Environment", {}).get("Variables", {})
            role = environment.get("CHATFLOW_SCHEDULE_ROLE_ARN")
            if role is None:
                continue
            group = environment["CHATFLOW_SCHEDULE_GROUP"]
            arn = f"arn:<AWS::Partition>:scheduler:<AWS::Region>:{ACCOUNT}:schedule-group/{group}"
            yield from self._trust_gaps(id, role, Caller("scheduler.amazonaws.com", [arn]))
            for queue in (environment["CHATFLOW_EVENTS_QUEUE_ARN"], environment[_SCHEDULE_DEAD_LETTERS]):
                yield from self._role_gaps(id, role, ["sqs:SendMessage"], queue)
                yield from self._role_key_gaps(id, role, queue, _KEY_USE)

    def triggers(self) -> Iterator[str]:
        """Queue -> function: Lambda polls in the name of the function's role."""
        for id, trigger in of_type(self._template, "AWS::Lambda::EventSourceMapping"):
            role = self._properties(trigger["FunctionName"])["Role"]
            yield from self._role_gaps(id, role, _TRIGGER, trigger["EventSourceArn"])
            yield from self._role_key_gaps(id, role, trigger["EventSourceArn"], ["kms:Decrypt"])

    def access_logs(self) -> Iterator[str]:
        """Bucket -> bucket for its access logs, which S3 cannot write with a customer-managed key."""
        for id, bucket in of_type(self._template, "AWS::S3::Bucket"):
            logging = bucket.get("LoggingConfiguration")
            if not logging:
                continue
            target = logging["DestinationBucketName"]
            written = f"<{_id(target)}.Arn>/{logging['LogFilePrefix']}*"
            policies = self._policies("AWS::S3::BucketPolicy", "Bucket", target)
            caller = Caller("logging.s3.amazonaws.com", [f"<{id}.Arn>"])
            if not allows(policies, caller, ["s3:PutObject"], [written]):
                yield f"{id} -> {plain(target)}: its policy does not let S3 deliver logs"
            if "KMSMasterKeyID" in str(self._properties(target)["BucketEncryption"]):
                yield f"{id} -> {plain(target)}: S3 delivers no logs to a bucket with a customer-managed key"

    def distributions(self) -> Iterator[str]:
        """Distribution -> bucket, signed by its origin access control."""
        for id, distribution in of_type(self._template, "AWS::CloudFront::Distribution"):
            arn = f"arn:<AWS::Partition>:cloudfront::{ACCOUNT}:distribution/<{id}>"
            for origin in distribution["DistributionConfig"]["Origins"]:
                if "S3OriginConfig" not in origin:
                    continue
                bucket = origin["DomainName"]
                if "OriginAccessControlId" not in origin:
                    yield f"{id} -> {plain(bucket)}: no origin access control signs its requests"
                policies = self._policies("AWS::S3::BucketPolicy", "Bucket", bucket)
                caller = Caller("cloudfront.amazonaws.com", [arn])
                if not allows(policies, caller, ["s3:GetObject"], [f"<{_id(bucket)}.Arn>/*"]):
                    yield f"{id} -> {plain(bucket)}: its policy does not let the distribution read"
                if "KMSMasterKeyID" in str(self._properties(bucket)["BucketEncryption"]):
                    yield f"{id} -> {plain(bucket)}: no key's policy lets CloudFront use it"

    def log_groups(self) -> Iterator[str]:
        """Log group -> key."""
        for id, group in of_type(self._template, "AWS::Logs::LogGroup"):
            # CloudFormation begins the name that it chooses with those of the stack and of the resource.
            name = plain(group.get("LogGroupName", f"{self._stack_name}-{id}-generated"))
            arn = f"arn:<AWS::Partition>:logs:<AWS::Region>:{ACCOUNT}:log-group:{name}"
            key = group.get("KmsKeyId")
            if key is not None and self._is_own(key):
                caller = Caller("logs.<AWS::Region>.amazonaws.com", [arn])
                if not allows(self._key_policy(key), caller, _LOG_KEY_USE, ["*"]):
                    yield f"{id} -> {plain(key)}: the key's policy does not let CloudWatch Logs use it"

    def roles(self) -> Iterator[str]:
        """Service -> role, for the roles of functions, machines and scan plans."""
        for kind, property, service in (
            ("AWS::Lambda::Function", "Role", "lambda.amazonaws.com"),
            ("AWS::StepFunctions::StateMachine", "RoleArn", "states.amazonaws.com"),
            ("AWS::GuardDuty::MalwareProtectionPlan", "Role", "malware-protection-plan.guardduty.amazonaws.com"),
        ):
            for id, properties in of_type(self._template, kind):
                yield from self._trust_gaps(id, properties[property], Caller(service, [f"<{id}.Arn>"]))

    def environments(self) -> Iterator[str]:
        """Function -> each resource that its environment names: its role may do something with it.

        Left out are node functions, which have one environment and each the permissions of its manifest, and what a
        function passes on: schedules reach their dead-letter queue in the name of their own role.
        """
        nodes = {_id(each) for each in self._called_by_machines()}
        for id, function in of_type(self._template, "AWS::Lambda::Function"):
            if id in nodes:
                continue
            statements = self._role_statements(function["Role"])
            for variable, value in function.get("Environment", {}).get("Variables", {}).items():
                if variable == _SCHEDULE_DEAD_LETTERS:
                    continue
                target = self._functions.get(plain(value)) or (_id(value) if self._is_own(value) else "")
                prefix = _CALLED.get(self._template["Resources"].get(target, {}).get("Type", ""))
                names = (f"<{target}.Arn>", f"<{target}>", f":function:{plain(value)}")
                if prefix and not any(_touches(each, prefix, names) for each in statements):
                    yield f"{id} -> {target}: its environment names it as {variable}, but its role may not use it"

    # What one side of an arrow lacks.

    def _invocation_gaps(self, id: str, function: Any, caller: Caller) -> Iterator[str]:
        permissions = [
            {
                "Effect": "Allow",
                "Principal": {"Service": each["Principal"]},
                "Action": each["Action"],
                "Resource": each["FunctionName"],
                "Condition": {
                    "StringLike": {key: each[name] for name, key in _PERMISSION_KEYS.items() if name in each}
                },
            }
            for _, each in of_type(self._template, "AWS::Lambda::Permission")
        ]
        if not allows(permissions, caller, ["lambda:InvokeFunction"], [plain(function)]):
            yield f"{id} -> {plain(function)}: no permission lets {caller.service} invoke it"

    def _trust_gaps(self, id: str, role: Any, caller: Caller) -> Iterator[str]:
        trust = self._properties(role)["AssumeRolePolicyDocument"]["Statement"]
        if not allows(trust, caller, ["sts:AssumeRole"], None):
            yield f"{id} -> {plain(role)}: {caller.service} may not assume it"

    def _role_gaps(self, id: str, role: Any, actions: Sequence[str], resource: Any) -> Iterator[str]:
        if not allows(self._role_statements(role), None, actions, [plain(resource)]):
            yield f"{id} -> {plain(resource)}: its role may not {', '.join(actions)}"

    def _role_key_gaps(self, id: str, role: Any, queue: Any, actions: Sequence[str]) -> Iterator[str]:
        key = self._key(queue)
        if key is None:
            return
        through = {"kms:ViaService": "sqs.<AWS::Region>.amazonaws.com"}
        if not allows(self._role_statements(role), None, actions, [plain(key)], through):
            yield f"{id} -> {plain(key)}: its role may not use the key of {plain(queue)}"

    def _key_gaps(self, id: str, target: Any, caller: Caller, actions: Sequence[str]) -> Iterator[str]:
        key = self._key(target)
        if key is None or not self._is_own(key):  # the policy of an existing key is its owner's
            return
        if not allows(self._key_policy(key), caller, actions, ["*"]):
            yield f"{id} -> {plain(key)}: the key's policy does not let {caller.service} use it for {plain(target)}"

    # Reads the template.

    def _called_by_machines(self) -> Iterator[str]:
        for _, machine in of_type(self._template, "AWS::StepFunctions::StateMachine"):
            yield from _called_functions(machine)

    @property
    def _stack_name(self) -> str:
        """The stack's name, which begins the names of its log groups."""
        return next(name.rpartition("-webhook")[0] for name in self._functions if name.endswith("-webhook"))

    def _is_own(self, value: Any) -> bool:
        return isinstance(value, dict) and _id(value) in self._template["Resources"]

    def _properties(self, value: Any) -> dict[str, Any]:
        properties: dict[str, Any] = self._template["Resources"][_id(value)].get("Properties", {})
        return properties

    def _key(self, target: Any) -> Any:
        kind = self._template["Resources"][_id(target)]["Type"]
        return self._properties(target).get(_KEY_PROPERTIES[kind])

    def _key_policy(self, key: Any) -> list[dict[str, Any]]:
        statements: list[dict[str, Any]] = self._properties(key)["KeyPolicy"]["Statement"]
        return statements

    def _policies(self, kind: str, property: str, resource: Any) -> list[dict[str, Any]]:
        return [
            statement
            for _, policy in of_type(self._template, kind)
            if _id(resource) in map(_id, as_list(policy[property]))
            for statement in policy["PolicyDocument"]["Statement"]
        ]

    def _role_statements(self, role: Any) -> list[dict[str, Any]]:
        return [
            statement
            for _, policy in of_type(self._template, "AWS::IAM::Policy")
            if _id(role) in map(_id, policy["Roles"])
            for statement in policy["PolicyDocument"]["Statement"]
        ]


def _id(value: Any) -> str:
    """The logical id that a reference names."""
    return plain(value).strip("<>").partition(".")[0]


def _invoked(uri: Any) -> Any:
    """The function of an integration, which a WebSocket API names by the path of its invocation in Lambda's API."""
    parts = uri.get("Fn::Join", ["", []])[1] if isinstance(uri, dict) else []
    functions = [each for each in parts if isinstance(each, dict) and "Fn::GetAtt" in each]
    return functions[0] if functions else uri


def _called_functions(machine: Mapping[str, Any]) -> list[str]:
    """The functions that a machine's tasks invoke, as `plain` writes them."""
    states = json.loads(plain(machine["DefinitionString"]))["States"].values()
    return [state["Arguments"]["FunctionName"] for state in states if "Arguments" in state]


def _touches(statement: Mapping[str, Any], action_prefix: str, names: Sequence[str]) -> bool:
    resources = " ".join(map(plain, as_list(statement["Resource"])))
    actions = [str(each) for each in as_list(statement["Action"])]
    allowed = statement["Effect"] == "Allow" and any(each.startswith(action_prefix) for each in actions)
    # Only a service that calls in its own name says for whom it does: a function's requests have no source.
    # AWS IAM User Guide, "AWS global condition context keys", aws:SourceArn.
    keys = [key for conditions in statement.get("Condition", {}).values() for key in conditions]
    return allowed and any(name in resources for name in names) and not any("aws:Source" in key for key in keys)
