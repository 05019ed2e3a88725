"""A customer's phone with what only Telegram has: a person may block the bot."""

from __future__ import annotations

from local.simulator import phone


class Phone(phone.Phone):
    """One customer's phone; `number` is the user's id, or the negative id of a group."""

    def block(self, block: bool = True) -> None:
        """Block the bot from now on, or let it write again."""
        self._post("switch", json={"switch": "allowed", "on": not block})
