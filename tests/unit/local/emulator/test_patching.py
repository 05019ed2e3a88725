"""A patch refuses an emulator with other text than expected."""

from __future__ import annotations

import pytest

from local.emulator import patching
from local.emulator.patching import EmulatorChanged, replace_range, replace_text, require, rewrite


def greet(name: str) -> str:
    greeting = "hello"
    return f"{greeting} {name}"


class Shop:
    def price(self) -> int:
        return 1 + 1


class Here:
    """Stands for a module: `rewrite` needs a name and attributes."""

    greet = staticmethod(greet)


def test_a_function_is_recompiled_with_its_text_replaced() -> None:
    rewrite(Shop, "price", ("1 + 1", "extra + 1"), extra=41)
    assert Shop().price() == 42


def test_a_function_can_be_rewritten_again() -> None:
    rewrite(Shop, "price", ("+ 1", "+ 2"))
    assert "+ 2" in Shop.price.rewritten_source  # type: ignore[attr-defined]


@pytest.mark.parametrize("text", ["", "old old", "something else"])
def test_text_that_does_not_occur_exactly_once_is_refused(text: str) -> None:
    with pytest.raises(EmulatorChanged, match=r"not what local/emulator was written against \(1\.5\.33\)"):
        replace_text(text, "old", "new", "somewhere")


def test_a_range_is_replaced_from_its_first_to_its_last_text() -> None:
    assert replace_range("a [b c] d", "[", "]", "x", "somewhere") == "a x d"
    with pytest.raises(EmulatorChanged):
        replace_range("a ] [ d", "[", "]", "x", "somewhere")


def test_a_missing_function_is_refused() -> None:
    with pytest.raises(EmulatorChanged, match="gone"):
        rewrite(Here, "gone", ("a", "b"))
    with pytest.raises(EmulatorChanged, match="gone"):
        patching.replace_function(Here, "gone", greet)


def test_a_violated_assumption_is_named() -> None:
    require(True, "fine")
    with pytest.raises(EmulatorChanged, match="no such table"):
        require(None, "no such table")


def test_every_patch_documents_the_difference() -> None:
    from functools import partial

    from local.emulator.patches import patches

    for patch in patches(4, None):
        function = patch.func if isinstance(patch, partial) else patch
        assert function.__doc__, function.__name__
