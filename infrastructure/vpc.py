"""Attaches functions that call a business's API to the VPC of the deployment; without one, no function is in a VPC."""

from __future__ import annotations

from typing import Final

from aws_cdk import ArnFormat, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_

from infrastructure.configuration import Configuration
from infrastructure.lambda_function import LambdaFunction
from infrastructure.security.nag import WildcardArn

# What Lambda does with the function's role to attach it.
_NETWORK_INTERFACE_ACTIONS: Final = (
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
)
_ANY_INTERFACE = WildcardArn("*", "Lambda creates network interfaces without a resource that could be named.")


def attach_to_vpc(function: LambdaFunction, configuration: Configuration) -> None:
    """Attach a function to the subnets of the deployment, if it has any; its security groups limit what it reaches.

    Lambda may use the function's role for it; the function's own code may not: the condition of the refusal holds only
    for calls that the code makes.
    """
    if not configuration.vpc_subnets:
        return
    resource = function.resource.node.default_child
    assert isinstance(resource, lambda_.CfnFunction)  # noqa: S101  guaranteed by the CDK
    resource.vpc_config = lambda_.CfnFunction.VpcConfigProperty(
        subnet_ids=list(configuration.vpc_subnets), security_group_ids=list(configuration.vpc_security_groups)
    )
    function.allow(_NETWORK_INTERFACE_ACTIONS, [_ANY_INTERFACE])
    own_arn = Stack.of(function).format_arn(  # by name: a policy that refers to the function would depend on itself
        service="lambda",
        resource="function",
        resource_name=resource.function_name,
        arn_format=ArnFormat.COLON_RESOURCE_NAME,
    )
    function.role.add_to_principal_policy(
        iam.PolicyStatement(
            effect=iam.Effect.DENY,
            actions=list(_NETWORK_INTERFACE_ACTIONS),
            resources=["*"],
            conditions={"ArnEquals": {"lambda:SourceFunctionArn": own_arn}},
        )
    )
