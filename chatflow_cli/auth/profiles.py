"""Stores logins: one file per profile in the user's configuration folder, readable by that user only."""

from __future__ import annotations

import json
import os
import re
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from chatflow_cli.errors import UsageError

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True)
class Profile:
    """One deployment and the user who is logged in to it. `expires_at` is in Unix seconds."""

    url: str
    cognito_url: str
    client: str
    user: str
    access_token: str
    refresh_token: str
    expires_at: int


class Profiles:
    """The profiles on this machine."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or _default_folder()

    def load(self, name: str) -> Profile | None:
        """None when there is no such profile, or its file is not readable as one."""
        try:
            return Profile(**json.loads(self._file(name).read_text()))
        except (FileNotFoundError, ValueError, TypeError):
            return None

    def save(self, name: str, profile: Profile) -> None:
        """Replace the file atomically: a command that runs at the same time never reads half a profile."""
        file = self._file(name)
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(dir=self.folder, prefix=f".{name}.")  # created with mode 0600
        try:
            with os.fdopen(descriptor, "w") as stream:
                json.dump(asdict(profile), stream, indent=2)
            Path(temporary).replace(file)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise

    def delete(self, name: str) -> None:
        self._file(name).unlink(missing_ok=True)

    def _file(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise UsageError(f'"{name}" is no name for a profile.', "Letters, digits, dots, _ and -; at most 64.")
        return self.folder / f"{name}.json"


def _default_folder() -> Path:
    import typer

    return Path(typer.get_app_dir("chatflow")) / "profiles"
