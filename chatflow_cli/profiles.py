"""Where a login is kept: one file per profile in this person's own configuration folder, readable by nobody else."""

from __future__ import annotations

import json
import os
import re
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from chatflow_cli.exits import Usage

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True)
class Profile:
    """One deployment, and who is logged in to it. `expires_at` is in Unix seconds."""

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
        self.folder = folder or _folder()

    def load(self, name: str) -> Profile | None:
        """None when nobody is logged in there, or what is kept cannot be read."""
        try:
            return Profile(**json.loads(self._file(name).read_text()))
        except (FileNotFoundError, ValueError, TypeError):
            return None

    def save(self, name: str, profile: Profile) -> None:
        """Written aside and then renamed: two commands at once never read half a login."""
        file = self._file(name)
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        number, beside = tempfile.mkstemp(dir=self.folder, prefix=f".{name}.")  # made with mode 0600
        try:
            with os.fdopen(number, "w") as writing:
                json.dump(asdict(profile), writing, indent=2)
            Path(beside).replace(file)
        except BaseException:
            Path(beside).unlink(missing_ok=True)
            raise

    def forget(self, name: str) -> None:
        self._file(name).unlink(missing_ok=True)

    def _file(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise Usage(f'"{name}" is no name for a profile.', "Letters, digits, dots, _ and -; at most 64.")
        return self.folder / f"{name}.json"


def _folder() -> Path:
    import typer

    return Path(typer.get_app_dir("chatflow")) / "profiles"
