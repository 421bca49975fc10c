"""The languages of the pages, for letters."""

from __future__ import annotations

from functools import cache

from counterfoil.kernel.sentence import Say
from counterfoil.notices.said import ENGLISH, Tongue
from counterfoil.web.language import DEFAULT, LANGUAGES, translations
from counterfoil.web.views.flag_said import flag_said


@cache
def tongue(code: str | None) -> Tongue:
    """Return the language of a code; English for one that is not known, or not ours."""
    if code is None or code == DEFAULT or code not in LANGUAGES:
        return ENGLISH
    return spoken(translations(code).gettext)


def spoken(say: Say) -> Tongue:
    """Return the language that a page speaks."""
    return Tongue(say, lambda detail: flag_said(detail, say))
