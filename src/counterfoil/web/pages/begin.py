"""Setting up: whoever holds the link that the server printed makes the first organization.

As with every link of ours, what lets one in stands behind the `#`, which browsers send to nobody.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from counterfoil import directory
from counterfoil.directory.presets import PRESETS
from counterfoil.directory.steps.admit import Newcomer
from counterfoil.jsonapi.route import Answer
from counterfoil.signin.found import First, found
from counterfoil.web.form import NOTHING
from counterfoil.web.language import N_
from counterfoil.web.page import Page, Visit

_PATH: Final = "/begin"
_TITLE: Final = N_("Set up Counterfoil")

_WAYS: Final = {
    "default": (N_("Our own"), N_("Five tokens a person, admins approve, two years at most.")),
    "amplience": (N_("Like Amplience"), N_("A name is enough to ask for a token; admins approve.")),
    "datocms": (N_("Like DatoCMS"), N_("Programs hold tokens with roles, for ever if need be.")),
    "dx": (N_("Like DX"), N_("People choose scopes for themselves, and nobody approves.")),
    "squiz": (N_("Like Squiz"), N_("Admins make API tokens, each for a chosen user.")),
    "agility": (N_("Like Agility"), N_("One token speaks in all organizations of its owner.")),
}


def show(visit: Visit) -> Answer:
    """Show the form while nobody is here; later the link is an invitation like others."""
    with visit.asked.office.database.reading() as tx:
        founded = directory.is_founded(tx)
    if founded:
        return visit.go("/setup")
    ways = [(name, *map(visit.say, _WAYS[name])) for name in PRESETS]
    return visit.show("begin", ways=ways)


def begin(visit: Visit) -> Answer:
    """Found the organization, and go on to the admin's passkey or password."""
    form, asked = visit.form, visit.asked
    code, organization = form.text("code").strip(), form.text("organization")
    admin = Newcomer(form.text("name"), form.text("email"))
    first = First(organization, form.text("preset"), admin, sample=form.text("sample") == "yes")
    found(asked.office, code, first, asked.origin)
    visit = replace(visit, form=NOTHING)
    title = visit.say(N_("Create your passkey or password"))
    return visit.show("setup", title=title, secret=True, founded=organization.strip())


PAGES: Final = (
    Page("GET", _PATH, show, _TITLE, public=True),
    Page(
        "POST",
        _PATH,
        begin,
        _TITLE,
        operation="organization.create",
        also=("api_token.seed", "user.invite_first", "sample.lay_out"),
        public=True,
        form=show,
        secrets=("code",),
    ),
)
