"""The files of one bot: their ids, and the addresses under which they are downloaded.

A file id belongs to one bot and to one kind of file: "It is not possible to change the file type when resending by
file_id". The unique id is the same for every bot, and downloads nothing.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePath

from local.simulator.media_store import Media
from local.telegram_simulator.bot_errors import BotError, bad_request, wrong_file

MEGABYTE = 1024 * 1024
DOWNLOAD_LIMIT = 20 * MEGABYTE  # bytes that a bot can download

FOLDERS = {
    "photo": "photos",
    "document": "documents",
    "audio": "music",
    "voice": "voice",
    "video": "videos",
    "animation": "animations",
    "video_note": "video_notes",
    "sticker": "stickers",
}


@dataclass(frozen=True)
class BotFile:
    """One file as the bot knows it."""

    id: str
    unique_id: str
    kind: str  # of the Bot API: photo, document, ...
    media: Media
    number: int

    @property
    def path(self) -> str:
        # The original name and type may be lost: only the ending is left.
        suffix = {"photo": ".jpg", "voice": ".oga"}.get(self.kind, PurePath(self.media.filename).suffix)
        return f"{FOLDERS[self.kind]}/file_{self.number}{suffix}"


class BotFiles:
    """All files by id."""

    def __init__(self, clock: Callable[[], float], valid_for: Callable[[], float]) -> None:
        """`valid_for` gives the seconds for which an address is valid."""
        self._clock = clock
        self._valid_for = valid_for
        self._by_id: dict[str, BotFile] = {}
        self._paths: dict[str, tuple[BotFile, float]] = {}

    def add(self, media: Media, kind: str) -> BotFile:
        """Give media of either side an id of this kind."""
        number = len(self._by_id)
        raw = secrets.token_bytes(42)
        file = BotFile(
            "AgAC" + base64.urlsafe_b64encode(raw).decode(),
            "AQAD" + base64.urlsafe_b64encode(media.sha256[:9]).decode(),
            kind,
            media,
            number,
        )
        self._by_id[file.id] = file
        return file

    def get(self, file_id: str, kind: str) -> BotFile:
        """The file that is sent again by its id as this kind; raises BotError."""
        file = self._by_id.get(file_id)
        if file is None:
            if file_id.startswith(("http://", "https://")):
                raise bad_request("failed to get HTTP URL content")  # nothing here leaves this machine
            raise wrong_file()
        if file.kind != kind:
            raise bad_request(f"can't use file of type {file.kind.title()} as {kind.title()}")
        return file

    def open_path(self, file_id: str) -> BotFile:
        """Make a file downloadable for a while, as `getFile` does; raises BotError."""
        file = self._by_id.get(file_id)
        if file is None:
            raise bad_request("invalid file_id")
        if file.media.size > DOWNLOAD_LIMIT:
            raise bad_request("file is too big")
        self._paths[file.path] = (file, self._clock() + self._valid_for())
        return file

    def at(self, path: str) -> BotFile:
        """The file at this path; raises BotError when there is none, or its address has expired."""
        file, until = self._paths.get(path, (None, 0.0))
        if file is None or until < self._clock():
            raise BotError(404, "Not Found")
        return file

    def forget(self, file_id: str) -> None:
        """Let an id become unusable, as happens when a bot's file is gone."""
        self._by_id.pop(file_id, None)
