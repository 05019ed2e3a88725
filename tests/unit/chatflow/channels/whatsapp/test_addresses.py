"""Addresses on WhatsApp: every spelling of one is the same address."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatflow.channels.whatsapp.addresses import is_user_id, is_writable, normalize_address, stored_spellings
from chatflow.errors import InvalidInput

SPELLINGS = {
    "49151123456 7": "491511234567",
    "+49 (151) 123-4567": "491511234567",
    "+49 (0)151 1234567": "491511234567",
    "0049151/1234567": "491511234567",
    "+49.151.1234567": "491511234567",
    "\u202a+49\u00a0151\u2011123\u20114567\u202c": "491511234567",
    "".join(chr(ord(digit) + 0xFEE0) for digit in "491511234567"): "491511234567",  # full width
    "+39 06 12345678": "390612345678",
    "+1 (650) 555-0100": "16505550100",
    # Brazil: with and without the ninth digit; a landline never had one
    "+55 (11) 98765-4321": "5511987654321",
    "551187654321": "5511987654321",
    "+55 47 8765-4321": "5547987654321",
    "+55 11 3456-7890": "551134567890",
    "+55 11 94567-8901": "5511945678901",
    # Mexico: with and without the 1
    "+52 1 55 1234 5678": "525512345678",
    "+52 55 1234 5678": "525512345678",
    # Argentina: with and without the 9, and as it is dialled at home
    "+54 9 11 2345-6789": "5491123456789",
    "+54 11 2345-6789": "5491123456789",
    "+54 11 15 2345-6789": "5491123456789",
    "+54 341 15 234-5678": "5493412345678",
    "+54 2944 15 123456": "5492944123456",
    "US.13491208655302741918": "US.13491208655302741918",
    " DE.ENT.11815799212886844830 ": "DE.ENT.11815799212886844830",
    "@Mara.L": "@mara.l",
    "mara_l99": "@mara_l99",
}
NUMBERS = st.one_of(
    st.from_regex(r"\+?55[1-9][1-9]9?[2-9][0-9]{7}", fullmatch=True),
    st.from_regex(r"\+?521?[2-9][0-9]{9}", fullmatch=True),
    st.from_regex(r"\+?549?(11|221|2944|341|3541)(15)?[0-9]{6,8}", fullmatch=True),
    st.from_regex(r"\+?[1-9][0-9]{5,15}", fullmatch=True),
)


@pytest.mark.parametrize("written", SPELLINGS)
def test_an_address_has_one_form(written: str) -> None:
    assert normalize_address(written) == SPELLINGS[written]


@given(st.one_of(NUMBERS, st.sampled_from(list(SPELLINGS)), st.text(max_size=40)))
def test_normalizing_twice_changes_nothing(written: str) -> None:
    try:
        once = normalize_address(written)
    except InvalidInput:
        return
    assert normalize_address(once) == once
    assert {normalize_address(each) for each in stored_spellings(once)} == {once}
    assert stored_spellings(once)[0] == once


@given(NUMBERS, st.lists(st.sampled_from([" ", "-", "(", ")", ".", "/", "\u00a0", "\u2013"]), max_size=6), st.data())
def test_separators_make_no_difference(number: str, separators: list[str], data: st.DataObject) -> None:
    try:
        expected = normalize_address(number)
    except InvalidInput:
        return
    written = number
    for separator in separators:
        place = data.draw(st.integers(4, len(written)))
        written = written[:place] + separator + written[place:]
    if "(0)" not in written:
        assert normalize_address(written) == expected


@pytest.mark.parametrize(
    "written",
    [
        "",
        " ",
        "+",
        "0151 1234567",
        "12345",
        "+49 151 CALL ME",
        "1234567890123456",
        "\x00",
        "a@b.example",
        "DE.",
        "@",
        "ab",
    ],
)
def test_what_is_no_address_is_refused_with_words_that_do_not_repeat_it(written: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        normalize_address(written)
    assert "write" in str(refused.value) or "digits" in str(refused.value)
    assert len(written.strip()) < 5 or written not in str(refused.value)


def test_a_user_id_is_told_from_a_username() -> None:
    assert is_user_id("US.1")
    assert not is_user_id("us.1")
    assert normalize_address("us.1x") == "@us.1x"


@pytest.mark.parametrize(("address", "writable"), [("16505551234", True), ("DE.1349", True), ("@sheena_n", False)])
def test_a_username_finds_a_person_and_is_not_written_to(address: str, writable: bool) -> None:
    assert is_writable(address) == writable
