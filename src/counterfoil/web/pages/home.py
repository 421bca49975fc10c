"""Home: what there is to do next."""

from __future__ import annotations

from typing import Final

from counterfoil.access.scope import Scope
from counterfoil.jsonapi.route import Answer
from counterfoil.kernel.page import Wanted
from counterfoil.tokens.show import list_tokens
from counterfoil.web import shell
from counterfoil.web.language import N_
from counterfoil.web.page import Nav, Page, Visit
from counterfoil.web.views.token_view import Standing, TokenView

_FEW: Final = 5


def show(visit: Visit) -> Answer:
    """Show one's newest tokens, and where to begin."""
    with visit.read() as work:
        found = list_tokens(work, Wanted(_FEW), work.caller.user)
        newest = [TokenView.of(one, work) for one in found.items]
    waiting = [row for row in newest if row.standing is Standing.PENDING]
    return visit.show(
        "home",
        newest=newest,
        total=found.total or 0,
        waiting=waiting,
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
