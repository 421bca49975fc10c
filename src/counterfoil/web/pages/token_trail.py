"""The audit trail of one personal token: what was done to it, and what was done with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from counterfoil.access.scope import Scope
from counterfoil.audit.read import Recorded
from counterfoil.directory.trail import Names, names
from counterfoil.jsonapi import cursor
from counterfoil.jsonapi.parameter import AFTER, SIZE, one_of
from counterfoil.jsonapi.route import Answer
from counterfoil.kernel.ids import Prefix, spell
from counterfoil.operation import Work
from counterfoil.signin.steps.session import BROWSER
from counterfoil.tokens.show_trail import Side, show_trail
from counterfoil.tokens.steps.names import names_in
from counterfoil.web import crumbs
from counterfoil.web.language import N_
from counterfoil.web.page import Page, Visit
from counterfoil.web.views.deed_row import row
from counterfoil.web.views.token_page import PART, TokenPage, look, token_in

_PATH: Final = "/tokens/{id}/trail"
_SIDE: Final = "side"


def show(visit: Visit) -> Answer:
    """Show a piece of the trail, the latest first."""
    id_, asked = token_in(visit), visit.asked
    side = asked.query.one_of(_SIDE, Side) or Side.TO
    path = crumbs.address(_PATH, asked.params, {})
    wanted = cursor.wanted(asked, path)
    with visit.read() as work:
        page = look(work, id_)
        found = show_trail(work, id_, side, wanted)
        named = names(work, found.items)
        called = _called(work, page, named, found.items)
    further = None
    if found.after is not None:
        after = cursor.sealed(asked, path, found.after)
        further = crumbs.address(path, {}, {_SIDE: (side,), AFTER.name: (after,)})
    return visit.show(
        "token_trail",
        title=page.view.name,
        page=page,
        rows=[row(visit, one, named, called) for one in found.items],
        side=side,
        further=further,
        browser=BROWSER,
    )


def _called(
    work: Work, page: TokenPage, named: Names, entries: Sequence[Recorded]
) -> Mapping[str, str]:
    """Return what things are called by their spelling: all only to who reads the whole trail."""
    if work.caller.grant.scopes & Scope.AUDIT_READ.bit:
        return {**named.things, **names_in(work, (one.target for one in entries))}
    return {spell(Prefix.TOKEN, page.token.id): page.view.name}


PAGES: Final = (
    Page(
        "GET",
        _PATH,
        show,
        N_("Audit trail"),
        operation="token.show_trail",
        also=("token.show",),
        parts=(PART,),
        query=(SIZE, AFTER, one_of(_SIDE, "Done to it, or with it.", Side)),
    ),
)
