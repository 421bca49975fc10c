"""Where an organization asks for a provider, and whoever is signed in came by none.

They are told so, and led there; what they typed waits for them as ever. What else they belong to is
open to them.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from counterfoil import directory
from counterfoil.directory import Organization
from counterfoil.jsonapi.route import Answer
from counterfoil.kernel import ids
from counterfoil.kernel.errors import Code, Denied, NotFound
from counterfoil.kernel.ids import OrganizationId, Prefix
from counterfoil.runtime.provider import Provider
from counterfoil.signin.doors import browser, cookie
from counterfoil.signin.model import Account
from counterfoil.signin.policy import local_path
from counterfoil.signin.steps.visit import entered, formerly
from counterfoil.signin.steps.vouched import asks_provider
from counterfoil.web import crumbs, kept
from counterfoil.web.form import require_ours
from counterfoil.web.frame import Place
from counterfoil.web.language import N_
from counterfoil.web.page import Visit

SWITCH: Final = "/organization"
SIGN_OUT: Final = "/signout"
"""The forms that are taken all the same: to act elsewhere, and to leave."""

AGAIN: Final = "/again"

_TITLE: Final = N_("Sign in at your provider")
_FORBIDDEN: Final = 403


def is_local(visit: Visit) -> bool:
    """Say whether a password or a passkey is a proof where the person acts."""
    return visit.asked.office.providers.passwords and not _asks(visit)


def providers(visit: Visit) -> list[Provider]:
    """Return the providers whose word is a proof where the person acts."""
    every = visit.asked.office.providers
    return every.counting_in(visit.caller.organization) if _asks(visit) else every.each()


def _asks(visit: Visit) -> bool:
    return visit.signed_in and asks_provider(visit.asked.office, visit.caller.organization)


def show(visit: Visit) -> Answer:
    """Say what the organization asks for, with the way to the provider and to other places."""
    visit = replace(visit, status=_FORBIDDEN, form=visit.form.without(visit.page.secrets))
    waits = kept.given(visit) if visit.page.method == "POST" else ""
    who, where = _acting(visit)
    shown = visit.show(
        "barred",
        title=visit.say(_TITLE),
        where=where.name if where else "",
        providers=visit.asked.office.providers.counting_in(where.id) if where else [],
        waits=bool(waits),
        next=kept.PATH if waits else _next(visit),
        places=[] if who is None else _open_to(visit, who),
    )
    return replace(shown, cookies=(*shown.cookies, waits)) if waits else shown


def sent(visit: Visit) -> Answer:
    """Take the forms by which one acts elsewhere, or leaves; tell whoever sends another one."""
    if visit.page.path == SIGN_OUT:
        require_ours(visit.form, visit.ticket)
        browser.leave(visit.asked)
        return visit.go("/signed-out", cookies=(cookie.taken(visit.asked)["Set-Cookie"],))
    if visit.page.path != SWITCH:
        return show(visit)
    require_ours(visit.form, visit.ticket)
    who, _ = _acting(visit)
    wanted = visit.form.text("organization")
    if who is None or wanted not in {one.id for one in _open_to(visit, who)}:
        raise Denied(Code.PROVIDER_REQUIRED)
    chosen = Account(who.user, OrganizationId(ids.read(Prefix.ORGANIZATION, wanted)))
    return visit.go("/", cookies=(crumbs.acting(visit.asked, chosen),))


def _open_to(visit: Visit, who: Account) -> list[Place]:
    """Return the organizations that the session opens as it is."""
    found = [one.organization for one in entered(visit.asked.office, visit.ticket, who.user)]
    with visit.asked.office.database.reading() as tx:
        return [Place(str(one), directory.organization(tx, one).name) for one in found]


def _acting(visit: Visit) -> tuple[Account | None, Organization | None]:
    """Return whose session it is, and the organization where they act."""
    who = formerly(visit.asked.office, visit.ticket)
    if who is None:
        return None, None
    last = crumbs.acted(visit.asked)
    here = who.organization if last is None or last.user != who.user else last.organization
    with visit.asked.office.database.reading() as tx:
        try:
            return who, directory.organization(tx, here)
        except NotFound:
            return who, directory.organization(tx, who.organization)


def _next(visit: Visit) -> str:
    """Return where to go on to: whoever comes from there has just proved who they are."""
    if visit.page.method != "GET":
        return "/"
    if visit.page.path == AGAIN:
        return local_path(visit.asked.query.text("next")) or "/"
    return visit.here
