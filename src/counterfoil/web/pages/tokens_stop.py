"""Deleting all of one's own tokens in one action: a laptop is gone, or an account was open."""

from __future__ import annotations

from typing import Final

from counterfoil.jsonapi.route import Answer
from counterfoil.kernel.page import LARGEST, Wanted
from counterfoil.tokens.revoke import revoke_mine
from counterfoil.tokens.show import list_tokens
from counterfoil.tokens.sought import Key, Order, Sought, Standing
from counterfoil.web.language import N_
from counterfoil.web.page import Page, Visit
from counterfoil.web.pages.tokens import rows_of
from counterfoil.web.views import stopped

_PATH: Final = "/tokens/delete-all"
_TITLE: Final = N_("Delete all tokens")
_DONE: Final = N_("Your tokens are revoked: each answers 401 from now on.")
_LATE: Final = N_("Your tokens are revoked.")
_LIVE: Final = Sought((Standing.PENDING, Standing.ACTIVE, Standing.DISABLED))
_USED_LAST: Final = Order(Key.LAST_USED_AT, descending=True)


def ask(visit: Visit) -> Answer:
    """Say which tokens would stop, what was used last first."""
    with visit.read() as work:
        found = list_tokens(work, Wanted(LARGEST), visit.caller.user, _LIVE, _USED_LAST)
        rows = rows_of(work, found.items)
    if not rows:
        return visit.go("/tokens")
    total = found.total or 0
    return visit.show("tokens_stop", rows=rows, total=total, more=total - len(rows))


def stop(visit: Visit) -> Answer:
    """Revoke every personal token of one's own that is in force here."""
    with visit.work() as work:
        revoke_mine(work)
    return visit.go("/tokens", *stopped.told(visit, work, _DONE, _LATE))


PAGES: Final = (
    Page("GET", _PATH, ask, _TITLE, operation="token.list"),
    Page("POST", _PATH, stop, _TITLE, operation="token.revoke_mine"),
)
