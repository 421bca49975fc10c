"""Users: who belongs to the organization, with which roles, and whether they may come in."""

from __future__ import annotations

from typing import Final

from counterfoil.access.scope import Scope
from counterfoil.directory.model import Person
from counterfoil.directory.show import list_users
from counterfoil.jsonapi import cursor
from counterfoil.jsonapi.parameter import AFTER, SIZE
from counterfoil.jsonapi.route import Answer
from counterfoil.web import crumbs, shell
from counterfoil.web.language import N_
from counterfoil.web.page import Nav, Page, Visit
from counterfoil.web.views.token_view import Badge

_PATH: Final = "/people"
_TITLE: Final = N_("Users")
_INVITED: Final = Badge(N_("Invited"), "clock", "warning")
_ACTIVE: Final = Badge(N_("Active"), "dot", "good")
_SHUT_OUT: Final = Badge(N_("Shut out"), "pause", "neutral")


def show(visit: Visit) -> Answer:
    """List the members, a page at a time."""
    asked = visit.asked
    with visit.read() as work:
        found = list_users(work, cursor.wanted(asked, _PATH))
    further = None
    if found.after is not None:
        after = cursor.sealed(asked, _PATH, found.after)
        further = crumbs.address(_PATH, {}, {AFTER.name: (after,)})
    return visit.show(
        "people",
        people=[(one, _standing(one)) for one in found.items],
        total=found.total or 0,
        further=further,
        trail=bool(visit.caller.grant.scopes & Scope.AUDIT_READ.bit),
    )


def _standing(person: Person) -> Badge:
    if person.member.invited:
        return _INVITED
    return _ACTIVE if person.member.active else _SHUT_OUT


PAGES: Final = (
    Page(
        "GET",
        _PATH,
        show,
        _TITLE,
        operation="user.list",
        query=(SIZE, AFTER),
        nav=Nav(shell.ACCOUNT, _TITLE, "people", 20, needs=Scope.USERS_READ),
    ),
)
