"""Whatever we render, the rules of the local stand-in take it: they were written by others, from Meta's pages."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from chatflow.channels.whatsapp.rendering import UploadedFile, render
from chatflow.messages import Choices, Option, OutgoingMessage, Text
from local.whatsapp_simulator.message_rules import check_message
from tests.unit.chatflow.channels.whatsapp.examples import (
    CONTACT,
    USER_ID,
)

_WORDS = st.text(st.sampled_from("ab 😀\né"), max_size=60)


_LONG_WORDS = st.builds(lambda word, times: word * times, _WORDS, st.sampled_from([1, 1, 30, 200]))


_OPTIONS = st.lists(st.builds(Option, _WORDS, _WORDS, st.just("") | _LONG_WORDS), max_size=12).map(tuple)


_SENDABLE: st.SearchStrategy[OutgoingMessage | UploadedFile] = (
    st.builds(Text, _LONG_WORDS)
    | st.builds(Choices, _LONG_WORDS, _OPTIONS, _WORDS)
    | st.builds(
        UploadedFile, st.sampled_from(["image", "video", "audio", "document"]), st.just("7"), _LONG_WORDS, _WORDS
    )
)


@given(sent=_SENDABLE, contact=st.sampled_from([CONTACT, USER_ID]))
@settings(max_examples=400, deadline=None)
def test_the_stand_in_refuses_nothing_that_we_render(sent: OutgoingMessage | UploadedFile, contact: str) -> None:
    for body in render(sent, contact):
        check_message(body)
