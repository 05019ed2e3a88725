"""`[[message:...]]`: what the message that woke the turn holds, with its types."""

from __future__ import annotations

from typing import Any

import pytest

from chatflow.conversation.events import Event
from chatflow.templating import Scope, fill, names, render
from tests.fakes.visit import a_visit, received, timeout

FORM = {"plate": "B AB 1", "doors": 3, "glass": True, "photos": [{"file_name": "a.jpg"}]}


def scope(event: Event | None) -> Scope:
    return Scope.of(a_visit({}, event=event))


@pytest.mark.parametrize(
    ("message", "template", "value"),
    [
        ({"kind": "text", "text": "Hi"}, "[[message:text]]", "Hi"),
        ({"kind": "text", "text": "Hi"}, "[[message:kind]]", "text"),
        ({"kind": "text", "text": "Hi"}, "[[message:forwarded]]", False),
        ({"kind": "text", "text": "Hi", "forwarded": True}, "[[message:forwarded]]", True),
        ({"kind": "media", "voice": True}, "[[message:voice]]", True),
        ({"kind": "form", "form": FORM}, "[[message:form]]", FORM),
        ({"kind": "form", "form": FORM}, "[[message:form.doors]]", 3),
        ({"kind": "form", "form": FORM}, "[[message:form.photos.0.file_name]]", "a.jpg"),
        ({"kind": "location", "location": {"latitude": 52.5}}, "[[message:location.latitude]]", 52.5),
        ({"kind": "contacts", "contacts": [{"phones": ["+49"]}]}, "[[message:contacts.0.phones.0]]", "+49"),
        ({"kind": "text", "referral": {"source_id": "1"}}, "[[message:referral.source_id]]", "1"),
        ({"kind": "text", "text": "hi"}, "[[upper:message:text]]", "HI"),
        ({"kind": "text", "text": "Hi"}, "[[message:form.plate]]", ""),
        ({"kind": "text", "text": "[[secret:x]]"}, "[[message:text]]", "[[secret:x]]"),
    ],
)
def test_a_value_of_the_message_keeps_its_type(message: dict[str, Any], template: str, value: Any) -> None:
    assert fill(template, scope(received(**message))) == value


@pytest.mark.parametrize("name", ["id", "contact", "name", "media", "reply_to", "account"])
def test_neither_ids_nor_addresses_nor_files_are_values(name: str) -> None:
    assert render(f"[[message:{name}]]", scope(received(kind="text", text="Hi", name="Ann", reply_to="w"))) == ""


def test_without_a_message_every_value_is_empty() -> None:
    assert render("[[message:text]][[message:forwarded]]", scope(timeout())) == ""
    assert render("[[message:text]]", scope(None)) == ""


def test_a_message_is_no_variable_that_a_path_must_set() -> None:
    assert names("[[message:form.plate]] [[plate]]") == {"plate"}
