"""The API: every resource's router, and the one order in which a request is dealt with.

caller -> role -> repeat -> audit -> the resource (its parameters and body validated first). The role is that of the
route which the resolver itself will choose: API Gateway's own idea of the route is not asked.
"""

from __future__ import annotations

import base64
import importlib
import json
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.api_gateway import Route
from aws_lambda_powertools.event_handler.openapi.exceptions import (
    RequestUnsupportedContentType,
    RequestValidationError,
)

from chatflow.adapters.aws import is_outage
from chatflow.errors import ChatflowError
from chatflow.strict_json import strict_json
from management.audit.service import audited
from management.dependencies import world
from management.http import auth, idempotency, problems
from management.http.auth import Caller
from management.http.problems import Problem, invalid_fields

PREFIX: Final = "/api/v1"
_JSON: Final = "application/json"

logger = Logger(service="chatflow", use_rfc3339=True)
api = APIGatewayHttpResolver(enable_validation=True, strip_prefixes=[PREFIX], response_validation_error_http_code=500)

Answer = dict[str, Any]

for _noun in sorted(Path(__file__).parents[1].glob("*/routes.py")):
    api.include_router(importlib.import_module(f"management.{_noun.parent.name}.routes").router)


def answer(event: dict[str, Any], context: Any) -> Answer:
    """Answer one request. Whatever goes wrong below comes out as a problem document."""
    request = str(event["requestContext"]["requestId"])
    logger.structure_logs(append=True, request=request)
    answered = _guarded(request, lambda: _answer(event, context, request))
    answered["headers"] = {**answered.get("headers", {}), "Cache-Control": "no-store"}
    return answered


def routes() -> list[Route]:
    """Every route of every resource, in the order in which the resolver looks at them."""
    return [*api._static_routes, *api._dynamic_routes]


def _answer(event: dict[str, Any], context: Any, request: str) -> Answer:
    who = auth.identify(event)
    route, target = _route(event)
    about = route.openapi_extensions or {}
    who.must(about["x-role"])
    auth.is_calling(who)
    event = _readable(event, route)
    act = partial(_resolved, event, context, request)
    method = route.method
    if method != "GET" and about["x-changes"]:
        operation = route.func.__name__
        act = partial(audited, act, world=world(), who=who, operation=operation, target=target, request=request)
    key = _header(event, idempotency.HEADER)
    if method == "POST" and key is not None:
        return _once(event, context, who, idempotency.checked(key), act)
    return act()


def _once(event: Mapping[str, Any], context: Any, who: Caller, key: str, act: Callable[[], Answer]) -> Answer:
    path, query = str(event["rawPath"]), str(event.get("rawQueryString") or "")
    said = idempotency.digest(query, _header(event, "If-Match") or "", str(event.get("body") or ""))
    return world().repeats.once(idempotency.digest(who.name, path, key), said, act, context)


def _resolved(event: dict[str, Any], context: Any, request: str) -> Answer:
    """What the resource answers; a problem that it raises is an answer too."""
    return _guarded(request, lambda: _flat(api.resolve(event, context)))


def _guarded(request: str, act: Callable[[], Answer]) -> Answer:
    try:
        return act()
    except Problem as problem:
        return _problem(problem, request)
    except ChatflowError as error:
        logger.warning("management problem", extra={"problem": type(error).__name__, "detail": str(error)})
        return _problem(problems.of_error(error), request)
    except Exception as error:
        logger.exception("management failed")
        if is_outage(error):
            return _problem(Problem("unavailable", "AWS does not answer, or is too busy: try again soon"), request)
        return _problem(Problem("internal", "The log knows this request by its instance."), request)


def _problem(problem: Problem, request: str) -> Answer:
    return {
        "statusCode": problem.status,
        "headers": {"Content-Type": problems.MEDIA_TYPE},
        "body": json.dumps(problem.document(request)),
        "isBase64Encoded": False,
    }


def _route(event: Mapping[str, Any]) -> tuple[Route, dict[str, str]]:
    method = event["requestContext"]["http"]["method"].upper()
    path = str(event["rawPath"]).removeprefix(PREFIX)
    for route in routes():
        matched = route.rule.match(path) if route.method == method else None
        if matched:
            return route, matched.groupdict()
    raise Problem("not-found", f"no operation of this API is {method} on this path")


def _readable(event: dict[str, Any], route: Route) -> dict[str, Any]:
    """The request with its body as text. Raises Problem (unsupported-content, invalid-request)."""
    sent = (_header(event, "Content-Type") or "").partition(";")[0].strip().lower()
    # A route that reads its body by itself says what it takes.
    if event.get("body") and sent not in ("", _JSON) and route.body_field:
        raise Problem("unsupported-content", f"send {_JSON}")
    if event.get("isBase64Encoded"):
        try:
            text = base64.b64decode(event.get("body") or "", validate=True).decode()
        except ValueError:
            raise problems.invalid("body", "not a text in UTF-8") from None
        event = {**event, "body": text, "isBase64Encoded": False}
    if event.get("body") and route.body_field:
        _must_be_json(event["body"])
    return event


def _must_be_json(text: str) -> None:
    """Refuses what the resolver's parser takes, or dies of: NaN, a key twice, half of a character, endless brackets."""
    try:
        strict_json(text.encode())
        body = json.loads(text)
        json.dumps(body, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise problems.invalid("body", "half of a character (a lone surrogate) is no text") from None
    except ValueError as error:
        raise problems.invalid("body", str(error)) from None
    if not isinstance(body, dict | None):  # the resolver takes a list for no body at all
        raise problems.invalid("body", "not a JSON object")


def _header(event: Mapping[str, Any], name: str) -> str | None:
    headers = event.get("headers") or {}
    return next((str(value) for each, value in headers.items() if each.lower() == name.lower()), None)


def _flat(answered: Answer) -> Answer:
    """Headers with one value each, and a body that is a text, as they may be kept and sent again."""
    listed = answered.pop("multiValueHeaders", {})
    headers = {**{name: ", ".join(values) for name, values in listed.items()}, **answered.get("headers", {})}
    return {**answered, "headers": headers, "body": answered.get("body") or ""}


@api.exception_handler(RequestValidationError)  # type: ignore[untyped-decorator]
def _invalid_request(error: RequestValidationError) -> Response[Any]:
    raise invalid_fields(
        [{"field": ".".join(map(str, each["loc"])), "message": str(each["msg"])} for each in error.errors()]
    )


@api.exception_handler(Exception)  # type: ignore[untyped-decorator]
def _passed_on(error: Exception) -> Response[Any]:
    """To `_guarded`: unhandled, the resolver would write each problem into the log as an error of ours."""
    raise error


@api.exception_handler(RequestUnsupportedContentType)  # type: ignore[untyped-decorator]
def _unsupported_content(error: RequestUnsupportedContentType) -> Response[Any]:
    raise Problem("unsupported-content", "; ".join(str(each["msg"]) for each in error.errors()))
