"""CloudFormation: properties that the emulator reads from a template and then drops."""

from __future__ import annotations

from typing import Any

from local.emulator.rewriting import replace, rewrite


def refer_to_secrets_by_arn() -> None:
    """Ref of a secret is its ARN; the emulator returns the name."""
    from ministack.services import secretsmanager
    from ministack.services.cloudformation import provisioners

    rewrite(
        provisioners,
        "_sm_secret_create",
        ('    return name, {"Id": arn, "Arn": arn}\n', '    return arn, {"Id": arn, "Arn": arn}\n'),
    )

    def name_of(physical_id: str) -> str:
        return next((name for name, kept in secretsmanager._secrets.items() if kept["ARN"] == physical_id), physical_id)

    def update(physical_id: str, *rest: Any, **named: Any) -> Any:
        _, attributes = original_update(name_of(physical_id), *rest, **named)
        return attributes["Arn"], attributes

    def delete(physical_id: str, props: dict[str, Any]) -> None:
        original_delete(name_of(physical_id), props)

    original_update = replace(provisioners, "_sm_secret_update", update)
    original_delete = replace(provisioners, "_sm_secret_delete", delete)


def expire_items() -> None:
    """A table's TimeToLiveSpecification takes effect at deploy; the emulator needs a call to UpdateTimeToLive."""
    from ministack.services import dynamodb
    from ministack.services.cloudformation import provisioners

    def create(logical_id: str, props: dict[str, Any], stack_name: str) -> Any:
        made = original(logical_id, props, stack_name)
        if "TimeToLiveSpecification" in props:
            wanted = {"TableName": made[0], "TimeToLiveSpecification": props["TimeToLiveSpecification"]}
            dynamodb._update_ttl(wanted)
        return made

    original = replace(provisioners, "_ddb_create", create)


def answer_preflight_requests() -> None:
    """An HTTP API's CorsConfiguration takes effect at deploy; the emulator stores it under names it never reads."""
    from ministack.services.cloudformation import provisioners

    rewrite(
        provisioners,
        "_apigw_v2_api_create",
        (
            'api["corsConfiguration"] = props["CorsConfiguration"]',
            'api["corsConfiguration"] = {k[0].lower() + k[1:]: v for k, v in props["CorsConfiguration"].items()}',
        ),
    )


def hide_why_a_function_failed() -> None:
    """A function that fails behind an HTTP API answers 500 and a fixed text; the emulator 502 and why."""
    from ministack.services import lambda_svc

    rewrite(
        lambda_svc,
        "lambda_execute_result_to_api_proxy_response",
        ('"statusCode": 502,', '"statusCode": 500,'),
        (
            '            "body": payload,\n        }, None',
            '            "body": \'{"message":"Internal Server Error"}\',\n        }, None',
        ),
    )
