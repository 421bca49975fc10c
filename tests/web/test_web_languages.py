"""What the pages say in other languages."""

from __future__ import annotations

import re

from babel.messages.pofile import read_po

from counterfoil.web.language import CATALOGUES

_FAMILIAR = re.compile(
    r"\b(du|dich|dir|dein|deine[mnrs]?|bist|hast|kannst|darfst|willst|musst|siehst|wähle|nenne)\b",
    re.IGNORECASE,
)


def test_german_pages_are_polite() -> None:
    """Every German sentence says Sie, as its neighbours do: none is on first-name terms."""
    with (CATALOGUES / "de.po").open("rb") as told:
        catalogue = read_po(told, locale="de")
    said = [
        one
        for message in catalogue
        for one in (message.string if isinstance(message.string, tuple) else [message.string])
    ]
    assert [one for one in said if _FAMILIAR.search(one)] == []
