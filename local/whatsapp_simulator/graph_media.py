"""Media as Meta keeps it: for some days, and behind short-lived signed addresses."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Callable
from pathlib import Path

from local.simulator.media_store import CUSTOMER, Media, MediaStore

DOWNLOAD_PATH = "/whatsapp_business/attachments/"

# Meta stores media of a customer for 7 days and uploads of a business for 30 days.
CUSTOMER_MEDIA_DAYS = 7
BUSINESS_MEDIA_DAYS = 30


def sha256_base64(media: Media) -> str:
    """The form of the hash in a webhook; in a lookup it is hexadecimal."""
    return base64.b64encode(media.sha256).decode()


class GraphMediaStore(MediaStore):
    """All media by id; the owner of an upload is the phone number id."""

    def __init__(self, folder: Path, clock: Callable[[], float]) -> None:
        super().__init__(folder, clock)
        self._signing_key = secrets.token_bytes(32)

    def find(self, media_id: str) -> Media | None:
        """The media of this id; None when it is unknown or older than Meta's retention."""
        media = super().find(media_id)
        if media is None:
            return None
        days = CUSTOMER_MEDIA_DAYS if media.owner == CUSTOMER else BUSINESS_MEDIA_DAYS
        return None if self._clock() - media.stored_at > days * 86400 else media

    def signed_url(self, media: Media, base_url: str, seconds: float) -> str:
        """An address of the media that is valid for this many seconds."""
        expires = str(int(self._clock() + seconds))
        return f"{base_url}{DOWNLOAD_PATH}?mid={media.id}&ext={expires}&hash={self._signature(media.id, expires)}"

    def find_signed(self, media_id: str, expires: str, signature: str) -> Media | None:
        """The media behind a signed address; None when the signature is wrong or the address has expired."""
        if not hmac.compare_digest(self._signature(media_id, expires), signature):
            return None
        if self._clock() > int(expires or 0):
            return None
        return self.find(media_id)

    def _signature(self, media_id: str, expires: str) -> str:
        digest = hmac.new(self._signing_key, f"{media_id}.{expires}".encode(), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
