"""Somebody has just signed in at the pages, in one of their languages."""

from __future__ import annotations

from counterfoil import directory
from counterfoil.runtime.witness import NOBODY
from counterfoil.signin.doors import cookie
from counterfoil.signin.steps.visit import formerly
from counterfoil.web.page import Visit


def arrived(visit: Visit, ticket: str) -> str:
    """Return the cookie of a new session; who has chosen no language yet reads in the page's."""
    office = visit.asked.office
    who = formerly(office, ticket)
    if who is not None:
        with office.database.transaction(NOBODY, spare=True) as tx:
            directory.begin_language(tx, who.user, visit.language)
    return cookie.given(visit.asked, ticket)["Set-Cookie"]
