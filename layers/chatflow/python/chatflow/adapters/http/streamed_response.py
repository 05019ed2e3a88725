"""An HTTP answer whose body is still to come."""

from __future__ import annotations

from collections.abc import Mapping
from http.client import HTTPException

from urllib3.exceptions import HTTPError
from urllib3.response import HTTPResponse

from chatflow.errors import InDoubt

FAULTS = (OSError, HTTPError, HTTPException)  # whatever a connection may raise


class StreamedAnswer:
    """An HTTP answer, its body still to come. Header names are lower case. Raises InDoubt when it breaks off.

    Nobody is asked to compress, and some do: `amount` then counts bytes as they are after, so a bomb stays small.
    """

    def __init__(self, raw: HTTPResponse) -> None:
        self._raw = raw
        self.status = raw.status
        self.headers: Mapping[str, str] = {name.lower(): value for name, value in raw.headers.items()}
        self._packed = self.headers.get("content-encoding", "identity").strip().lower() not in ("", "identity")
        self.length = None if self._packed else raw.length_remaining

    def read(self, amount: int = -1, /) -> bytes:
        try:
            return self._raw.read(amount if amount >= 0 else None, decode_content=self._packed)
        except FAULTS as error:
            raise InDoubt(f"the answer broke off: {type(error).__name__}") from error

    def close(self) -> None:
        self._raw.close()
