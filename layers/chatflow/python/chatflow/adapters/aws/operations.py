"""How each operation is written as an HTTP request, and its answer read: AWS's protocols, as far as they are used here.

- AWS JSON (DynamoDB, SQS, Secrets Manager, Step Functions): one path; the operation is a header, all else JSON.
- REST JSON (Scheduler, the connections of API Gateway): a path of the operation's, some parameters in the query.
- REST XML (S3): parameters in the path, the query and headers; the body is the object, or XML.

A test compares the requests of every operation that is called with those of botocore.
"""

from __future__ import annotations

import base64
import json
import re
import secrets
import zlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from chatflow.adapters.aws.connections import Answer
from chatflow.adapters.aws.signing import encoded

Parameters = dict[str, Any]


class Service(NamedTuple):
    """`host` is the first part of its name, `signing_name` what a signature is for.

    `target` and `json_version` make the headers of AWS JSON; "" for the other protocols.
    """

    host: str
    signing_name: str
    target: str = ""
    json_version: str = ""


SERVICES: Final[Mapping[str, Service]] = {
    "dynamodb": Service("dynamodb", "dynamodb", "DynamoDB_20120810", "1.0"),
    "sqs": Service("sqs", "sqs", "AmazonSQS", "1.0"),
    "secretsmanager": Service("secretsmanager", "secretsmanager", "secretsmanager", "1.1"),
    "stepfunctions": Service("states", "states", "AWSStepFunctions", "1.0"),
    "scheduler": Service("scheduler", "scheduler"),
    "apigatewaymanagementapi": Service("execute-api", "execute-api"),
    "s3": Service("s3", "s3"),
}
HOST_PREFIXES: Final[Mapping[str, str]] = {"StartSyncExecution": "sync-"}
# AWS takes two calls with the same token for one, so a repetition does nothing twice.
_TOKENS: Final[Mapping[str, str]] = {
    "TransactWriteItems": "ClientRequestToken",
    "CreateSchedule": "ClientToken",
    "DeleteSchedule": "ClientToken",
}


class Request(NamedTuple):
    """A request without host and signature. `path` begins with "/", and is encoded.

    `bucket`: the name that goes before the host's, or into the path. `streamed`: whether the answer's body is left to
    the caller.
    """

    method: str
    path: str
    query: Mapping[str, str]
    headers: dict[str, str]
    body: bytes | Iterator[memoryview]
    bucket: str = ""
    streamed: bool = False


def request_of(service: str, operation: str, parameters: Parameters) -> Request:
    """The request of a call. Raises ValueError for an operation, or a parameter of S3's, that is not written here."""
    if (token := _TOKENS.get(operation)) and token not in parameters:
        parameters = {**parameters, token: secrets.token_hex(16)}
    if target := SERVICES[service].target:
        headers = {
            "content-type": f"application/x-amz-json-{SERVICES[service].json_version}",
            "x-amz-target": f"{target}.{operation}",
        }
        if service == "sqs":
            headers["x-amzn-query-mode"] = "true"  # so that its errors have their usual names
        return Request("POST", "/", {}, headers, _json(parameters))
    if not (written := _REST.get(operation)):
        raise ValueError(
            f"{operation} of {service} is not known to this client: add it to operations.py, or use botocore"
        )
    left = dict(parameters)
    request = written(left)  # takes out what it writes
    if left:
        raise ValueError(
            f"{operation} of {service} does not know {', '.join(left)}: add it to operations.py, or use botocore"
        )
    return request


def result_of(service: str, operation: str, answer: Answer) -> dict[str, Any]:
    """The fields of an answer. Raises ValueError for one that cannot be read."""
    metadata = {"HTTPStatusCode": answer.status, "RequestId": answer.headers.get("x-amzn-requestid", "")}
    fields = _s3_result(operation, answer) if service == "s3" else _parsed(answer.body or b"{}")
    return {**fields, "ResponseMetadata": metadata}


def error_of(service: str, answer: Answer) -> dict[str, Any]:
    """An answer that is an error, in the shape of botocore's. Never raises: a proxy may have written it."""
    metadata = {"HTTPStatusCode": answer.status}
    if service == "s3":
        code, message, fields = _xml_text(answer.body, "Code"), _xml_text(answer.body, "Message"), {}
    else:
        try:
            fields = _parsed(answer.body)
        except (ValueError, RecursionError):
            fields = {}
        named = str(answer.headers.get("x-amzn-errortype") or fields.pop("__type", "") or fields.get("code") or "")
        code = (
            answer.headers.get("x-amzn-query-error", "").partition(";")[0] or named.partition(":")[0].rpartition("#")[2]
        )
        message = str(fields.pop("message", None) or fields.pop("Message", None) or "")
    error = {"Code": code if _CODE.fullmatch(code) else str(answer.status), "Message": message}
    return {**fields, "Error": error, "ResponseMetadata": metadata}


_CODE: Final = re.compile(r"[\w.:-]{1,128}", re.ASCII)  # of an error; anything else is no service's of AWS


def is_hidden_error(operation: str, answer: Answer) -> bool:
    """Whether S3 answers 200 before it knows that it fails.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html
    """
    return operation == "CompleteMultipartUpload" and b"<Error>" in answer.body


def _json(parameters: Parameters) -> bytes:
    return json.dumps(parameters, ensure_ascii=False, separators=(",", ":"), default=_blob).encode(
        errors="backslashreplace"  # half of a surrogate pair has no UTF-8, but an escape in JSON
    )


def _blob(value: Any) -> str:
    if isinstance(value, bytes | bytearray | memoryview):
        return base64.b64encode(value).decode()
    raise TypeError(f"a parameter of type {type(value).__name__} cannot be sent to AWS")


def _parsed(body: bytes) -> dict[str, Any]:
    found = json.loads(body, object_hook=_with_binary if b'"B' in body else None)
    if not isinstance(found, dict):
        raise ValueError("JSON that is no object")  # noqa: TRY004 - it is a wrong answer, no wrong argument
    return found


def _with_binary(value: dict[str, Any]) -> dict[str, Any]:
    """DynamoDB's binary attributes, and sets of them. The value of any other key "B" or "BS" is an attribute itself,
    or a list of items.
    """
    if len(value) != 1:
        return value
    binary, several = value.get("B"), value.get("BS")
    if isinstance(binary, str):
        return {"B": base64.b64decode(binary)}
    if isinstance(several, list) and all(isinstance(each, str) for each in several):
        return {"BS": [base64.b64decode(each) for each in several]}
    return value


# Scheduler, and the connections of API Gateway


def _create_schedule(parameters: Parameters) -> Request:
    name = parameters.pop("Name")
    body = _json(parameters)
    parameters.clear()
    return Request("POST", f"/schedules/{encoded(name)}", {}, {"content-type": "application/json"}, body)


def _delete_schedule(parameters: Parameters) -> Request:
    name = parameters.pop("Name")
    names = {"groupName": "GroupName", "clientToken": "ClientToken"}
    query = {name: parameters.pop(each) for name, each in names.items() if each in parameters}
    return Request("DELETE", f"/schedules/{encoded(name)}", query, {}, b"")


def _post_to_connection(parameters: Parameters) -> Request:
    path = f"/@connections/{encoded(parameters.pop('ConnectionId'))}"
    return Request("POST", path, {}, {}, parameters.pop("Data"))


# S3

_S3_HEADERS: Final[Mapping[str, str]] = {
    "ContentLength": "content-length",
    "ContentType": "content-type",
    "Range": "range",
    "Tagging": "x-amz-tagging",
}


def _object(
    method: str,
    parameters: Parameters,
    query: Mapping[str, str] | None = None,
    body: bytes | Iterator[memoryview] = b"",
    *,
    streamed: bool = False,
) -> Request:
    headers = {header: str(parameters.pop(name)) for name, header in _S3_HEADERS.items() if name in parameters}
    path = f"/{encoded(parameters.pop('Key'), '/')}"
    return Request(method, path, query or {}, headers, body, parameters.pop("Bucket"), streamed)


def _put_object(parameters: Parameters) -> Request:
    body = parameters.pop("Body")
    return _with_checksum(_object("PUT", parameters, body=bytes(body) if isinstance(body, bytearray) else body))


def _put_object_tagging(parameters: Parameters) -> Request:
    tags = "".join(
        f"<Tag><Key>{_escaped(each['Key'])}</Key><Value>{_escaped(each['Value'])}</Value></Tag>"
        for each in parameters.pop("Tagging")["TagSet"]
    )
    return _with_checksum(_object("PUT", parameters, {"tagging": ""}, _xml("Tagging", f"<TagSet>{tags}</TagSet>")))


def _upload_part(parameters: Parameters) -> Request:
    """S3 compares the hash that is signed. It may refuse a checksum that the upload did not announce.

    https://github.com/apache/arrow-rs/issues/6793
    """
    query = {"partNumber": str(parameters.pop("PartNumber")), "uploadId": parameters.pop("UploadId")}
    return _object("PUT", parameters, query, bytes(parameters.pop("Body")))


def _complete_multipart_upload(parameters: Parameters) -> Request:
    parts = "".join(
        f"<Part><PartNumber>{each['PartNumber']}</PartNumber><ETag>{_escaped(each['ETag'])}</ETag></Part>"
        for each in parameters.pop("MultipartUpload")["Parts"]
    )
    query = {"uploadId": parameters.pop("UploadId")}
    return _object("POST", parameters, query, _xml("CompleteMultipartUpload", parts))


def _with_checksum(request: Request) -> Request:
    """S3 checks what it received. A stream is not read twice: TLS protects it, and its hash is compared elsewhere."""
    if isinstance(request.body, bytes):
        checksum = base64.b64encode(zlib.crc32(request.body).to_bytes(4)).decode()
        request.headers.update({"x-amz-checksum-crc32": checksum, "x-amz-sdk-checksum-algorithm": "CRC32"})
    return request


def _xml(root: str, content: str) -> bytes:
    return f'<{root} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">{content}</{root}>'.encode()


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _xml_text(body: bytes, tag: str) -> str:
    """The text of the first element with this name: of the few answers of S3 that are read, none has attributes."""
    found = re.search(rf"<{tag}>([^<]*)</{tag}>".encode(), body)
    if not found:
        return ""
    text = found[1].decode(errors="replace")
    for escaped, character in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&apos;", "'"), ("&amp;", "&")):
        text = text.replace(escaped, character)
    return text


def _s3_result(operation: str, answer: Answer) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    if answer.stream:
        fields = {"Body": answer.stream, "ContentLength": int(answer.headers.get("content-length", ""))}
    elif operation == "CreateMultipartUpload":
        fields = {"UploadId": _xml_text(answer.body, "UploadId")}
        if not fields["UploadId"]:
            raise ValueError("S3 named no upload")
    elif operation == "CompleteMultipartUpload" and answer.body and b"</CompleteMultipart" not in answer.body:
        raise ValueError("S3 did not say that the upload is complete")
    if etag := answer.headers.get("etag"):
        fields["ETag"] = etag
    return fields


_REST: Final[Mapping[str, Callable[[Parameters], Request]]] = {
    "CreateSchedule": _create_schedule,
    "DeleteSchedule": _delete_schedule,
    "PostToConnection": _post_to_connection,
    "GetObject": lambda parameters: _object("GET", parameters, streamed=True),
    "PutObject": _put_object,
    "PutObjectTagging": _put_object_tagging,
    "DeleteObject": lambda parameters: _object("DELETE", parameters),
    "CreateMultipartUpload": lambda parameters: _object("POST", parameters, {"uploads": ""}),
    "UploadPart": _upload_part,
    "CompleteMultipartUpload": _complete_multipart_upload,
    "AbortMultipartUpload": lambda parameters: _object("DELETE", parameters, {"uploadId": parameters.pop("UploadId")}),
}
