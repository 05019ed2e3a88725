"""The answers of AWS, of a channel and of a business, for benchmarks: right in shape, and the same each time.

Reads come from rows that are given at the start. Writes are answered and not made, so that each event meets the same
state, and any number of them may be measured.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qs, unquote, urlsplit

from tests.fakes.bulk_server import JPEG

Json = dict[str, Any]
_END_OF_JPEG: Final = b"\xff\xd9"
_SERVICES: Final = {  # by the beginning of the header X-Amz-Target
    "DynamoDB": "dynamodb",
    "AmazonSQS": "sqs",
    "secretsmanager": "secretsmanager",
    "AWSStepFunctions": "states",
}
_SCHEDULER: Final = {"POST": "Create", "PUT": "Update", "GET": "Get", "DELETE": "Delete"}
_EQUALS: Final = re.compile(r"(#?\w+)\s*=\s*(:\w+)")


@dataclass
class Stored:
    """What there is. `tables`: rows by table; `keys`: the names of a table's key attributes; `secrets`: by name."""

    tables: Mapping[str, list[Json]] = field(default_factory=dict)
    keys: Mapping[str, list[str]] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


def jpeg(size: int) -> bytes:
    """A file of so many bytes that everybody takes for a photo."""
    return JPEG + bytes(size - len(JPEG) - len(_END_OF_JPEG)) + _END_OF_JPEG


class Operations:
    """`operation` names a request, `answer` answers it. `service` is the name under which the request came in."""

    def __init__(self, stored: Stored) -> None:
        self._stored = stored
        self._rows = {
            table: dict(sorted((_key(row, stored.keys[table]), row) for row in rows))
            for table, rows in stored.tables.items()
        }

    def operation(self, service: str, method: str, path: str, headers: Mapping[str, str]) -> str:
        """`dynamodb:GetItem`, `s3:PutObject`; `channel:POST` for what is no service of AWS."""
        if target := headers.get("x-amz-target"):
            prefix, _, name = target.rpartition(".")
            return f"{_SERVICES[prefix.split('_')[0]]}:{name}"
        if service == "s3":
            kind = "ObjectTagging" if "tagging" in parse_qs(urlsplit(path).query, keep_blank_values=True) else "Object"
            return f"s3:{method.title()}{kind}"
        if service == "scheduler":
            return f"scheduler:{_SCHEDULER[method]}Schedule"
        return f"{service}:{method}"

    def answer(self, operation: str, path: str, body: bytes) -> Answer:
        service, _, name = operation.partition(":")
        if service in _SERVICES.values():
            handle: Callable[[Json], Json] = getattr(self, f"_{service}_{_snake(name)}")
            try:
                return _json(handle(json.loads(body)), "application/x-amz-json-1.0")
            except KeyError as error:
                return _json({"__type": "ResourceNotFoundException", "Message": f"no {error}"}, status=400)
        if service == "s3":
            return self._s3(name, path)
        if service == "scheduler":
            return _json({"ScheduleArn": "arn:aws:scheduler:eu-west-1:123456789012:schedule/g/t"})
        return self._http(name, path)

    def _dynamodb_get_item(self, request: Json) -> Json:
        row = self._row(request["TableName"], request["Key"])
        return {"Item": row} if row else {}

    def _dynamodb_batch_get_item(self, request: Json) -> Json:
        tables = request["RequestItems"].items()
        found = {
            table: [_projected(row, asked) for key in asked["Keys"] if (row := self._row(table, key)) is not None]
            for table, asked in tables
        }
        return {"Responses": found, "UnprocessedKeys": {}}

    def _dynamodb_query(self, request: Json) -> Json:
        """By the partition key alone, in the order of the table's keys."""
        match = _EQUALS.search(request["KeyConditionExpression"])
        assert match, request
        name = request.get("ExpressionAttributeNames", {}).get(match[1], match[1])
        value = request["ExpressionAttributeValues"][match[2]]
        table = self._rows.get(request["TableName"], {}).values()
        rows = [_projected(row, request) for row in table if row.get(name) == value]
        return {"Items": rows, "Count": len(rows), "ScannedCount": len(rows)}

    def _dynamodb_put_item(self, _: Json) -> Json:
        return {}

    _dynamodb_delete_item = _dynamodb_transact_write_items = _dynamodb_put_item

    def _dynamodb_update_item(self, request: Json) -> Json:
        values = request.get("ExpressionAttributeValues", {})
        changed = {name.removeprefix(":"): value for name, value in values.items()}
        return {"Attributes": changed} if request.get("ReturnValues", "NONE") != "NONE" else {}

    def _sqs_send_message(self, request: Json) -> Json:
        return {"MessageId": "m-1", "MD5OfMessageBody": _md5(request["MessageBody"])}

    def _sqs_send_message_batch(self, request: Json) -> Json:
        taken = [
            {"Id": entry["Id"], "MessageId": "m-1", "MD5OfMessageBody": _md5(entry["MessageBody"])}
            for entry in request["Entries"]
        ]
        return {"Successful": taken, "Failed": []}

    def _secretsmanager_get_secret_value(self, request: Json) -> Json:
        version = {"VersionId": "0" * 36, "VersionStages": ["AWSCURRENT"]}
        secret = self._stored.secrets[request["SecretId"]]
        return {**self._secretsmanager_describe_secret(request), **version, "SecretString": secret}

    def _secretsmanager_describe_secret(self, request: Json) -> Json:
        name = request["SecretId"]
        _ = self._stored.secrets[name]
        arn = f"arn:aws:secretsmanager:eu-west-1:123456789012:secret:{name}-AbCdEf"
        return {"ARN": arn, "Name": name, "CreatedDate": 1}

    def _states_start_sync_execution(self, request: Json) -> Json:
        """A turn whose first node is its last, and says something."""
        given = json.loads(request["input"])
        visit = {"visit": given["visits"] + 1, "flow": given["flow"], "node": given["at"], "phase": given["phase"]}
        visit |= {"exit": "sent", "waits": False, "milliseconds": 1}
        visit |= {"effects": [{"effect": "say", "messages": ["wamid.out"]}]}
        output = {"status": "ended", "variables": given["variables"], "visits": visit["visit"], "trail": [visit]}
        arn = f"{request['stateMachineArn'].replace('stateMachine', 'express')}:{request['name']}:1"
        times = {"startDate": 1_795_370_400.0, "stopDate": 1_795_370_401.0}
        return {"executionArn": arn, **times, "status": "SUCCEEDED", "output": json.dumps(output)}

    def _s3(self, name: str, path: str) -> Answer:
        known = {"ETag": '"9a0364b9e99bb480dd25e1f0284c8555"', "x-amz-request-id": "R", "x-amz-id-2": "I"}
        if name == "GetObject":
            return Answer(jpeg(_size(path)), headers={**known, "Content-Type": "image/jpeg"})
        return Answer(headers=known)

    def _http(self, method: str, path: str) -> Answer:
        if method == "GET":
            return Answer(jpeg(_size(path)), headers={"Content-Type": "image/jpeg"})
        return _json({"id": "7", "messages": [{"id": "wamid.out"}], "claim": {"id": "C-1", "status": "review"}})

    def _row(self, table: str, key: Json) -> Json | None:
        return self._rows.get(table, {}).get(_key(key, self._stored.keys.get(table, [*key])))


def _size(path: str) -> int:
    """The size of the file at a path, which its last part says: `/file/6000`, `/media/c_1/6000`."""
    return int(unquote(urlsplit(path).path).rsplit("/", 1)[-1])


def _key(row: Json, names: list[str]) -> str:
    return json.dumps([row[name] for name in names])


def _json(document: Json, mime: str = "application/json", status: int = 200) -> Answer:
    return Answer(json.dumps(document).encode(), status, {"Content-Type": mime, "x-amzn-RequestId": "R"})


def _projected(row: Json, request: Json) -> Json:
    """The attributes that a request asks for; all of them when it names none."""
    names = request.get("ExpressionAttributeNames", {})
    wanted = {names.get(each.strip(), each.strip()) for each in request.get("ProjectionExpression", "").split(",")}
    return {name: value for name, value in row.items() if name in wanted} if wanted != {""} else row


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)([A-Z])", r"_\1", name).lower()
