"""USDZ models: a zip with a stage first, nothing compressed, data on 64-byte boundaries.

Source: USDZ specification, 'Layout'.
"""

from __future__ import annotations

from chatflow.media.formats.zip_archive import STORED, Entry, data_offset
from chatflow.media.ranges import InvalidFile, Read, read_exactly

_STAGES = (".usd", ".usda", ".usdc")


def check(read: Read, entries: list[Entry]) -> None:
    """Raises InvalidFile when these entries of a zip are no model."""
    first = entries[0]
    if not first.part.endswith(_STAGES):
        raise InvalidFile("unknown_format", "a zip of another kind")
    if any(entry.method != STORED or entry.encrypted for entry in entries):
        raise InvalidFile(
            "encrypted" if any(entry.encrypted for entry in entries) else "broken",
            "a USDZ with compressed or encrypted entries",
        )
    at = data_offset(read, first)
    if at % 64 or not read_exactly(read, at, min(8, first.packed)).startswith((b"#usda", b"PXR-USDC")):
        raise InvalidFile("broken", "a USDZ whose stage is not in its place")
