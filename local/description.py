"""The description of a running local stack, `.local/stack.json`, for tests, the demo and scripts."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1] / ".local"


@dataclass
class Description:
    """A running local stack. `outputs` are the CloudFormation outputs by name: SessionsTable, EventsQueue, ..."""

    stack_name: str
    fingerprint: str  # of the sources that were deployed
    aws_endpoint_url: str
    handset_url: str  # the WhatsApp simulator
    business_url: str
    telegram_url: str = ""  # the Telegram simulator
    console_url: str = ""  # the web console
    api_url: str = ""
    webhook_url: str = ""
    app_secret: str = ""
    verify_token: str = ""
    access_token: str = ""
    phone_number_id: str = ""
    claims_token: str = ""
    telegram_bot_id: str = ""
    telegram_bot_token: str = ""
    telegram_secret_token: str = ""  # of its webhook
    telegram_webhook_url: str = ""
    management_url: str = ""
    admin_user: str = ""
    admin_password: str = ""
    outputs: dict[str, str] = field(default_factory=dict)

    def save(self, folder: Path) -> None:
        """Write the description; only this user may read it, because it contains secrets."""
        file = folder / "stack.json"
        file.touch(mode=0o600)
        file.write_text(json.dumps(asdict(self), indent=2) + "\n")

    @classmethod
    def load(cls, folder: Path = FOLDER) -> Description | None:
        """The description of the stack in this folder; None when it is missing or unreadable."""
        try:
            return cls(**json.loads((folder / "stack.json").read_text()))
        except (FileNotFoundError, ValueError, TypeError):
            return None
