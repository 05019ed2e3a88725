"""Addresses of people on WhatsApp: phone numbers, business-scoped user ids, usernames. Pure.

A number in its one form is E.164 without the plus, as it is dialled today. WhatsApp keeps some accounts under an older
form of their number, so one number has several spellings in webhooks:

Brazil      a mobile number got a 9 before its eight digits; accounts from before lack it
Mexico      a mobile number had a 1 after 52 until 2019
Argentina   a mobile number has a 9 after 54 from abroad, and a 15 after the area code at home

Sources: docs.360dialog.com (usernames and BSUID), waha.devlike.pro (Mexico), green-api.com and support.whapi.cloud
(Brazil, Argentina), ITU's national numbering plans (area codes of Argentina).
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from chatflow.errors import InvalidInput

# Meta: a country, a dot, up to 128 letters and digits; the id of a whole enterprise has ENT in between.
_USER_ID: Final = re.compile(r"[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}")
# Meta: 3 to 35 of a-z, 0-9, period and underscore, with a letter, and no period at either end.
_USERNAME: Final = re.compile(r"@?(?=[a-z0-9._]*[a-z])[a-z0-9_][a-z0-9._]{1,33}[a-z0-9_]")
_NUMBER: Final = re.compile(r"[1-9]\d{6,14}")  # E.164 ends at 15 digits
_SEPARATORS: Final = frozenset("()./")
_IGNORED: Final = frozenset(("Zs", "Cc", "Cf", "Pd"))  # blanks, line ends, marks of direction, dashes

# A landline in Brazil begins with 2 to 5. Numbers with a 9 and one of these never had eight digits.
_BRAZIL: Final = re.compile(r"55([1-9][1-9])9?([6-9]\d{7})")
_MEXICO: Final = re.compile(r"521?([2-9]\d{9})")
_ARGENTINA: Final = re.compile(r"549?([123]\d{9})")
_ARGENTINA_AT_HOME: Final = re.compile(
    r"549?(?P<area>11|22[013]|23[067]|249|26[01346]|280|29[14789]|336|34[12358]|35[138]|36[24]|37[069]|38[013578]|"
    r"[23]\d{3})15(?P<local>\d{6,8})"
)
_NATIONAL_DIGITS: Final = 10  # of area code and local number in Argentina


def normalize_address(text: str) -> str:
    """The one form of an address that a person wrote. Normalising it again changes nothing.

    A username begins with "@" in this form. Raises InvalidInput, whose message does not repeat the address.
    """
    written = unicodedata.normalize("NFKC", text).strip()
    if is_user_id(written):
        return written
    digits = _digits(written)
    if digits is not None:
        return _normalize_number(digits)
    username = written.lower()
    if _USERNAME.fullmatch(username):
        return f"@{username.removeprefix('@')}"
    raise InvalidInput(
        "not an address on WhatsApp: write a phone number with its country code (+49 151 ...), a user id as WhatsApp "
        "gives it (DE.1349...) or a username (@name)"
    )


def stored_spellings(address: str) -> tuple[str, ...]:
    """The forms in which webhooks may have brought a normalised address, itself first."""
    if found := _BRAZIL.fullmatch(address):
        return address, f"55{found[1]}{found[2]}"
    if found := _MEXICO.fullmatch(address):
        return address, f"521{found[1]}"
    if found := _ARGENTINA.fullmatch(address):
        return address, f"54{found[1]}"
    return (address,)


def is_writable(address: str) -> bool:
    """Whether a message may be sent to a normalised address. To a username, none may be."""
    return not address.startswith("@")


def is_user_id(address: str) -> bool:
    """Whether this is a business-scoped user id."""
    return _USER_ID.fullmatch(address) is not None


def _digits(written: str) -> str | None:
    """The digits of a text that looks like a number; None for any other."""
    number = re.sub(r"^(\+|00)(?!39)(\d{1,3})\s*\(0\)", r"\1\2", written)  # +49 (0) 151: dialled at home only
    plain = "".join(each for each in number if each not in _SEPARATORS and unicodedata.category(each) not in _IGNORED)
    plain = plain.removeprefix("+")
    if not plain or not plain.isdecimal():
        return None
    digits = "".join(str(unicodedata.decimal(each)) for each in plain)
    return digits.removeprefix("00")


def _normalize_number(digits: str) -> str:
    if digits.startswith("0"):
        raise InvalidInput("the phone number lacks its country code: write it with one, such as +49 for Germany")
    if found := _ARGENTINA_AT_HOME.fullmatch(digits):
        national = found["area"] + found["local"]
        if len(national) == _NATIONAL_DIGITS:
            digits = f"549{national}"
    if not _NUMBER.fullmatch(digits):
        raise InvalidInput("a phone number has 7 to 15 digits, with its country code")
    if found := _BRAZIL.fullmatch(digits):
        return f"55{found[1]}9{found[2]}"
    if found := _MEXICO.fullmatch(digits):
        return f"52{found[1]}"
    if found := _ARGENTINA.fullmatch(digits):
        return f"549{found[1]}"
    return digits
