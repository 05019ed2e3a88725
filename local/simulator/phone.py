"""A client of the control API for scripts: acts as one customer's phone and waits for messages of the business."""

from __future__ import annotations

import mimetypes
import time
from pathlib import Path
from typing import Any

import httpx

ChatMessage = dict[str, Any]  # one message in the JSON form of the control API
_LONG_POLL_SECONDS = 20.0


class NoReply(AssertionError):
    """The business did not send the expected messages. The error text lists the messages that arrived instead."""


class Phone:
    """One customer's phone. `receive` returns the messages of the business since the last call, in order."""

    def __init__(self, simulator_url: str, number: str, name: str = "Mara Lindqvist") -> None:
        """`number` is the id of the customer in the channel: a phone number or a user id."""
        self.number = number
        self._name = name
        self._http = httpx.Client(base_url=simulator_url, timeout=60.0, trust_env=False)
        self._last_seq = 0

    def say(self, text: str) -> ChatMessage:
        """Send a text message."""
        message: ChatMessage = self._post("text", json={"text": text, "name": self._name})
        return message

    def say_in_order(self, *texts: str, within: float = 30.0) -> None:
        """Send texts, each when the webhook has the one before.

        Messages that are sent otherwise may overtake one another on their way to the webhook.
        """
        for text in texts:
            self.until_delivered(self.say(text), within=within)

    def until_delivered(self, *messages: ChatMessage, within: float = 30.0) -> None:
        """Wait until the webhook has these messages, so that nothing that is sent later overtakes them.

        Goes on as well when it has not taken one of them `within` seconds.
        """
        for message in messages:
            deadline = time.monotonic() + within
            while time.monotonic() < deadline and not self._is_delivered(message["seq"]):
                time.sleep(0.05)

    def tap(self, option: str) -> ChatMessage:
        """Tap a button or a list row of the newest message that offers it."""
        message: ChatMessage = self._post("choice", json={"id": option})
        return message

    def edit(self, text: str) -> ChatMessage:
        """Edit the newest text that was sent."""
        message: ChatMessage = self._post("edit", json={"text": text})
        return message

    def sent(self) -> list[ChatMessage]:
        """The customer's own messages, in order, each with its status."""
        query = {"after": "0", "direction": "in", "wait": "0"}
        response = self._http.get(f"/handset/contacts/{self.number}/messages", params=query)
        messages: list[ChatMessage] = response.raise_for_status().json()["messages"]
        return messages

    def chat(self) -> list[ChatMessage]:
        """All messages of both sides, in order."""
        query = {"after": "0", "wait": "0"}
        response = self._http.get(f"/handset/contacts/{self.number}/messages", params=query)
        messages: list[ChatMessage] = response.raise_for_status().json()["messages"]
        return messages

    def send(self, *files: Path, kind: str = "document", caption: str = "", voice: bool = False) -> list[ChatMessage]:
        """Send files as the phone would; several at once form an album."""
        parts = [("file", (file.name, file.read_bytes(), _mime(file))) for file in files]
        fields = {"kind": kind, "caption": caption, "voice": str(voice).lower(), "name": self._name}
        sent: list[ChatMessage] = self._post("media", data=fields, files=parts)["messages"]
        return sent

    def receive(self, count: int = 1, *, within: float = 60.0) -> list[ChatMessage]:
        """The next `count` messages of the business. Raises NoReply when they do not arrive `within` seconds."""
        deadline = time.monotonic() + within
        received: list[ChatMessage] = []
        while len(received) < count:
            remaining = deadline - time.monotonic()
            if remaining <= 0:
                texts = [message["text"] or message["type"] for message in received]
                raise NoReply(f"{self.number} waited {within:.0f} s for {count} messages and received {texts}")
            new = self.poll(wait=min(remaining, _LONG_POLL_SECONDS))
            received += new[: count - len(received)]
            if received:
                self._last_seq = received[-1]["seq"]
        return received

    def poll(self, *, wait: float = 0.0) -> list[ChatMessage]:
        """The messages that `receive` has not returned yet; waits up to `wait` seconds while there are none."""
        query = {"after": str(self._last_seq), "direction": "out", "wait": f"{wait:.0f}"}
        response = self._http.get(f"/handset/contacts/{self.number}/messages", params=query)
        messages: list[ChatMessage] = response.raise_for_status().json()["messages"]
        return messages

    def download(self, message: ChatMessage) -> bytes:
        """The bytes of a file that the business sent."""
        return self._http.get(f"/handset/media/{message['media']}").raise_for_status().content

    def _is_delivered(self, seq: int) -> bool:
        return any(each["seq"] == seq and each["status"] in ("delivered", "read") for each in self.sent())

    def _post(self, action: str, **request: Any) -> Any:
        response = self._http.post(f"/handset/contacts/{self.number}/{action}", **request)
        if response.is_error:
            raise NoReply(f"the simulator refused {action}: {response.text}")
        return response.json()


def _mime(file: Path) -> str:
    return mimetypes.guess_type(file.name)[0] or "application/octet-stream"
