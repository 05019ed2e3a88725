"""The API: the routers of its nouns, and the order in which every request is processed.

caller -> role -> idempotency -> audit -> the noun's handler (its parameters and body are validated first). The role is
that of the route which the resolver itself will choose; API Gateway's own route is not consulted.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, Final

from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.api_gateway import ApiGatewayResolver, Route
from aws_lambda_powertools.event_handler.openapi.exceptions import (
    RequestUnsupportedContentType,
    RequestValidationError,
)

from chatflow.adapters.aws import is_outage
from chatflow.errors import ChatflowError
from chatflow.strict_json import strict_json
from management.audit.service import audited, recorded
from management.dependencies import Dependencies
from management.http import auth, idempotency, problems
from management.http.auth import Caller
from management.http.openapi import BASE_PATH, all_routes
from management.http.problems import Problem, invalid_fields
from management.nouns import NOUNS, nouns_of, routes_module

_JSON: Final = "application/json"

logger = Logger(service="chatflow", use_rfc3339=True)

LambdaResponse = dict[str, Any]


class ManagementApi:
    """Answers requests with these dependencies. Building it makes no AWS calls."""

    def __init__(self, dependencies: Dependencies) -> None:
        self._dependencies = dependencies
        self.resolver = APIGatewayHttpResolver(
            enable_validation=True, strip_prefixes=[BASE_PATH], response_validation_error_http_code=500
        )
        self._included: set[str] = set()
        self.resolver.exception_handler(RequestValidationError)(_raise_invalid_request)
        self.resolver.exception_handler(RequestUnsupportedContentType)(_raise_unsupported_content)
        self.resolver.exception_handler(Exception)(_raise_unchanged)

    def include_all(self) -> ApiGatewayResolver:
        """The resolver with the routes of every noun, of which it otherwise has those that were asked for."""
        self._include(NOUNS)
        return self.resolver

    def handle(self, event: dict[str, Any], context: Any) -> LambdaResponse:
        """Answer one request of API Gateway. Every error becomes a problem document."""
        request_id = str(event["requestContext"]["requestId"])
        logger.structure_logs(append=True, request=request_id)
        response = _with_problems(request_id, lambda: self._process(event, context, request_id))
        response["headers"] = {**response.get("headers", {}), "Cache-Control": "no-store"}
        return response

    def _process(self, event: dict[str, Any], context: Any, request_id: str) -> LambdaResponse:
        caller = auth.identify(event)
        route, path_parameters = self._match(event)
        options = route.openapi_extensions or {}
        caller.require(options["x-role"])
        auth.set_caller(caller)
        event = _decode_body(event, route)
        act = partial(self._resolve, event, context, request_id)
        if route.method != "GET" and options["x-changes"]:
            act = partial(
                audited,
                self._dependencies,
                act,
                caller=caller,
                operation=route.func.__name__,
                target=path_parameters,
                request_id=request_id,
            )
        elif options["x-shows-customers"]:
            act = partial(
                recorded,
                self._dependencies,
                act,
                caller=caller,
                operation=route.func.__name__,
                target=path_parameters,
                request_id=request_id,
            )
        key = _header(event, idempotency.HEADER)
        if route.method == "POST" and key is not None:
            by_reference = options["x-repeat"] == "reference"
            stored = partial(idempotency.reference, request_id=request_id) if by_reference else _unchanged
            return self._once(event, context, caller, idempotency.validated_key(key), act, stored)
        return act()

    def _match(self, event: Mapping[str, Any]) -> tuple[Route, dict[str, str]]:
        """The route of a request and its path parameters. Raises Problem (not-found)."""
        method = event["requestContext"]["http"]["method"].upper()
        path = str(event["rawPath"]).removeprefix(BASE_PATH)
        self._include(nouns_of(path))
        for route in all_routes(self.resolver):
            matched = route.rule.match(path) if route.method == method else None
            if matched:
                return route, matched.groupdict()
        raise Problem("not-found", f"no operation of this API is {method} on this path")

    def _include(self, nouns: Iterable[str]) -> None:
        for noun in nouns:
            if noun not in self._included:
                self.resolver.include_router(routes_module(noun).routes(self._dependencies))
                self._included.add(noun)

    def _once(  # noqa: PLR0917
        self,
        event: Mapping[str, Any],
        context: Any,
        caller: Caller,
        key: str,
        act: Callable[[], LambdaResponse],
        stored: Callable[[LambdaResponse], LambdaResponse],
    ) -> LambdaResponse:
        path, query = str(event["rawPath"]), str(event.get("rawQueryString") or "")
        content = idempotency.digest(query, _header(event, "If-Match") or "", str(event.get("body") or ""))
        return self._dependencies.idempotency.once(
            idempotency.digest(caller.name, path, key), content, act, context, stored
        )

    def _resolve(self, event: dict[str, Any], context: Any, request_id: str) -> LambdaResponse:
        """The handler's response. A problem that it raises is a response too, so that the audit sees its status."""
        return _with_problems(request_id, lambda: _flatten(self.resolver.resolve(event, context)))


def _unchanged(response: LambdaResponse) -> LambdaResponse:
    return response


def _with_problems(request_id: str, act: Callable[[], LambdaResponse]) -> LambdaResponse:
    try:
        return act()
    except Problem as problem:
        return _problem_response(problem, request_id)
    except ChatflowError as error:
        logger.warning("management problem", extra={"problem": type(error).__name__, "detail": str(error)})
        return _problem_response(problems.from_error(error), request_id)
    except Exception as error:
        logger.exception("management failed")
        if is_outage(error):
            outage = Problem("unavailable", "AWS does not answer, or is too busy: try again soon")
            return _problem_response(outage, request_id)
        return _problem_response(Problem("internal", "The log knows this request by its instance."), request_id)


def _problem_response(problem: Problem, request_id: str) -> LambdaResponse:
    return {
        "statusCode": problem.status,
        "headers": {"Content-Type": problems.MEDIA_TYPE},
        "body": json.dumps(problem.document(request_id)),
        "isBase64Encoded": False,
    }


def _decode_body(event: dict[str, Any], route: Route) -> dict[str, Any]:
    """The request with its body as text. Raises Problem (unsupported-content, invalid-request)."""
    content_type = (_header(event, "Content-Type") or "").partition(";")[0].strip().lower()
    # A route that reads its body itself checks the content type itself.
    if event.get("body") and content_type not in ("", _JSON) and route.body_field:
        raise Problem("unsupported-content", f"send {_JSON}")
    if event.get("isBase64Encoded"):
        try:
            text = base64.b64decode(event.get("body") or "", validate=True).decode()
        except ValueError:
            raise problems.invalid_field("body", "not a text in UTF-8") from None
        event = {**event, "body": text, "isBase64Encoded": False}
    if event.get("body") and route.body_field:
        _require_strict_json(event["body"])
    return event


def _require_strict_json(text: str) -> None:
    """Raises Problem (invalid-request) for what the resolver's parser accepts or fails on.

    Those are NaN, a key twice, a lone surrogate, very deep nesting, and a body that is not an object.
    """
    try:
        strict_json(text.encode())
        body = json.loads(text)
        json.dumps(body, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise problems.invalid_field("body", "half of a character (a lone surrogate) is no text") from None
    except ValueError as error:
        raise problems.invalid_field("body", str(error)) from None
    if not isinstance(body, dict | None):  # the resolver treats a list as no body at all
        raise problems.invalid_field("body", "not a JSON object")


def _header(event: Mapping[str, Any], name: str) -> str | None:
    headers = event.get("headers") or {}
    return next((str(value) for each, value in headers.items() if each.lower() == name.lower()), None)


def _flatten(response: LambdaResponse) -> LambdaResponse:
    """One value for each header and a text as body, so that the response can be stored and sent again."""
    multiple = response.pop("multiValueHeaders", {})
    headers = {**{name: ", ".join(values) for name, values in multiple.items()}, **response.get("headers", {})}
    return {**response, "headers": headers, "body": response.get("body") or ""}


def _raise_invalid_request(error: RequestValidationError) -> Response[Any]:
    raise invalid_fields(
        [{"field": ".".join(map(str, each["loc"])), "message": str(each["msg"])} for each in error.errors()]
    )


def _raise_unsupported_content(error: RequestUnsupportedContentType) -> Response[Any]:
    raise Problem("unsupported-content", "; ".join(str(each["msg"]) for each in error.errors()))


def _raise_unchanged(error: Exception) -> Response[Any]:
    """Hands the error to `_with_problems`. Unhandled, the resolver would log each Problem as an internal error."""
    raise error
