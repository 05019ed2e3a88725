"""Addresses on Telegram."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatflow.channels.telegram.addresses import is_writable, normalize_address
from chatflow.errors import InvalidInput


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("5012345678", "5012345678"),
        (" 42\n", "42"),
        ("\uff14\uff12", "42"),
        ("4503599627370495", "4503599627370495"),
        ("@Sheena_N", "@sheena_n"),
        ("https://t.me/Sheena_N", "@sheena_n"),
        ("t.me/sheena_n", "@sheena_n"),
        ("telegram.me/sheena_n", "@sheena_n"),
    ],
)
def test_an_address_has_one_form(written: str, address: str) -> None:
    assert normalize_address(written) == address


@pytest.mark.parametrize(
    "written",
    [
        *("", "@", "@abc", "@1abcd", "@" + "x" * 33, "@sheena-n", "@größe", "sheena", "t.me/sheena_n/5"),
        *("https://evil.example/sheena_n", "-1001234567890", "0", "+491511234567", "007", "1.5", "12 34"),
        "4503599627370496",
    ],
)
def test_what_is_no_address_is_refused_without_repeating_it(written: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        normalize_address(written)
    assert len(written) < 3 or written not in str(refused.value)


@given(st.text(max_size=40))
def test_a_normalised_address_stays_as_it_is(written: str) -> None:
    try:
        address = normalize_address(written)
    except InvalidInput:
        return
    assert normalize_address(address) == address


@pytest.mark.parametrize(("address", "writable"), [("42", True), ("@sheena_n", False)])
def test_a_username_finds_a_person_and_is_not_written_to(address: str, writable: bool) -> None:
    assert is_writable(address) == writable
