"""The languages of the pages: which one is wanted, and what a sentence is in it.

A sentence is written in English where it is said, in `_("…")` or marked by `N_`; what it is in
another language stands in that one's catalogue below `locale/`. `python -m tools.languages` brings
the catalogues up to date, and `make check` fails while one of them lacks a sentence.
"""

from __future__ import annotations

import gettext
from functools import cache
from io import BytesIO
from pathlib import Path
from types import MappingProxyType
from typing import Final

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from counterfoil.jsonapi.route import Asked
from counterfoil.web import crumbs

LANGUAGES: Final = MappingProxyType({"en": "English", "de": "Deutsch"})
"""Each by its code, as its speakers call it; the first is what the sentences are written in."""

DEFAULT: Final = "en"
CATALOGUES: Final = Path(__file__).with_name("locale")

_NAME: Final = "language"


def N_(text: str) -> str:  # noqa: N802 - as gettext calls it
    """Mark a sentence for the catalogues; it is put into its language where it is shown."""
    return text


def chosen(asked: Asked) -> str:
    """Return the language of the page: the one that was chosen, else what the browser prefers."""
    told = crumbs.read(asked, _NAME)
    return told if told in LANGUAGES else preferred(asked.headers.get("accept-language", ""))


def preferred(header: str) -> str:
    """Return the language of ours that an Accept-Language header likes best (RFC 9110 §12.5.4)."""
    liked = sorted(map(_liked, header.split(",")[:20]), key=lambda one: -one[1])
    return next((name for name, much in liked if much > 0 and name in LANGUAGES), DEFAULT)


def given(asked: Asked, language: str) -> str:
    """Return the cookie that keeps a choice."""
    return crumbs.given(asked, _NAME, language, crumbs.YEAR_S)


@cache
def translations(language: str) -> gettext.NullTranslations:
    """Return what sentences are in a language."""
    if language == DEFAULT:
        return gettext.NullTranslations()
    with (CATALOGUES / f"{language}.po").open("rb") as told:
        catalogue = read_po(told, locale=language)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def _liked(part: str) -> tuple[str, float]:
    name, _, quality = part.strip().lower().partition(";")
    try:
        much = float(quality.strip().removeprefix("q=")) if quality else 1.0
    except ValueError:
        much = 0.0
    return name.strip().partition("-")[0], much if 0 <= much <= 1 else 0.0
