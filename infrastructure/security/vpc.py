"""A network of one's own, which the functions join that call a business's API in it. Without one they are in none."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import ArnFormat, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_

from infrastructure.lambda_function import Room

# What Lambda does in the function's name to plug it in; it takes no resource that could be named.
_PLUGGING = (
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
)


def join(room: Room, subnets: Sequence[str], security_groups: Sequence[str]) -> None:
    """Plug a room's function into these subnets; what it reaches from there is for its security groups to say.

    Lambda may do so in its name, and its own code may not: the condition holds only for calls that the code makes.
    """
    function = room.function.node.default_child
    assert isinstance(function, lambda_.CfnFunction)  # noqa: S101  CDK's own promise
    function.vpc_config = lambda_.CfnFunction.VpcConfigProperty(
        subnet_ids=list(subnets), security_group_ids=list(security_groups)
    )
    room.allow(_PLUGGING, ["*"])
    itself = Stack.of(room).format_arn(  # by its name: a policy that waits for the function would wait for itself
        service="lambda",
        resource="function",
        resource_name=function.function_name,
        arn_format=ArnFormat.COLON_RESOURCE_NAME,
    )
    room.role.add_to_principal_policy(
        iam.PolicyStatement(
            effect=iam.Effect.DENY,
            actions=list(_PLUGGING),
            resources=["*"],
            conditions={"ArnEquals": {"lambda:SourceFunctionArn": itself}},
        )
    )
