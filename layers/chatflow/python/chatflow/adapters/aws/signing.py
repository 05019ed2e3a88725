"""Signature version 4 in headers.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Mapping
from functools import lru_cache
from typing import Final
from urllib.parse import quote

from chatflow.adapters.aws.settings import Credentials

UNSIGNED: Final = "UNSIGNED-PAYLOAD"  # of a stream, which is not read twice: for S3 alone, where TLS protects the body
# Proxies may change or drop these, so botocore does not sign them either.
_NOT_SIGNED: Final = frozenset({"content-length", "user-agent", "x-amzn-trace-id"})
_SAFE: Final = "-_.~"


def canonical_query(parameters: Mapping[str, str]) -> str:
    """The query string, in the order and the encoding in which it is signed."""
    pairs = sorted((encoded(name), encoded(value)) for name, value in parameters.items())
    return "&".join(f"{name}={value}" for name, value in pairs)


def encoded(text: str, safe: str = "") -> str:
    """A part of a URL. Characters in `safe` stay as they are."""
    return quote(text, safe=f"{safe}{_SAFE}")


def sign(
    method: str,
    path: str,
    query: str,
    headers: dict[str, str],
    payload_hash: str,
    *,
    service: str,
    region: str,
    credentials: Credentials,
    at: float,
) -> None:
    """Add the headers of a signature to `headers`, whose names are lower case and hold `host` already.

    `path` and `query` are encoded as they are sent. `payload_hash`: the SHA-256 of the body in hex, or UNSIGNED. `at`:
    seconds since the epoch; AWS refuses what is more than five minutes (S3: fifteen) away from its own clock.
    """
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(at))
    headers["x-amz-date"] = stamp
    if credentials.token:
        headers["x-amz-security-token"] = credentials.token
    signed = sorted(name for name in headers if name not in _NOT_SIGNED)
    names = ";".join(signed)
    lines = "".join(f"{name}:{' '.join(headers[name].split())}\n" for name in signed)
    path = path if service == "s3" else encoded(path, "/")  # S3 alone signs what is sent
    request = f"{method}\n{path}\n{query}\n{lines}\n{names}\n{payload_hash}"
    scope = f"{stamp[:8]}/{region}/{service}/aws4_request"
    text = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
    key = _signing_key(credentials.secret, stamp[:8], region, service)
    signature = hmac.new(key, text.encode(), "sha256").hexdigest()
    headers["authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={credentials.key_id}/{scope}, SignedHeaders={names}, Signature={signature}"
    )


@lru_cache(maxsize=16)
def _signing_key(secret: str, date: str, region: str, service: str) -> bytes:
    key = f"AWS4{secret}".encode()
    for part in (date, region, service, "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key
