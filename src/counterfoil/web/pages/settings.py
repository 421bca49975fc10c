"""Settings: one's own profile, security and language, and the way to one's tokens."""

from __future__ import annotations

from typing import Final

from counterfoil.jsonapi.route import Answer
from counterfoil.web.language import N_
from counterfoil.web.page import Page, Visit


def show(visit: Visit) -> Answer:
    """Show who one is here, and what one may change."""
    return visit.show("settings", authenticated_at=visit.caller.authenticated_at)


def tokens(visit: Visit) -> Answer:
    """Lead to the one list there is: the vendors' two paths end at the same page."""
    return visit.go("/tokens")


PAGES: Final = (
    Page("GET", "/settings", show, N_("Settings")),
    Page("GET", "/settings/tokens", tokens, N_("Personal access tokens")),
)
