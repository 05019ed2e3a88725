"""Whatever is done to a file, telling what it is neither raises nor costs more than it may."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from chatflow.media import REASONS
from chatflow.media.identification import identify, identify_by_head
from chatflow.media.profiles import Format
from chatflow.media.ranges import BLOCK, MAX_BLOCKS, MAX_BYTES, MAX_READS, InvalidFile
from tests import samples
from tests.fakes.counted import Counted
from tests.unit.chatflow.media.large_files import LARGE

SAMPLES: list[Callable[[], bytes]] = [
    *(samples.photo_jpg, samples.photo_png, samples.model_usdz),
    *(samples.document_pdf, samples.document_docx, samples.document_xlsx, samples.document_pptx),
    *(samples.document_doc, samples.document_xls, samples.document_ppt),
    *(samples.audio_aac, samples.audio_amr, samples.audio_mp3, samples.audio_mp3_bare, samples.audio_mp3_low),
    *(samples.audio_m4a, samples.audio_mp4, samples.audio_opus),
    *(samples.video_mp4, samples.video_mp4_faststart, samples.video_mp4_fragmented),
]
BEGINNINGS = (b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\xff\xd8\xff", b"\0\0\0\x18ftypisom", b"ID3")
EXTREMES = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF, 2**62, 2**64 - 1)


@st.composite
def damaged(draw: st.DrawFn) -> Counted:
    """A sample with bits turned, parts cut out, doubled, zeroed, taken from another; extreme lengths; a hole."""
    data = bytearray(draw(st.sampled_from(SAMPLES))())
    for _ in range(draw(st.integers(1, 6))):
        # Beginnings and ends say most of what a file is, so most damage is done there.
        near = st.integers(0, min(len(data), 600)) | st.integers(max(0, len(data) - 600), len(data))
        at = draw(near | st.integers(0, len(data)))
        length = draw(st.sampled_from([1, 2, 4, 8, 64, 512, 5000]))
        how = draw(st.sampled_from(["turn", "cut", "double", "zero", "splice", "number", "end"]))
        if how == "turn" and at < len(data):
            data[at] ^= 1 << draw(st.integers(0, 7))
        elif how == "cut":
            del data[at : at + length]
        elif how == "double":
            data[at:at] = data[at : at + length]
        elif how == "zero":
            data[at : at + length] = bytes(len(data[at : at + length]))
        elif how == "splice":
            other = draw(st.sampled_from(SAMPLES))()
            start = draw(st.integers(0, len(other)))
            data[at : at + length] = other[start : start + length]
        elif how == "number":
            width, order = draw(st.sampled_from([2, 4, 8])), draw(st.sampled_from(["big", "little"]))
            number = draw(st.sampled_from(EXTREMES)) % 256**width
            data[at : at + width] = number.to_bytes(width, order)
        elif how == "end":
            del data[at:]
    hole = draw(st.sampled_from([0, 0, 100_000, LARGE]))
    middle = len(data) // 2
    return Counted({0: bytes(data[:middle]), middle + hole: bytes(data[middle:])}, len(data) + hole)


@settings(max_examples=600, deadline=None)
@given(damaged(), st.sampled_from([identify, identify_by_head]))
def test_no_damage_makes_it_raise_or_cost_more(file: Counted, tell: Callable[..., Format | InvalidFile]) -> None:
    found = tell(file, file.size)
    assert isinstance(found, Format) or found.reason in REASONS
    assert len(file.reads) <= MAX_READS + MAX_BLOCKS
    assert file.fetched <= MAX_BYTES + MAX_BLOCKS * BLOCK


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=600), st.sampled_from([0, 70_000, LARGE]))
def test_no_bytes_at_all_make_it_raise(data: bytes, more: int) -> None:
    for beginning in BEGINNINGS:
        file = Counted({0: beginning + data}, len(beginning) + len(data) + more)
        identify(file, file.size)
        assert len(file.reads) <= MAX_READS + MAX_BLOCKS
