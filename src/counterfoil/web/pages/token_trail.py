"""The audit trail of one personal token: what was done to it, and what was done with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from counterfoil import directory
from counterfoil.audit.read import Recorded
from counterfoil.audit.record import ALLOWED
from counterfoil.jsonapi import cursor
from counterfoil.jsonapi.parameter import AFTER, SIZE, one_of
from counterfoil.jsonapi.route import Answer
from counterfoil.kernel.errors import NotFound
from counterfoil.kernel.ids import UserId
from counterfoil.operation import Work
from counterfoil.tokens.show_trail import Side, show_trail
from counterfoil.web import crumbs
from counterfoil.web.language import N_
from counterfoil.web.page import Page, Visit
from counterfoil.web.views.token_page import PART, look, token_in

_PATH: Final = "/tokens/{id}/trail"
_SIDE: Final = "side"


@dataclass(frozen=True, slots=True)
class Row:
    """An entry of the trail, with the name of whoever did it; empty for the system itself."""

    entry: Recorded
    who: str

    @property
    def is_allowed(self) -> bool:
        """Whether it was done, and not refused."""
        return self.entry.outcome == ALLOWED


def show(visit: Visit) -> Answer:
    """Show a piece of the trail, the latest first."""
    id_, asked = token_in(visit), visit.asked
    side = asked.query.one_of(_SIDE, Side) or Side.TO
    path = crumbs.address(_PATH, asked.params, {})
    wanted = cursor.wanted(asked, path)
    with visit.read() as work:
        page = look(work, id_)
        found = show_trail(work, id_, side, wanted)
        names = {user: _name(work, user) for user in {one.user for one in found.items} if user}
    further = None
    if found.after is not None:
        after = cursor.sealed(asked, path, found.after)
        further = crumbs.address(path, {}, {_SIDE: (side,), AFTER.name: (after,)})
    rows = [Row(one, names.get(one.user, "") if one.user else "") for one in found.items]
    return visit.show(
        "token_trail", title=page.view.name, page=page, rows=rows, side=side, further=further
    )


def _name(work: Work, user: UserId) -> str:
    try:
        return directory.user(work.tx, user).name
    except NotFound:
        return ""


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
