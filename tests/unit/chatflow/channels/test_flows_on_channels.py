"""Validation and rendering agree on each channel: what has no problem is shown as it is written, and only that."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatflow.channels.manifest import names, part
from chatflow.channels.message_limits import MessageLimits
from chatflow.flows.channel_findings import long_captions, long_texts
from chatflow.flows.channels import known_channels
from chatflow.flows.fields import LONGEST_LABEL, LONGEST_TEXT
from chatflow.messages import Choices, File, Option, Text
from nodes.menu.config import Config as Menu
from tests.contract.channels.assertions import texts
from tests.contract.channels.channel_under_test import channel

# One unit and two of UTF-16, one to four bytes, a combining mark, joined emoji, letters from right to left.
ALPHABETS = ("x", "é", "e\u0301", "ض", "ضي ", "€", "😀", "👩\u200d👧 ", "word ")


def near(limit: int, longest: int) -> st.SearchStrategy[str]:
    """Texts whose lengths, in any unit, are about a limit; at most as many characters as the format allows."""
    sizes = st.sampled_from([1, limit // 4, limit // 2, limit]).flatmap(lambda at: st.integers(at - 2, at + 2))
    return st.tuples(st.sampled_from(ALPHABETS), sizes.filter(lambda size: size > 0)).map(
        lambda each: ("." + each[0] * each[1])[: min(each[1], longest)]
    )


def menus(limits: MessageLimits) -> st.SearchStrategy[dict[str, Any]]:
    """Menus whose numbers and texts are about the limits of a channel."""
    counts = sorted({1, 2, *(most + more for most in (limits.buttons, limits.rows) if most for more in (0, 1))})
    titles = st.one_of(*(near(limit, LONGEST_LABEL - 4) for limit in (limits.button_title, limits.row_title) if limit))
    descriptions = st.just("") | near(limits.row_description or 80, LONGEST_LABEL)
    options = st.sampled_from(counts).flatmap(
        lambda count: st.lists(st.tuples(titles, descriptions), min_size=count, max_size=count)
    )
    return st.fixed_dictionaries(
        {
            "prompt": near(limits.question, LONGEST_TEXT),
            "button": near(limits.list_button or 20, LONGEST_LABEL),
            "options": options.map(
                lambda pairs: [
                    {"id": f"id_{n}", "title": f"{n} {title}", "description": description, "then": "end"}
                    for n, (title, description) in enumerate(pairs)
                ]
            ),
        }
    )


def shows_options(name: str) -> bool:
    limits = known_channels()[name].messages
    return bool(limits.buttons or limits.rows)


@pytest.mark.parametrize("name", filter(shows_options, names()))
@given(data=st.data())
def test_a_menu_without_problems_is_one_message_with_all_that_was_written(name: str, data: st.DataObject) -> None:
    about = known_channels()[name]
    menu = Menu.model_validate({"type": "menu", **data.draw(menus(about.messages))})
    problems = list(menu.check("ask", cast(Any, SimpleNamespace(channels={name: about}))))
    options = tuple(Option(each.id, each.title, each.description) for each in menu.options)
    choices = Choices(menu.prompt, options, menu.button)
    bodies = part(name, "rendering").render(choices, channel(name).examples.CONTACT)
    shown = list(texts(bodies))
    form, _text = about.messages.present(choices)
    as_written = len(bodies) == 1 and form != "text" and (form != "list" or menu.button.strip() in shown)
    assert as_written == (not problems)
    if as_written:
        whole = "\n".join(shown)
        for each in menu.options:
            assert any(each.id in text for text in shown)
            assert each.title in whole
            assert each.description in whole
        assert menu.prompt.strip() in whole


@pytest.mark.parametrize("name", names())
@given(data=st.data())
def test_a_text_without_a_warning_is_one_message(name: str, data: st.DataObject) -> None:
    about = known_channels()[name]
    text = data.draw(near(about.messages.text, LONGEST_TEXT))
    bodies = part(name, "rendering").render(Text(text), channel(name).examples.CONTACT)
    assert (len(bodies) == 1) == (not list(long_texts({name: about}, {"say": text})))


@pytest.mark.parametrize("name", [name for name in names() if known_channels()[name].messages.caption])
@given(data=st.data())
def test_a_caption_without_a_problem_is_whole_below_its_picture(name: str, data: st.DataObject) -> None:
    about = known_channels()[name]
    caption = data.draw(near(about.messages.caption, LONGEST_TEXT))
    bodies = part(name, "rendering").render(File("image", "7", caption), channel(name).examples.CONTACT)
    assert (len(bodies) == 1) == (not list(long_captions({name: about}, ("caption",), caption)))
