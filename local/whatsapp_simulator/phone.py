"""A customer's phone with what only WhatsApp has: a hidden number, and people of the business who write by hand."""

from __future__ import annotations

from local.simulator import phone


class Phone(phone.Phone):
    """One customer's phone."""

    def answered_by_hand(self, text: str) -> None:
        """A person of the business writes to this customer in the WhatsApp Business app."""
        self._post("by-hand", json={"text": text})

    def hide_number(self, hide: bool = True) -> None:
        """Hide the number from the business from now on, or show it again."""
        self._http.post("/handset/contacts", json={"id": self.number, "hide_number": hide}).raise_for_status()

    @property
    def user_id(self) -> str:
        """The business-scoped user id of this customer."""
        response = self._http.post("/handset/contacts", json={"id": self.number})
        return str(response.raise_for_status().json()["user_id"])
