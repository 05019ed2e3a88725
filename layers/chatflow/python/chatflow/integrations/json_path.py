"""Evaluates a JSONPath (RFC 9535) on an API's answer, with a bound on its work. Pure.

The library parses the path; the evaluation is our own, because the library's has no bound: `$..*..*..*` visits the cube
of a document, and `match` and `search` run on a backtracking engine. Here each node that is visited is one step, a
pattern runs on RE2 (decision record 0011) and must be written in the path, so that no answer brings its own.

Importing this module takes long: simple paths do without it (`simple_paths`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, Final

from jsonpath import JSONPath, JSONPathEnvironment, JSONPathError
from jsonpath.exceptions import JSONPathTypeError
from jsonpath.filter import (
    BaseExpression,
    FilterExpression,
    FilterExpressionLiteral,
    FilterQuery,
    FunctionExtension,
    InfixExpression,
    Nil,
    PrefixExpression,
    RelativeFilterQuery,
    StringLiteral,
)
from jsonpath.segments import JSONPathRecursiveDescentSegment
from jsonpath.selectors import (
    Filter,
    IndexSelector,
    JSONPathSelector,
    NameSelector,
    SliceSelector,
    WildcardSelector,
)
from jsonpath.token import Token

from chatflow.integrations.simple_paths import MAX_LENGTH
from chatflow.patterns import BadPattern, compiled

MAX_STEPS: Final = 500_000  # an answer of 256 KiB has at most 131,072 nodes
MAX_SIZE: Final = 256 * 1024  # values and characters in all matches; an answer within its limit has fewer
_STEPS_PER_CHECK: Final = 256  # steps between two looks at the clock: a short evaluation never looks
_PATTERN_WORK_PER_STEP: Final = 200  # instructions of a pattern times characters of a text
_MAX_PATTERN_SIZE: Final = 10_000  # instructions of a compiled pattern
_PATTERN_FUNCTIONS: Final = ("match", "search")
_NOTHING: Final = object()  # RFC 9535, 2.4.1: the value of a query that selects no node


class BadPath(ValueError):
    """A path that is not RFC 9535, or that may not be evaluated; the message is the reason."""


class TooMuchWork(Exception):
    """An evaluation that was given up; the message is the reason."""


def check_path(path: str) -> None:
    """Raises BadPath for a path that `find` would refuse."""
    _parsed(path)


def find(path: str, document: Any, expired: Callable[[], bool]) -> list[Any]:
    """The values that the path selects, in the order of RFC 9535.

    `expired` tells whether the time for the evaluation is over. Raises BadPath, and TooMuchWork after 500,000 steps,
    when the time is over, or when overlapping matches are together larger than an answer may be.
    """
    found = _Evaluation(document, expired).select(_parsed(path), document)
    _limit_size(found)
    return found


class _Environment(JSONPathEnvironment):
    """The strict environment, which also refuses patterns that are not literals or not RE2."""

    def check_well_typedness(self, token: Token, func: Any, args: list[BaseExpression]) -> None:
        super().check_well_typedness(token, func, args)
        if token.value not in _PATTERN_FUNCTIONS:
            return
        pattern = args[1]
        if not isinstance(pattern, StringLiteral):
            raise JSONPathTypeError(f"the pattern of {token.value}() must be written in the path", token=token)
        try:
            size = compiled(pattern.value).programsize
        except BadPattern as error:
            raise JSONPathTypeError(f"{token.value}() takes a pattern of RE2: {error}", token=token) from None
        if size > _MAX_PATTERN_SIZE:
            raise JSONPathTypeError(f"the pattern of {token.value}() is too large", token=token)


_ENVIRONMENT = _Environment(strict=True)


@lru_cache(maxsize=256)
def _parsed(path: str) -> JSONPath:
    if len(path) > MAX_LENGTH:
        raise BadPath(f"a JSONPath has at most {MAX_LENGTH} characters")
    try:
        parsed = _ENVIRONMENT.compile(path)
    except (JSONPathError, RecursionError) as error:
        raise BadPath(str(error).splitlines()[0]) from None
    if not isinstance(parsed, JSONPath):
        raise BadPath("a JSONPath is one path")
    return parsed


class _Evaluation:
    """The evaluation of one path on one document, and the steps that it has taken."""

    def __init__(self, root: Any, expired: Callable[[], bool]) -> None:
        self._root = root
        self._expired = expired
        self._steps = 0
        self._next_check = _STEPS_PER_CHECK

    def select(self, path: JSONPath, start: Any) -> list[Any]:
        nodes = [start]
        for segment in path.segments:
            following: list[Any] = []
            deep = isinstance(segment, JSONPathRecursiveDescentSegment)
            for node in nodes:
                for each in self._descendants(node) if deep else (node,):
                    for selector in segment.selectors:
                        following += self._matches(selector, each)
            nodes = following
        return nodes

    def _step(self, steps: int = 1) -> None:
        self._steps += steps
        if self._steps > MAX_STEPS:
            raise TooMuchWork(f"the JSONPath took more than {MAX_STEPS} steps on this answer")
        if self._steps >= self._next_check:
            self._next_check = self._steps + _STEPS_PER_CHECK
            if self._expired():
                raise TooMuchWork("the time for the JSONPath was over")

    def _descendants(self, node: Any) -> Iterator[Any]:
        """The node and the objects and lists below it, depth first. Nothing can be selected in any other value."""
        waiting = [node]
        while waiting:
            node = waiting.pop()
            self._step()
            if isinstance(node, dict | list):
                yield node
                waiting += reversed(_children(node))

    def _matches(self, selector: JSONPathSelector, node: Any) -> Iterator[Any]:
        for value in self._candidates(selector, node):
            self._step()
            if not isinstance(selector, Filter) or self._holds(selector.expression, value):
                yield value

    def _candidates(self, selector: JSONPathSelector, node: Any) -> list[Any]:
        if isinstance(selector, NameSelector):
            return [node[selector.name]] if isinstance(node, dict) and selector.name in node else []
        if isinstance(selector, IndexSelector):
            inside = isinstance(node, list) and -len(node) <= selector.index < len(node)
            return [node[selector.index]] if inside else []
        if isinstance(selector, SliceSelector):
            return node[selector.slice] if isinstance(node, list) and selector.slice.step != 0 else []
        if isinstance(selector, WildcardSelector | Filter):
            return _children(node)
        raise BadPath(f"{selector} is not a selector of RFC 9535")

    def _holds(self, expression: BaseExpression, current: Any) -> bool:
        """The truth of a logical expression; a query is true when it selects a node."""
        self._step()
        if isinstance(expression, FilterExpression):
            return self._holds(expression.expression, current)
        if isinstance(expression, PrefixExpression):
            return not self._holds(expression.right, current)
        if isinstance(expression, FilterQuery):
            return bool(self._query(expression, current))
        if not isinstance(expression, InfixExpression):
            return self._value(expression, current) is True
        if expression.operator == "&&":
            return self._holds(expression.left, current) and self._holds(expression.right, current)
        if expression.operator == "||":
            return self._holds(expression.left, current) or self._holds(expression.right, current)
        return self._compare(
            self._value(expression.left, current), expression.operator, self._value(expression.right, current)
        )

    def _query(self, query: FilterQuery, current: Any) -> list[Any]:
        return self.select(query.path, current if isinstance(query, RelativeFilterQuery) else self._root)

    def _value(self, expression: BaseExpression, current: Any) -> Any:
        self._step()
        if isinstance(expression, Nil):
            return None
        if isinstance(expression, FilterExpressionLiteral):
            return expression.value
        if isinstance(expression, FilterQuery):
            return _only(self._query(expression, current))
        if isinstance(expression, FunctionExtension):
            return self._function(expression, current)
        raise BadPath(f"{expression} is not an expression of RFC 9535")

    def _function(self, function: FunctionExtension, current: Any) -> Any:
        argument = function.args[0]
        if function.name in ("count", "value") and isinstance(argument, FilterQuery):
            nodes = self._query(argument, current)
            return len(nodes) if function.name == "count" else _only(nodes)
        value = self._value(argument, current)
        if function.name == "length":
            return len(value) if isinstance(value, str | list | dict) else _NOTHING
        pattern = function.args[1]
        if function.name not in _PATTERN_FUNCTIONS or not isinstance(pattern, StringLiteral):
            raise BadPath(f"{function} is not a function of RFC 9535")
        if not isinstance(value, str):
            return False
        expression = compiled(pattern.value)
        self._step(expression.programsize * len(value) // _PATTERN_WORK_PER_STEP)
        found = expression.fullmatch(value) if function.name == "match" else expression.search(value)
        return found is not None

    def _compare(self, left: Any, operator: str, right: Any) -> bool:
        if operator in ("==", "!="):
            return self._equal(left, right) == (operator == "==")
        if operator in (">", ">="):
            left, right = right, left
        ordered = (isinstance(left, str) and isinstance(right, str)) or (_is_number(left) and _is_number(right))
        less = ordered and left < right
        return less or (operator in ("<=", ">=") and self._equal(left, right))

    def _equal(self, left: Any, right: Any) -> bool:
        """Equality of JSON: true is not 1, as it is in Python."""
        pairs = [(left, right)]
        while pairs:
            self._step()
            one, other = pairs.pop()
            if isinstance(one, dict) and isinstance(other, dict):
                self._step(len(one))
                if one.keys() != other.keys():
                    return False
                pairs += [(value, other[key]) for key, value in one.items()]
            elif isinstance(one, list) and isinstance(other, list):
                if len(one) != len(other):
                    return False
                pairs += zip(one, other, strict=True)
            elif isinstance(one, bool) != isinstance(other, bool) or one != other:
                return False
        return True


def _children(node: Any) -> list[Any]:
    return list(node.values()) if isinstance(node, dict) else node if isinstance(node, list) else []


def _only(nodes: list[Any]) -> Any:
    return nodes[0] if len(nodes) == 1 else _NOTHING


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _limit_size(values: list[Any]) -> None:
    """Raises TooMuchWork for matches that repeat the same content until it is larger than any answer."""
    size = 0
    waiting = list(values)
    while waiting:
        each = waiting.pop()
        size += 1 + (len(each) if isinstance(each, str) else 0)
        if isinstance(each, dict):
            size += sum(map(len, each))
        if size > MAX_SIZE:
            raise TooMuchWork("the matches overlap, and are together larger than an answer may be")
        waiting += _children(each)
