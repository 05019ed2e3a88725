"""A client of the business API for scripts and tests: reads what it received, and plans its failures."""

from __future__ import annotations

import hashlib
from typing import Any

import httpx


class Business:
    """The business API of a running stack, seen by the business itself."""

    def __init__(self, url: str, token: str = "") -> None:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._http = httpx.Client(base_url=url, timeout=60.0, trust_env=False, headers=headers)

    def document_hash(self, name: str) -> str:
        """The SHA-256 of a document that it serves."""
        return sha256(self._http.get(f"/documents/{name}").raise_for_status().content)

    def last_report_hash(self) -> str:
        """The SHA-256 of the newest report that it generated and served."""
        requests = self._http.get("/api/requests").raise_for_status().json()["requests"]
        hashes: list[str] = [request["sha256"] for request in requests if request["path"] == "/reports"]
        return hashes[-1]

    def uploads(self) -> list[dict[str, Any]]:
        """The uploads that it received, newest first."""
        uploads: list[dict[str, Any]] = self._http.get("/api/uploads").raise_for_status().json()["uploads"]
        return uploads

    def fault(self, **fault: Any) -> None:
        """Make the next requests fail: path, mode, status, seconds, times, after_body, handled."""
        self._http.post("/api/faults", json=fault).raise_for_status()

    def mend(self) -> None:
        """Remove every fault."""
        self._http.delete("/api/faults").raise_for_status()

    def reset(self) -> None:
        """Delete uploads, faults and the request log."""
        for resource in ("uploads", "faults", "requests"):
            self._http.delete(f"/api/{resource}").raise_for_status()


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
