"""Coming in by a link that the operator handed over.

What lets one in stands behind the `#`, which browsers send to nobody. A script puts it into the
form, and takes it out of the address; nothing is used up before somebody presses the button.
"""

from __future__ import annotations

from typing import Final

from counterfoil.jsonapi.route import Answer
from counterfoil.signin.doors import cookie
from counterfoil.signin.enter import come_in
from counterfoil.web.language import N_
from counterfoil.web.page import Page, Visit

_PATH: Final = "/enter"
_TITLE: Final = N_("Come in")


def show(visit: Visit) -> Answer:
    """Show the button."""
    return visit.show("enter")


def enter(visit: Visit) -> Answer:
    """Sign in whoever holds the link."""
    asked = visit.asked
    ticket = come_in(
        asked.office,
        visit.form.text("code").strip(),
        asked.origin,
        cookie.presented(asked),
        language=visit.language,
    )
    return visit.leave("/", cookies=(cookie.given(asked, ticket)["Set-Cookie"],))


PAGES: Final = (
    Page("GET", _PATH, show, _TITLE, public=True),
    Page(
        "POST",
        _PATH,
        enter,
        _TITLE,
        operation="signin.enter",
        public=True,
        form=show,
        secrets=("code",),
    ),
)
