"""Validation and rendering agree on each channel: what has no problem is shown as it is written, and only that."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatflow.channels.manifest import names, part
from chatflow.channels.message_limits import MessageLimits
from chatflow.flows.channel_findings import long_captions, long_texts
from chatflow.flows.channels import known_channels
from chatflow.flows.fields import LONGEST_LABEL, LONGEST_TEXT
from chatflow.messages import Choices, Option, Text
from nodes.menu.config import Config as Menu
from tests.contract.channels.assertions import texts
from tests.contract.channels.channel_under_test import DEADLINE, channel
from tests.fakes.fetch import FakeFetch
from tests.fakes.outgoing_file import FakeFile

# One unit and two of UTF-16, one to four bytes, a combining mark, joined emoji, letters from right to left.
ALPHABETS = ("x", "é", "e\u0301", "ض", "ضي ", "€", "😀", "👩\u200d👧 ", "word ")


def near(limit: int, longest: int) -> st.SearchStrategy[str]:
    """Texts whose lengths, in any unit, are about a limit; at most as many characters as the format allows."""
    sizes = st.sampled_from([1, limit // 4, limit // 2, limit]).flatmap(lambda at: st.integers(at - 2, at + 2))
    return st.tuples(st.sampled_from(ALPHABETS), sizes.filter(lambda size: size > 0)).map(
        lambda each: ("." + each[0] * each[1])[: min(each[1], longest)]
    )


def menus(limits: MessageLimits) -> st.SearchStrategy[dict[str, Any]]:
    """Menus whose numbers and texts are about the limits of a channel; in each, some kinds of text are short."""
    counts = {1, 2, *(most + more for most in (limits.buttons, limits.rows) if most for more in (0, 1))}
    short = st.just("x")
    titles = [short, *(near(limit, LONGEST_LABEL - 4) for limit in (limits.button_title, limits.row_title) if limit)]
    one = st.tuples(st.one_of(titles), st.just("") | near(limits.row_description or 80, LONGEST_LABEL))
    # All options are alike but for their numbers, or the last one is unlike the others.
    options = st.tuples(st.sampled_from(sorted(counts)), one, one, st.booleans()).map(
        lambda drawn: [drawn[1]] * (min(drawn[0], 100) - 1) + [drawn[2] if drawn[3] else drawn[1]]
    )
    return st.fixed_dictionaries(
        {
            "prompt": short | near(limits.question, LONGEST_TEXT),
            "button": short | near(limits.list_button or 20, LONGEST_LABEL),
            "options": options.map(
                lambda pairs: [
                    {"id": f"id_{n}", "title": f"{n} {title}", "description": description, "then": "end"}
                    for n, (title, description) in enumerate(pairs)
                ]
            ),
        }
    )


WITH_OPTIONS = [
    name
    for name, each in known_channels().items()
    if each.messages.present(Choices("?", (Option("a", "A"),)))[0] != "text"
]


def is_shown_as_written(name: str, menu: Menu) -> bool:
    """Whether the channel renders a menu as one message with options to tap, and nothing in it is cut."""
    options = tuple(Option(each.id, each.title, each.description) for each in menu.options)
    choices = Choices(menu.prompt, options, menu.button)
    bodies = part(name, "rendering").render(choices, channel(name).examples.CONTACT)
    form, _text = known_channels()[name].messages.present(choices)
    shown = list(texts(bodies))
    written = [menu.prompt.strip(), *(each.title for each in options), *(each.description.strip() for each in options)]
    is_cut = form == "list" and menu.button.strip() not in shown
    ids = all(any(each.id in text for text in shown) for each in options)
    return (
        len(bodies) == 1
        and form != "text"
        and not is_cut
        and ids
        and all(any(each in text for text in shown) for each in written)
    )


def has_no_problem(name: str, menu: Menu) -> bool:
    view = cast(Any, SimpleNamespace(channels={name: known_channels()[name]}))
    return not list(menu.check("ask", view))


@pytest.mark.parametrize("name", WITH_OPTIONS)
@settings(deadline=None)  # the first example pays for imports
@given(data=st.data())
def test_a_menu_without_problems_is_one_message_with_all_that_was_written(name: str, data: st.DataObject) -> None:
    menu = Menu.model_validate({"type": "menu", **data.draw(menus(known_channels()[name].messages))})
    assert is_shown_as_written(name, menu) == has_no_problem(name, menu)


@pytest.mark.parametrize("name", [name for name in WITH_OPTIONS if known_channels()[name].messages.rows])
@settings(deadline=None)  # the first example pays for imports
@given(data=st.data())
def test_the_label_of_a_list_without_a_problem_is_whole(name: str, data: st.DataObject) -> None:
    limits = known_channels()[name].messages
    options = [{"id": f"id_{n}", "title": f"{n}", "then": "end"} for n in range(limits.rows)]
    label = data.draw(near(limits.list_button, LONGEST_LABEL))
    menu = Menu.model_validate({"type": "menu", "prompt": "Which?", "button": label, "options": options})
    assert is_shown_as_written(name, menu) == has_no_problem(name, menu)


@pytest.mark.parametrize("name", names())
@settings(deadline=None)  # the first example pays for imports
@given(data=st.data())
def test_a_text_without_a_warning_is_one_message(name: str, data: st.DataObject) -> None:
    about = known_channels()[name]
    text = data.draw(near(about.messages.text, LONGEST_TEXT))
    bodies = part(name, "rendering").render(Text(text), channel(name).examples.CONTACT)
    assert (len(bodies) == 1) == (not list(long_texts({name: about}, {"say": text})))


@pytest.mark.parametrize("name", [name for name in names() if known_channels()[name].messages.caption])
@settings(deadline=None)  # the first example pays for imports
@given(data=st.data())
def test_a_caption_without_a_problem_is_whole_below_its_picture(name: str, data: st.DataObject) -> None:
    about = known_channels()[name]
    caption = data.draw(near(about.messages.caption, LONGEST_TEXT))
    tested, file = channel(name), FakeFile(b"a picture", "image", "image/jpeg", "car.jpg", caption)
    sent = tested.client(FakeFetch(tested.examples.answer)).deliver(file, tested.examples.CONTACT, "t", DEADLINE, [])
    assert (len(sent) == 1) == (not list(long_captions({name: about}, ("caption",), caption)))
