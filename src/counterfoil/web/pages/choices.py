"""Where one acts and in which language: choices that a browser keeps, and that change no data."""

from __future__ import annotations

from typing import Final

from counterfoil.directory.speak import choose_language
from counterfoil.jsonapi.route import Answer
from counterfoil.kernel import ids
from counterfoil.kernel.errors import Code, Invalid
from counterfoil.kernel.ids import OrganizationId, Prefix
from counterfoil.signin.model import Account
from counterfoil.signin.policy import local_path
from counterfoil.web import crumbs, language
from counterfoil.web.language import N_
from counterfoil.web.page import Page, Visit


def switch(visit: Visit) -> Answer:
    """Act in another organization from now on; whether one may is asked at every page."""
    wanted, user = visit.form.text("organization"), visit.caller.user
    if user is None or wanted not in {place.id for place in visit.frame(visit).places}:
        raise Invalid(Code.INVALID_FIELD, N_("You are not a member of it."), field="/organization")
    chosen = Account(user, OrganizationId(ids.read(Prefix.ORGANIZATION, wanted)))
    return visit.go("/", cookies=(crumbs.acting(visit.asked, chosen),))


def speak(visit: Visit) -> Answer:
    """Read the pages in another language from now on."""
    wanted = visit.form.text("language")
    if wanted not in language.LANGUAGES:
        raise Invalid(
            Code.INVALID_FIELD, N_("The pages do not speak that language."), field="/language"
        )
    if visit.signed_in:
        with visit.work() as work:
            choose_language(work, wanted)
    next_ = local_path(visit.form.text("next")) or "/"
    return visit.go(next_, cookies=(language.given(visit.asked, wanted),))


PAGES: Final = (
    Page("POST", "/organization", switch, N_("Organization")),
    Page("POST", "/language", speak, N_("Language"), also=("user.choose_language",), public=True),
)
