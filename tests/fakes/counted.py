"""Files that count how they are looked at."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Counted:
    """A file in memory, or a large one of which only pieces are there: all between them is zeros."""

    pieces: dict[int, bytes]
    size: int = 0
    reads: list[tuple[int, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.size = self.size or max(at + len(piece) for at, piece in self.pieces.items())

    @classmethod
    def of(cls, data: bytes) -> Counted:
        return cls({0: data}, len(data))

    def __call__(self, offset: int, length: int) -> bytes:
        assert offset >= 0
        assert length > 0
        assert offset + length <= self.size
        self.reads.append((offset, length))
        found = bytearray(length)
        for at, piece in self.pieces.items():
            start, end = max(at, offset), min(at + len(piece), offset + length)
            if start < end:
                found[start - offset : end - offset] = piece[start - at : end - at]
        return bytes(found)

    @property
    def fetched(self) -> int:
        """Bytes in all."""
        return sum(length for _, length in self.reads)
