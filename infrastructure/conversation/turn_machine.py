"""The state machine `turn` as a resource; turn_definition.py has its states."""

from __future__ import annotations

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_stepfunctions as stepfunctions
from constructs import Construct

from infrastructure.configuration import Configuration
from infrastructure.conversation.node_types import NodeTypes
from infrastructure.conversation.turn_definition import definition
from infrastructure.log_groups import log_group, vended_log_name
from infrastructure.security import nag
from infrastructure.security.nag import WildcardArn


class TurnMachine(Construct):
    """Express, logged and traced. The log has every step, and no execution data: nothing that a customer wrote."""

    def __init__(self, scope: Construct, name: str, *, configuration: Configuration, node_types: NodeTypes) -> None:
        super().__init__(scope, name)
        stack = Stack.of(self)
        self.role = iam.Role(
            self,
            "Role",
            # Only state machines of this account may assume the role.
            assumed_by=iam.ServicePrincipal(
                "states.amazonaws.com", conditions={"StringEquals": {"aws:SourceAccount": stack.account}}
            ),
        )
        self.role.add_to_principal_policy(
            iam.PolicyStatement(
                actions=["lambda:InvokeFunction"],
                resources=[function.arn for function in node_types.functions.values()],
            )
        )
        reason = "X-Ray, and the delivery of logs, take no resource that could be named."
        nag.waive_wildcard(self.role, WildcardArn("*", reason))
        self.log = log_group(self, "Log", configuration, log_group_name=vended_log_name(self, "states", "turn"))
        visits = {
            node_type.name: (node_types.functions[node_type.name].arn, node_type.seconds)
            for node_type in node_types.node_types
        }
        self.machine = stepfunctions.StateMachine(
            self,
            "Machine",
            state_machine_name=f"{stack.stack_name}-turn",
            state_machine_type=stepfunctions.StateMachineType.EXPRESS,
            definition_body=stepfunctions.DefinitionBody.from_string(stack.to_json_string(definition(visits))),
            role=self.role,
            tracing_enabled=True,
            logs=stepfunctions.LogOptions(
                destination=self.log, level=stepfunctions.LogLevel.ALL, include_execution_data=False
            ),
        )
