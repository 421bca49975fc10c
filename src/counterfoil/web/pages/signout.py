"""Signing out, which ends every session of the person, at every client."""

from __future__ import annotations

from typing import Final

from counterfoil.jsonapi.route import Answer
from counterfoil.kernel.ids import TokenId
from counterfoil.signin.doors import browser, cookie
from counterfoil.signin.login import logout
from counterfoil.web.language import N_
from counterfoil.web.page import Page, Visit


def leave(visit: Visit) -> Answer:
    """Sign out."""
    with visit.work() as work:
        logout(work, visit.caller.token or TokenId(0))
    return visit.go("/signed-out", cookies=(cookie.taken(visit.asked)["Set-Cookie"],))


def show(visit: Visit) -> Answer:
    """Say that nobody is signed in here any more; who is, goes home."""
    return visit.go("/") if visit.signed_in else visit.show("signout")


PAGES: Final = (
    Page("POST", "/signout", leave, N_("Sign out"), programs=browser.SIGN_OUT),
    Page("GET", "/signed-out", show, N_("Signed out"), public=True),
)
