"""The list of one's own personal tokens, with their states and how many one may have."""

from __future__ import annotations

from typing import Final

from counterfoil.jsonapi import cursor
from counterfoil.jsonapi.parameter import PAGING, one_of
from counterfoil.jsonapi.route import Answer
from counterfoil.tokens import sought
from counterfoil.tokens.model import State
from counterfoil.tokens.preview import offer
from counterfoil.tokens.show import list_tokens
from counterfoil.web import crumbs, shell
from counterfoil.web.language import N_
from counterfoil.web.page import Nav, Page, Visit
from counterfoil.web.token_view import BADGES, Standing, TokenView

PATH: Final = "/tokens"
_TITLE: Final = N_("Personal Access Tokens")
_ALL: Final = "all"


def show(visit: Visit) -> Answer:
    """List one's own tokens, the newest first."""
    asked = visit.asked
    wanted = cursor.wanted(asked, PATH)
    state = None if asked.query.text("state") == _ALL else asked.query.one_of("state", State)
    with visit.read() as work:
        found = list_tokens(work, wanted, work.caller.user, _in(state))
        rows = [TokenView.of(one, work) for one in found.items]
        quota = offer(work)
    further = None
    if found.after is not None:
        after = cursor.sealed(asked, PATH, found.after)
        kept = {name: (value,) for name, value in asked.query.kept().items()}
        further = crumbs.address(PATH, {}, {**kept, "page[after]": (after,)})
    return visit.show(
        "tokens",
        rows=rows,
        total=found.total or 0,
        quota=quota,
        state=state,
        further=further,
        states=[(one, BADGES[Standing(one.value)]) for one in State],
    )


def _in(state: State | None) -> sought.Sought:
    return sought.ANY if state is None else sought.Sought((sought.Standing(state.value),))


PAGES: Final = (
    Page(
        "GET",
        PATH,
        show,
        _TITLE,
        operation="token.list",
        also=("token.offer",),
        query=(*PAGING, one_of("state", "Only tokens in this state.", (_ALL, *State))),
        nav=Nav(shell.DEVELOPMENT, _TITLE, "key", 10),
    ),
)
