"""The state machine `turn`, as a resource: what it says stands in turn_machine.py."""

from __future__ import annotations

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_stepfunctions as stepfunctions
from constructs import Construct

from infrastructure.conversation.node_types import NodeTypes
from infrastructure.conversation.turn_definition import definition
from infrastructure.lambda_function import House
from infrastructure.operations.log_groups import log_group, vended
from infrastructure.security import nag as waivers


class TurnMachine(Construct):
    """Express, logged and traced. The log tells each step and never what a customer wrote."""

    def __init__(self, scope: Construct, name: str, *, house: House, node_types: NodeTypes) -> None:
        super().__init__(scope, name)
        functions = [room.function for room in node_types.rooms.values()]
        self.role = iam.Role(
            self,
            "Role",
            # Only machines of this account may take the role.
            assumed_by=iam.ServicePrincipal(
                "states.amazonaws.com", conditions={"StringEquals": {"aws:SourceAccount": Stack.of(self).account}}
            ),
        )
        self.role.add_to_principal_policy(
            iam.PolicyStatement(
                actions=["lambda:InvokeFunction"], resources=[function.function_arn for function in functions]
            )
        )
        self.log = log_group(self, "Log", house.configuration, called=vended(self, "states", "turn"))
        visits = {
            node_type.name: (node_types.rooms[node_type.name].function.function_arn, node_type.seconds)
            for node_type in node_types.all
        }
        stack = Stack.of(self)
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
        waivers.for_turn_machine(self.role)
