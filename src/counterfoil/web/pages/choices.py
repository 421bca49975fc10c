"""Where one acts and in which language: choices that a browser keeps, and that change no data."""

from __future__ import annotations

from typing import Final

from counterfoil.jsonapi.route import Answer
from counterfoil.kernel.errors import Code, Invalid
from counterfoil.signin.policy import local_path
from counterfoil.web import crumbs, language
from counterfoil.web.crumbs import ORGANIZATION
from counterfoil.web.language import N_
from counterfoil.web.page import Page, Visit


def switch(visit: Visit) -> Answer:
    """Act in another organization from now on; whether one may is asked at every page."""
    wanted = visit.form.text("organization")
    if wanted not in {place.id for place in visit.frame(visit).places}:
        raise Invalid(Code.INVALID_FIELD, N_("You are not a member of it."), field="/organization")
    chosen = crumbs.given(visit.asked, ORGANIZATION, wanted, crumbs.YEAR_S)
    return visit.go("/", cookies=(chosen,))


def speak(visit: Visit) -> Answer:
    """Read the pages in another language from now on."""
    wanted = visit.form.text("language")
    if wanted not in language.LANGUAGES:
        raise Invalid(
            Code.INVALID_FIELD, N_("The pages do not speak that language."), field="/language"
        )
    next_ = local_path(visit.form.text("next")) or "/"
    return visit.go(next_, cookies=(language.given(visit.asked, wanted),))


PAGES: Final = (
    Page("POST", "/organization", switch, N_("Organization")),
    Page("POST", "/language", speak, N_("Language"), public=True),
)
