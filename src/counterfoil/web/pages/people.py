"""Users: who belongs to the organization, how they sign in, and what their tokens are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from counterfoil.access.scope import Scope
from counterfoil.directory import Presence, Sought
from counterfoil.directory.show import list_roles
from counterfoil.jsonapi import cursor
from counterfoil.jsonapi.parameter import AFTER, PAGING, Parameter, one_of
from counterfoil.jsonapi.route import Answer
from counterfoil.kernel.ids import Prefix, RoleId
from counterfoil.signin.accounts import list_accounts
from counterfoil.web import crumbs, shell
from counterfoil.web.language import N_
from counterfoil.web.page import Nav, Page, Visit
from counterfoil.web.views.people_view import PRESENCES, PersonView

PATH: Final = "/people"
_TITLE: Final = N_("Users")
_MOST_CHARS: Final = 100


@dataclass(frozen=True, slots=True)
class Seek:
    """Who is listed: whose name or address holds something, who stands so and holds a role."""

    query: str
    presence: Presence | None
    role: RoleId | None

    @property
    def narrows(self) -> bool:
        """Whether anybody is left out."""
        return bool(self.query or self.presence or self.role)


def show(visit: Visit) -> Answer:
    """List the members, or those who are sought, by name."""
    asked, seek = visit.asked, _seek(visit)
    wanted, held = cursor.wanted(asked, PATH), visit.caller.grant.scopes
    with visit.read() as work:
        wish = Sought(seek.query, seek.presence, seek.role, by_name=True)
        found = list_accounts(work, wanted, wish)
        roles = list_roles(work) if held & Scope.ROLES_READ.bit else []
    further = None
    if found.after is not None:
        after = cursor.sealed(asked, PATH, found.after)
        said = {name: (value,) for name, value in asked.query.kept().items()}
        further = crumbs.address(PATH, {}, {**said, AFTER.name: (after,)})
    return visit.show(
        "people",
        people=[PersonView.of(one, visit) for one in found.items],
        total=found.total or 0,
        further=further,
        seek=seek,
        presences=PRESENCES,
        roles=roles,
        counts=bool(held & Scope.TOKENS_APPROVE.bit),
        manages=bool(held & Scope.USERS_MANAGE.bit),
        trail=bool(held & Scope.AUDIT_READ.bit),
    )


def _seek(visit: Visit) -> Seek:
    query = visit.asked.query
    presence = query.one_of("state", Presence) if query.text("state") else None
    role = query.id(Prefix.ROLE, "role") if query.text("role") else None
    words = (query.text("q") or "").strip()[:_MOST_CHARS]
    return Seek(words, presence, None if role is None else RoleId(role))


PAGES: Final = (
    Page(
        "GET",
        PATH,
        show,
        _TITLE,
        operation="account.list",
        also=("role.list",),
        query=(
            *PAGING,
            Parameter("q", "Only members whose name or e-mail address holds this."),
            one_of("state", "Only members who stand so.", ("", *Presence)),
            Parameter("role", "Only members who hold this role."),
        ),
        nav=Nav(shell.ACCOUNT, _TITLE, "people", 20, needs=Scope.USERS_READ),
    ),
)
