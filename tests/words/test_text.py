"""What people read of each other: nothing in a name is unseen."""

from __future__ import annotations

import pytest

from counterfoil.kernel.text import is_name

_UNSEEN = [
    "\u034f", "\u115f", "\u1160", "\u17b4", "\u17b5", "\u180b", "\u3164", "\uffa0", "\ufe00",
    "\ufe0f", "\U000e0100", "\U000e01ef", "\u00ad", "\u200b", "\u200d", "\u2060", "\ufeff",
    "\u202e",
]  # fmt: skip


@pytest.mark.parametrize("char", _UNSEEN, ids=ascii)
def test_no_name_looks_like_another(char: str) -> None:
    """What shows nothing is in no name, be it before, in or after what can be seen (S38)."""
    assert is_name("admin")
    assert not any(map(is_name, (f"{char}admin", f"ad{char}min", f"admin{char}", char)))
    assert not is_name(f"the admin {char}")


@pytest.mark.parametrize(
    "name",
    ["Łukasz Żółć", "José", "Jose\u0301", "O'Neil-Šmíd", "\u845b\U000e0100城 市", "नमस्ते", "محمد",
     "I \u2764\ufe0f CI", "1\ufe0f\u20e3 first", "\u26a0\ufe0e old", "ᠮᠣᠩᠭᠣᠯ", "a b", "🚢"],
)  # fmt: skip
def test_names_of_all_people_are_names(name: str) -> None:
    """Accents, other scripts, and pictures with the look that was chosen for them, can be seen."""
    assert is_name(name)
