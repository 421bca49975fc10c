"""What the pages say in other languages."""

from __future__ import annotations

import re
from collections.abc import Iterable

from babel.messages.pofile import read_po

from counterfoil.web.language import CATALOGUES

_FAMILIAR = re.compile(
    r"\b(du|dich|dir|dein|deine[mnrs]?|bist|hast|kannst|darfst|willst|musst|siehst|wähle|nenne)\b",
    re.IGNORECASE,
)


def test_german_pages_are_polite() -> None:
    """Every German sentence says Sie, as its neighbours do: none is on first-name terms."""
    with (CATALOGUES / "de.po").open("rb") as file:
        catalogue = read_po(file, locale="de")
    told = [str(one) for message in catalogue for one in _forms(message.string)]
    assert [one for one in told if _FAMILIAR.search(one)] == []


def _forms(said: str | Iterable[str] | None) -> Iterable[str]:
    return [said or ""] if said is None or isinstance(said, str) else said
