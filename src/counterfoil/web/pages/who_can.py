"""Who can…: choose what is done and where, and see the people and tokens that can do it now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from counterfoil.access.scope import Scope
from counterfoil.access.surface import spell_surfaces
from counterfoil.content.doors.wire_list import address
from counterfoil.content.read import Listing, list_nodes
from counterfoil.directory.show import list_scopes, list_users
from counterfoil.jsonapi import cursor
from counterfoil.jsonapi.parameter import AFTER, PAGING, Parameter
from counterfoil.jsonapi.route import Answer as Page_
from counterfoil.kernel.errors import CounterfoilError, Malformed, NotFound
from counterfoil.kernel.ids import NodeId
from counterfoil.kernel.page import Wanted
from counterfoil.operation import Work
from counterfoil.tokens.steps.able import IN_A_TREE
from counterfoil.tokens.who_can import Able, Answer, who_can
from counterfoil.web import crumbs, shell
from counterfoil.web.language import N_
from counterfoil.web.page import Nav, Page, Visit
from counterfoil.web.views.scope_words import deed, grouped
from counterfoil.web.views.stakes_view import KINDS, opens

PATH: Final = "/who-can"
_TITLE: Final = N_("Who can…")
_NOWHERE: Final = N_("There is no such node, or you do not see it.")


@dataclass(frozen=True, slots=True)
class AbleView:
    """A person or a token that can; `path` is its page, empty for who may not open that."""

    name: str
    kind: str
    path: str
    whose: str
    roles: tuple[str, ...]
    surfaces: tuple[str, ...]
    is_person: bool


def show(visit: Visit) -> Page_:
    """Show the question and, once one is asked, who can."""
    asked, query = visit.asked, visit.asked.query
    scope, where = query.text("scope") or "", (query.text("node") or "").strip()
    wanted, wrong = cursor.wanted(asked, PATH), ""
    found: Answer | None = None
    with visit.read() as work:
        list_users(work, Wanted(1))  # who may not read members is refused here
        offered = list_scopes(work)
        if scope:
            try:
                node = _node(work, where) if _counts(scope) else None
                found = who_can(work, scope, node, wanted)
            except CounterfoilError as error:
                wrong = visit.say(error.detail) if error.detail else visit.say(_NOWHERE)
    return visit.show(
        "who_can",
        groups=grouped([one.name for one in offered], visit.say),
        scope=scope,
        where=where,
        counts=_counts(scope),
        deed=deed(scope, visit.say) if scope else "",
        found=found,
        wrong=wrong,
        able=[_view(one, visit) for one in found.able.items] if found else [],
        further=_further(visit, found),
    )


def _counts(scope: str) -> bool:
    """Say whether it matters where."""
    return scope in {str(one) for one in IN_A_TREE}


def _node(work: Work, where: str) -> NodeId | None:
    """Return the node at an address; None for anywhere.

    Raises:
        NotFound: where there is none.
    """
    if not where:
        return None
    try:
        path = address(where.rstrip("/") or "/")
    except Malformed:
        raise NotFound(detail=_NOWHERE) from None
    there = list_nodes(work, Listing(path=path, size=1, counted=False)).items
    if not there:
        raise NotFound(detail=_NOWHERE)
    return there[0].node.id


def _view(one: Able, visit: Visit) -> AbleView:
    whose = one.member
    if one.token is None:
        user = "" if whose is None else str(whose.user)
        mine, path = _PERSON, f"/people/{user}"
    else:
        mine, path = KINDS[one.token.kind], opens(one.token, visit)
    return AbleView(
        name=one.name,
        kind=visit.say(mine),
        path=path,
        whose="" if one.token is None or whose is None else one.whose,
        roles=one.roles,
        surfaces=spell_surfaces(one.surfaces),
        is_person=one.token is None,
    )


_PERSON: Final = N_("Person")


def _further(visit: Visit, found: Answer | None) -> str | None:
    if found is None or found.able.after is None:
        return None
    after = cursor.sealed(visit.asked, PATH, found.able.after)
    said = {name: (value,) for name, value in visit.asked.query.kept().items()}
    return crumbs.address(PATH, {}, {**said, AFTER.name: (after,)})


PAGES: Final = (
    Page(
        "GET",
        PATH,
        show,
        _TITLE,
        operation="access.who_can",
        also=("user.list", "scope.list", "node.list"),
        query=(
            *PAGING,
            Parameter("scope", "What it is that they can."),
            Parameter("node", "Where: an address in the tree; anywhere at all if it is left out."),
        ),
        nav=Nav(shell.ACCOUNT, _TITLE, "search", 32, needs=Scope.USERS_READ),
    ),
)
