"""Every token of the organization ends at once: how many there are, why, and the button."""

from __future__ import annotations

from typing import Final

from counterfoil.jsonapi.route import Answer
from counterfoil.tokens.revoke_all import count_tokens, revoke_tokens
from counterfoil.web.language import N_
from counterfoil.web.page import Page, Visit
from counterfoil.web.views import stopped

_PATH: Final = "/policy/revoke-tokens"
_TITLE: Final = N_("Revoke every token")
_DONE: Final = N_("Every token of the organization is revoked: each answers 401 from now on.")
_LATE: Final = N_("Every token of the organization is revoked.")


def ask(visit: Visit) -> Answer:
    """Say how many tokens would end, of each kind."""
    with visit.read() as work:
        toll = count_tokens(work)
    return visit.show("revocation", toll=toll)


def stop(visit: Visit) -> Answer:
    """Revoke every token that was made up to now."""
    with visit.work() as work:
        revoke_tokens(work, visit.form.text("reason"))
    return visit.go("/policy", *stopped.told(visit, work, _DONE, _LATE))


PAGES: Final = (
    Page("GET", _PATH, ask, _TITLE, operation="organization.count_tokens"),
    Page(
        "POST",
        _PATH,
        stop,
        _TITLE,
        operation="organization.revoke_tokens",
        also=("organization.count_tokens",),
        form=ask,
    ),
)
