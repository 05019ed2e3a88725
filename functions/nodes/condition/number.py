"""Numbers as people write them, for `greater_than` and `less_than`."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from typing import Any

LONGEST = 100  # characters
# Between groups of three digits, as in French and Swiss numbers: blanks that do not break, and apostrophes.
_AS_BLANKS = dict.fromkeys(map(ord, "\u00a0\u2009\u202f'\u2019"), " ")
_IN_ASCII = {**_AS_BLANKS, 0x2212: "-", 0x066B: ".", 0x066C: ","}  # minus; Arabic decimal and thousands separators
_PLAIN = re.compile(r"[0-9]+(?:\.[0-9]*)?|\.[0-9]+")
_GROUPED = {
    ".": re.compile(r"[0-9]{1,3}(?:\.[0-9]{3})+"),
    ",": re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,2}(?:,[0-9]{2})+,[0-9]{3}"),  # 1,000,000 or 10,00,000 (India)
    " ": re.compile(r"[0-9]{1,3}(?: [0-9]{3})+"),
}


def number(value: Any) -> Decimal | None:
    """The number that a value is; None if it is not one. docs/flow-format.md ("condition") lists the forms of texts.

    A text with a single separator may be read in two ways. A point is the decimal point, as APIs write it. A comma
    separates thousands where it can, and is the decimal comma elsewhere.
    """
    if isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value)
    if isinstance(value, float):
        found = Decimal(repr(value))
        return found if found.is_finite() else None
    if not isinstance(value, str) or len(value) > LONGEST:
        return None
    text = _in_ascii(value.strip())
    sign, digits = ("-", text[1:]) if text.startswith("-") else ("", text.removeprefix("+"))
    plain = _without_groups(digits)
    return Decimal(sign + plain) if _PLAIN.fullmatch(plain) else None


def _in_ascii(text: str) -> str:
    """Digits of any script, signs and separators, as ASCII has them."""
    return "".join(str(unicodedata.decimal(each)) if each.isdecimal() else each for each in text.translate(_IN_ASCII))


def _without_groups(digits: str) -> str:
    """The digits with a decimal point and no other separator; unchanged where they are not grouped properly."""
    decimal = _decimal_separator(digits)
    whole, _, fraction = digits.rpartition(decimal) if decimal else (digits, "", "")
    separator = next((each for each, grouped in _GROUPED.items() if each != decimal and grouped.fullmatch(whole)), "")
    whole = whole.replace(separator, "") if separator else whole
    return f"{whole}.{fraction}" if decimal else whole


def _decimal_separator(digits: str) -> str:
    """The point or the comma before the fraction; empty if there is no fraction."""
    last = max(".,", key=digits.rfind)
    thousands = last == "," and not digits.startswith("0") and _GROUPED[","].fullmatch(digits)
    return last if digits.count(last) == 1 and not thousands else ""
