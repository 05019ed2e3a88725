"""AWS as answers by operation. Parameters and answers are validated by botocore's own models, like its Stubber does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import botocore.session
from botocore.exceptions import ClientError
from botocore.validate import validate_parameters

from chatflow_cli.doctor.account import Account

Answer = Mapping[str, Any] | Exception | Callable[[dict[str, Any]], Mapping[str, Any]]


def refusal(code: str, operation: str = "Operation") -> ClientError:
    """What botocore raises when AWS answers with this error code."""
    return ClientError({"Error": {"Code": code, "Message": code}}, operation)


@cache
def _botocore() -> Any:
    """One for all tests: it keeps the models that it has read."""
    session = botocore.session.Session()
    session.set_credentials("test", "test")
    return session


class AnsweringSession:
    """A session of boto3 whose clients answer from a table: "sts.GetCallerIdentity" -> answer, error, or function.

    `calls` are the operations that were called, in order. One without an answer fails the test.
    """

    def __init__(self, answers: Mapping[str, Answer], region: str = "eu-west-1") -> None:
        self.answers = dict(answers)
        self.calls: list[str] = []
        self.region_name = region

    def get_available_regions(self, service: str) -> list[str]:
        return list(_botocore().get_available_regions(service))

    def client(self, service: str, config: Any = None) -> Any:
        client = _botocore().create_client(service, region_name=self.region_name, config=config)
        client._make_api_call = lambda operation, parameters: self._answer(client, service, operation, parameters)
        return client

    def _answer(self, client: Any, service: str, operation: str, parameters: dict[str, Any]) -> Any:
        name = f"{service}.{operation}"
        self.calls.append(name)
        model = client.meta.service_model.operation_model(operation)
        if model.input_shape:
            validate_parameters(parameters, model.input_shape)
        answer = self.answers[name]
        if isinstance(answer, Exception):
            raise answer
        given = dict(answer(parameters) if callable(answer) else answer)
        validate_parameters(given, model.output_shape)
        return given


def account_with(answers: Mapping[str, Answer], region: str = "eu-west-1") -> tuple[Account, AnsweringSession]:
    session = AnsweringSession(answers, region)
    return Account(session), session
