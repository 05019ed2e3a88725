"""A scripted customer: does on the handset what a person would, and waits for what comes back."""

from __future__ import annotations

import hashlib
import mimetypes
import time
from pathlib import Path
from typing import Any

import httpx

Heard = dict[str, Any]  # one message as the handset shows it
_POLL_SECONDS = 20.0  # the longest that the handset holds one request open


class Silence(AssertionError):
    """The business did not say what was waited for. The message tells what was heard instead."""


class Phone:
    """One customer's phone. `hear` gives what the business sent since it was last asked, in order."""

    def __init__(self, handset_url: str, number: str, name: str = "Mara Lindqvist") -> None:
        self.number = number
        self._name = name
        self._http = httpx.Client(base_url=handset_url, timeout=60.0, trust_env=False)
        self._heard = 0

    def say(self, text: str) -> Heard:
        return self._post("text", json={"text": text, "name": self._name})

    def tap(self, option: str) -> Heard:
        """Tap a button or a row of the newest question."""
        return self._post("choice", json={"id": option})

    def send(self, *files: Path, kind: str = "document", caption: str = "", voice: bool = False) -> list[Heard]:
        """Send files as the phone would; several at once are an album."""
        parts = [("file", (file.name, file.read_bytes(), _mime(file))) for file in files]
        fields = {"kind": kind, "caption": caption, "voice": str(voice).lower(), "name": self._name}
        sent: list[Heard] = self._post("media", data=fields, files=parts)["messages"]
        return sent

    def hear(self, count: int = 1, *, within: float = 60.0) -> list[Heard]:
        """The next `count` messages of the business. Raises Silence when they do not come within so many seconds."""
        deadline = time.monotonic() + within
        heard: list[Heard] = []
        while len(heard) < count:
            left = deadline - time.monotonic()
            if left <= 0:
                said = [message["text"] or message["type"] for message in heard]
                raise Silence(f"{self.number} waited {within:.0f} s for {count} messages and heard {said}")
            fresh = self.listen(wait=min(left, _POLL_SECONDS))
            heard += fresh[: count - len(heard)]
            if heard:
                self._heard = heard[-1]["seq"]
        return heard

    def listen(self, *, wait: float = 0.0) -> list[Heard]:
        """What the business said that `hear` has not given yet; waits for the first of it if there is none."""
        query = {"after": str(self._heard), "direction": "out", "wait": f"{wait:.0f}"}
        answer = self._http.get(f"/handset/contacts/{self.number}/messages", params=query)
        messages: list[Heard] = answer.raise_for_status().json()["messages"]
        return messages

    def download(self, message: Heard) -> bytes:
        """The bytes of a file that the business sent."""
        return self._http.get(f"/handset/media/{message['media']}").raise_for_status().content

    def _post(self, what: str, **given: Any) -> Heard:
        answer = self._http.post(f"/handset/contacts/{self.number}/{what}", **given)
        if answer.is_error:
            raise Silence(f"the handset would not do it: {answer.text}")
        done: Heard = answer.json()
        return done


class Business:
    """The business's side: what its API received."""

    def __init__(self, url: str, token: str = "") -> None:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._http = httpx.Client(base_url=url, timeout=60.0, trust_env=False, headers=headers)

    def document_hash(self, name: str) -> str:
        """The SHA-256 of a document that it serves."""
        return sha256(self._http.get(f"/documents/{name}").raise_for_status().content)

    def last_served(self) -> str:
        """The SHA-256 of the newest report that it made and served."""
        requests = self._http.get("/api/requests").raise_for_status().json()["requests"]
        served: str = [each["sha256"] for each in requests if each["path"] == "/reports"][-1]
        return served

    def uploads(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._http.get("/api/uploads").raise_for_status().json()["uploads"]
        return found

    def fault(self, **fault: Any) -> None:
        """Have the next requests fail: path, mode, status, seconds, times, after_body."""
        self._http.post("/api/faults", json=fault).raise_for_status()

    def reset(self) -> None:
        """Forget uploads, faults and requests."""
        for what in ("uploads", "faults", "requests"):
            self._http.delete(f"/api/{what}").raise_for_status()


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _mime(file: Path) -> str:
    return mimetypes.guess_type(file.name)[0] or "application/octet-stream"
