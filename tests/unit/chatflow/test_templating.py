"""`[[...]]`: what is filled in, what stays, and that no customer text is ever looked at twice."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatflow.errors import NotPublished
from chatflow.nodes.contract import Conversation, Visit
from chatflow.templating import Reference, Scope, as_text, fill, names, references, render

PHOTO = {
    "key": "media/c_1/s/3-ab",
    "sha256": "ab" * 32,
    "size": 7,
    "mime": "image/jpeg",
    "kind": "image",
    "filename": "dent.jpg",
    "caption": "my car",
}
SCOPE = Scope(
    variables={
        "plate": "ca 123",
        "claim": {"id": 7, "status": "open", "items": [{"name": "door"}, {"name": "lamp"}], "0": "zero"},
        "photo": PHOTO,
        "count": 3,
        "ratio": 0.5,
        "urgent": True,
        "nothing": None,
        "claimId": "C-1",
        "empty": "",
    },
    session={"id": "s_1", "msisdn": "27821234567"},
    contact={"name": "Zoë", "address": "27821234567"},
    secret={"claims-token": "t0p"}.__getitem__,
)


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("Plate [[plate]].", "Plate ca 123."),
        ("[[ plate ]]", "ca 123"),
        ("[[plate]][[count]]", "ca 1233"),
        ("[[claim.status]]", "open"),
        ("[[claim.items.1.name]]", "lamp"),
        ("[[claim.0]]", "zero"),
        ("[[claimId]]", "C-1"),
        ("[[count]] [[ratio]] [[urgent]] [[nothing]]|", "3 0.5 true |"),
        ("[[claim.items]]!", '[{"name":"door"},{"name":"lamp"}]!'),
        ("a file: [[photo]]", "a file: dent.jpg"),
        ("[[photo.mime]]", "image/jpeg"),
        ("[[session:id]] [[session:msisdn]]", "s_1 27821234567"),
        ("Dear [[contact:name]]", "Dear Zoë"),
        ("Bearer [[secret:claims-token]]", "Bearer t0p"),
        ("[[upper:plate]] [[lower:claimId]]", "CA 123 c-1"),
        ("[[left:2:plate]] [[right:3:plate]] [[substr:1:4:plate]]", "ca 123 a 1"),
        ("[[right:0:plate]]|[[left:0:plate]]|[[left:99:plate]]", "||ca 123"),
        ("[[upper:left:1:plate]][[left:4:contact:address]]", "C2782"),
        ("[[left:1:count]]", "3"),
        ("[[[plate]]]", "[ca 123]"),
    ],
)
def test_a_template_is_filled(template: str, text: str) -> None:
    assert render(template, SCOPE) == text


@pytest.mark.parametrize(
    "template", ["[[nobody]]", "[[claim.items.9.name]]", "[[claim.id.deeper]]", "[[session:imsi]]", "[[plate.0]]"]
)
def test_what_is_not_known_is_nothing(template: str) -> None:
    assert render(template, SCOPE) == ""
    assert fill(template, SCOPE) == ""


@pytest.mark.parametrize(
    "template",
    [
        "[[]]",
        "[[ ]]",
        "[plate]",
        "[[plate]",
        "[[1,2],[3]]",
        "[[plate + 1]]",
        "[[7*7]]",
        "{{7*7}} ${AWS_SECRET} {plate}",
        "[[shout:plate]]",
        "[[left:plate]]",
        "[[left:x:plate]]",
        "[[left:-1:plate]]",
        "[[substr:1:plate]]",
        "[[left:12345678:plate]]",
        "[[session:]]",
        "[[upper:secret:claims-token]]",
        "[[left:3:secret:claims-token]]",
        "[[plate\n]]",
        "[[plate.]]",
        "[[__class__.__mro__ ]",
    ],
)
def test_what_is_no_template_stays_as_written(template: str) -> None:
    assert render(template, SCOPE) == template
    assert names(template) == set()


def test_python_is_out_of_reach() -> None:
    assert render("[[plate.__class__]] [[claim.__class__.__mro__]] [[claim.items.__len__]]", SCOPE) == "  "


def test_a_whole_template_keeps_its_type() -> None:
    body = {
        "n": "[[count]]",
        "u": "[[urgent]]",
        "none": "[[nothing]]",
        "all": ["[[claim.items]]", "[[photo]]", "x[[count]]"],
        "k": 1,
    }
    assert fill(body, SCOPE) == {
        "n": 3,
        "u": True,
        "none": None,
        "all": [[{"name": "door"}, {"name": "lamp"}], PHOTO, "x3"],
        "k": 1,
    }


def test_keys_are_shape_and_stay() -> None:
    assert fill({"[[plate]]": "[[plate]]"}, SCOPE) == {"[[plate]]": "ca 123"}


def test_only_values_are_encoded() -> None:
    assert render("/a b/[[plate]]/[[count]]", SCOPE, encode=lambda text: text.replace(" ", "%20")) == "/a b/ca%20123/3"


def test_secrets_are_nothing_where_none_may_stand() -> None:
    assert render("[[secret:claims-token]]", Scope({})) == ""


def test_a_secret_that_is_missing_is_an_error() -> None:
    def vault(name: str) -> str:
        raise NotPublished(name)

    with pytest.raises(NotPublished):
        render("[[secret:gone]]", Scope({}, secret=vault))


def test_names_are_the_roots_of_variables_everywhere_in_json() -> None:
    value = {"a": "[[plate]] [[claim.items.0.name]]", "b": ["[[upper:left:3:photo]]", {"c": "[[session:id]]"}], "d": 4}
    assert names(value) == {"plate", "claim", "photo"}


def test_references_name_secrets_too() -> None:
    assert Reference("secret", "claims-token") in references({"Authorization": "Bearer [[secret:claims-token]]"})


def test_a_visit_gives_its_scope() -> None:
    conversation = Conversation("c_1", "whatsapp", "100", "27821234567", "Zoë")
    visit = Visit("enter", "flow", "node", {}, {"plate": "x"}, conversation, "s_1", 1, 1, 0)
    told = render("[[plate]] [[session:id]] [[session:msisdn]] [[contact:name]] [[contact:address]]", Scope.of(visit))
    assert told == "x s_1 27821234567 Zoë 27821234567"


hostile = st.text() | st.sampled_from(
    ["[[secret:claims-token]]", "[[plate]]", "]][[plate", "[[upper:plate]]", "\ud83d"]
)


@given(hostile)
def test_no_value_is_looked_at_twice(text: str) -> None:
    scope = Scope({"answer": text, "plate": "PLATE"}, secret={"claims-token": "t0p"}.__getitem__)
    assert render("<[[answer]]>", scope) == f"<{text}>"
    assert fill({"a": ["[[answer]]"]}, scope) == {"a": [text]}
    assert render("[[[[answer]]]]", scope) == f"[[{text}]]"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(json_values)
def test_any_json_becomes_text_and_keeps_its_type_when_whole(value: Any) -> None:
    scope = Scope({"x": value})
    assert render("[[x]]", scope) == as_text(value)
    assert fill("[[x]]", scope) == value


@given(st.text(alphabet="[]:. plateuprsc0123"))
def test_any_template_can_be_rendered(template: str) -> None:
    assert isinstance(render(template, SCOPE), str)
