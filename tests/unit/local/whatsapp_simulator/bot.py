"""A minimal business, for the tests of the chat page."""

from __future__ import annotations

import threading
from typing import Any

from tests.fakes.webhook_receiver import WebhookReceiver
from tests.unit.local.whatsapp_simulator.conftest import NUMBER, RunningSimulator


class Bot:
    """Marks messages as read, asks with buttons, and answers the tap with a document."""

    def __init__(self, simulator: RunningSimulator, business: WebhookReceiver) -> None:
        self._simulator, self._business, self._read = simulator, business, 0
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.work, daemon=True)
        self.thread.start()

    def work(self) -> None:
        while not self.over.wait(0.02):
            messages = self._business.messages()
            for message in messages[self._read :]:
                receipt = {"messaging_product": "whatsapp", "status": "read", "message_id": message["id"]}
                self._simulator.graph.post(f"/{NUMBER}/messages", json=receipt)
                self.answer(message)
            self._read = len(messages)

    def answer(self, message: dict[str, Any]) -> None:
        if message["type"] == "text":
            self._simulator.send("text", {"body": "Please send *photos*."})
        elif message["type"] == "image" and "caption" in message["image"]:
            replies = [{"id": "yes", "title": "That is all"}, {"id": "more", "title": "There is more"}]
            buttons = [{"type": "reply", "reply": reply} for reply in replies]
            interactive = {"type": "button", "body": {"text": "Thank you."}, "action": {"buttons": buttons}}
            self._simulator.send("interactive", interactive)
        elif message["type"] == "interactive":
            media = self._simulator.upload(b"%PDF-1.4", "application/pdf", "x.pdf").json()["id"]
            self._simulator.send("document", {"id": media, "filename": "Ihr Bericht (Ü).pdf", "caption": "Done"})
