"""Home: what there is to do next."""

from __future__ import annotations

from typing import Final

from counterfoil.access.scope import Scope
from counterfoil.jsonapi.route import Answer
from counterfoil.kernel.page import Wanted
from counterfoil.tokens.show import list_tokens
from counterfoil.tokens.sought import Sought, Standing
from counterfoil.web import shell
from counterfoil.web.language import N_
from counterfoil.web.page import Nav, Page, Visit
from counterfoil.web.views.token_view import TokenView

_FEW: Final = 5
_WAITING: Final = Sought((Standing.PENDING,))
_LIVING: Final = Sought((Standing.PENDING, Standing.ACTIVE, Standing.DISABLED))


def show(visit: Visit) -> Answer:
    """Show the newest of one's tokens that live, and where to begin."""
    with visit.read() as work:
        found = list_tokens(work, Wanted(_FEW), work.caller.user, _LIVING)
        newest = TokenView.all_of(found.items, work)
        waiting = list_tokens(work, Wanted(1), work.caller.user, _WAITING)
    return visit.show(
        "home",
        newest=newest,
        total=found.total or 0,
        waiting=waiting.total or 0,
        approves=bool(visit.caller.grant.scopes & Scope.TOKENS_APPROVE.bit),
    )


PAGES: Final = (
    Page(
        "GET",
        "/",
        show,
        N_("Home"),
        operation="token.list",
        nav=Nav(shell.TOP, N_("Home"), "home", 0),
    ),
)
