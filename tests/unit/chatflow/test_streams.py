"""A stream that is exactly as long as was said."""

from __future__ import annotations

import io

import pytest

from chatflow.errors import Unavailable
from chatflow.streams import ExactLengthStream


def test_it_gives_what_was_said_and_no_more_and_its_length_shrinks() -> None:
    stream = ExactLengthStream(io.BytesIO(b"abcdefgh"), 6)
    assert (stream.len, stream.read(2), stream.len) == (6, b"ab", 4)
    assert (stream.read(), stream.len, stream.read(), stream.read(5)) == (b"cdef", 0, b"", b"")


def test_a_source_that_ends_before_is_not_taken_for_the_end() -> None:
    stream = ExactLengthStream(io.BytesIO(b"abc"), 6)
    assert stream.read(3) == b"abc"
    with pytest.raises(Unavailable):
        stream.read(3)
    with pytest.raises(Unavailable):
        ExactLengthStream(io.BytesIO(b""), 1).read()


def test_its_length_is_no_len_so_that_the_encoder_asks_for_what_is_left() -> None:
    assert not hasattr(ExactLengthStream(io.BytesIO(), 0), "__len__")
