"""CloudFormation and API Gateway patches: template properties that the emulator ignores, and error responses."""

from __future__ import annotations

from typing import Any

from local.emulator.patching import replace_function, rewrite


def resolve_secret_ref_to_arn() -> None:
    """Ref of a secret is its ARN; the emulator returns the name."""
    from ministack.services import secretsmanager
    from ministack.services.cloudformation import provisioners

    rewrite(
        provisioners,
        "_sm_secret_create",
        ('    return name, {"Id": arn, "Arn": arn}\n', '    return arn, {"Id": arn, "Arn": arn}\n'),
    )

    def name_of(physical_id: str) -> str:
        return next(
            (name for name, secret in secretsmanager._secrets.items() if secret["ARN"] == physical_id), physical_id
        )

    def update(physical_id: str, *rest: Any, **named: Any) -> Any:
        _, attributes = original_update(name_of(physical_id), *rest, **named)
        return attributes["Arn"], attributes

    def delete(physical_id: str, props: dict[str, Any]) -> None:
        original_delete(name_of(physical_id), props)

    original_update = replace_function(provisioners, "_sm_secret_update", update)
    original_delete = replace_function(provisioners, "_sm_secret_delete", delete)


def apply_time_to_live() -> None:
    """A table's TimeToLiveSpecification takes effect at deploy; the emulator needs a call to UpdateTimeToLive."""
    from ministack.services import dynamodb
    from ministack.services.cloudformation import provisioners

    def create(logical_id: str, props: dict[str, Any], stack_name: str) -> Any:
        created = original(logical_id, props, stack_name)
        if "TimeToLiveSpecification" in props:
            request = {"TableName": created[0], "TimeToLiveSpecification": props["TimeToLiveSpecification"]}
            dynamodb._update_ttl(request)
        return created

    original = replace_function(provisioners, "_ddb_create", create)


def apply_cors_configuration() -> None:
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


def hide_function_errors() -> None:
    """A failed function behind an HTTP API answers 500 and a fixed text; the emulator answers 502 and the reason."""
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
