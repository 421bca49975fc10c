"""Roles: what each allows, where, and how many hold it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from counterfoil.access.role import Role
from counterfoil.access.scope import Scope
from counterfoil.directory import Sought, roles_told
from counterfoil.directory.show import list_roles, list_users
from counterfoil.jsonapi.route import Answer
from counterfoil.kernel.page import Wanted
from counterfoil.operation import Work
from counterfoil.web import shell
from counterfoil.web.language import N_
from counterfoil.web.page import Nav, Page, Visit
from counterfoil.web.views.places import placed
from counterfoil.web.views.scope_words import in_order

PATH: Final = "/member-roles"
_TITLE: Final = N_("Roles")
_MOST_SAID: Final = 4


@dataclass(frozen=True, slots=True)
class RoleView:
    """A role as a row of the list.

    Attributes:
        scopes: the first few that it holds, and `more`: how many it holds besides.
        places: addresses below which it holds, as far as who looks sees them; None for everywhere.
        members: how many hold it; None for who may not read members.
    """

    id: str
    name: str
    built_in: bool
    scopes: tuple[str, ...]
    more: int
    places: tuple[str, ...] | None
    members: int | None


def show(visit: Visit) -> Answer:
    """List the roles, the built-in ones first."""
    with visit.read() as work:
        rows = [_view(work, role) for role in roles_told(work, list_roles(work))]
    manages = bool(visit.caller.grant.scopes & Scope.ROLES_MANAGE.bit)
    return visit.show("roles", rows=rows, manages=manages)


def _view(work: Work, role: Role) -> RoleView:
    names = in_order(work.vocabulary().spell(role.scopes))
    places = placed(work, role.roots)
    members = None
    if work.caller.grant.scopes & Scope.USERS_READ.bit:
        members = list_users(work, Wanted(1), Sought(role=role.id)).total
    return RoleView(
        id=str(role.id),
        name=role.name,
        built_in=role.built_in,
        scopes=names[:_MOST_SAID],
        more=max(0, len(names) - _MOST_SAID),
        places=None if places is None else tuple(one.path for one in places),
        members=members,
    )


PAGES: Final = (
    Page(
        "GET",
        PATH,
        show,
        _TITLE,
        operation="role.list",
        also=("user.list", "node.lineage"),
        nav=Nav(shell.ACCOUNT, _TITLE, "person", 25, needs=Scope.ROLES_READ),
    ),
)
