"""Roles & permissions: every scope, which roles hold it, and what asks for it (X7).

All of it comes from the code and from the organization's own roles; the visitor's are marked.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from counterfoil.directory.show import Known, explain_roles, list_scopes
from counterfoil.jsonapi.route import Answer
from counterfoil.operation import OPERATIONS
from counterfoil.web import shell
from counterfoil.web.language import N_
from counterfoil.web.page import Nav, Page, Visit
from counterfoil.web.views.scope_words import HEADINGS, meaning

PATH: Final = "/roles-and-permissions"
_TITLE: Final = N_("Roles & permissions")


@dataclass(frozen=True, slots=True)
class Row:
    """A scope with what it allows, who holds it, and the operations that ask for it.

    `held` is for each role, in the order of the columns.
    """

    name: str
    meaning: str
    held: tuple[bool, ...]
    operations: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """The scopes of one resource, or of one registered API, whose id is `api`."""

    label: str
    rows: tuple[Row, ...]
    api: str = ""


def show(visit: Visit) -> Answer:
    """Show the table to whoever is signed in."""
    with visit.read() as work:
        scopes = list_scopes(work)
        roles = sorted(explain_roles(work), key=lambda role: not role.mine)
        words = work.vocabulary()
    held = [frozenset(words.spell(role.scopes)) for role in roles]
    return visit.show(
        "roles_and_permissions",
        roles=roles,
        mine=[role.name for role in roles if role.mine],
        groups=_groups(visit, scopes, held),
        own=sum(one.grantable for one in scopes),
        total=len(scopes),
    )


def _groups(visit: Visit, scopes: list[Known], held: list[frozenset[str]]) -> list[Group]:
    asking = _asking()
    found: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for one in scopes:
        resource = one.name.partition(":")[0]
        label = visit.say(HEADINGS[resource]) if one.api is None else one.api.name
        row = Row(
            name=one.name,
            meaning=meaning(one.name, visit.say) or one.description,
            held=tuple(one.name in names for names in held),
            operations=asking.get(one.name, ()),
        )
        found[label, "" if one.api is None else str(one.api.id)].append(row)
    return [Group(label, tuple(rows), api) for (label, api), rows in found.items()]


def _asking() -> Mapping[str, tuple[str, ...]]:
    """Return the operations that ask for each scope, by its name."""
    found: dict[str, list[str]] = defaultdict(list)
    for name, doing in sorted(OPERATIONS.items()):
        if doing.requires is not None:
            found[str(doing.requires)].append(name)
    return {scope: tuple(names) for scope, names in found.items()}


PAGES: Final = (
    Page(
        "GET",
        PATH,
        show,
        _TITLE,
        operation="role.explain",
        also=("scope.list",),
        nav=Nav(shell.ACCOUNT, _TITLE, "shield", 30),
    ),
)
