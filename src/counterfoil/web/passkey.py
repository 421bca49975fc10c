"""Passkeys at a page: where they count, and what a browser's script is told to have signed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import msgspec

from counterfoil.jsonapi.fault import status_of
from counterfoil.jsonapi.route import Answer
from counterfoil.kernel.errors import Code, CounterfoilError, Malformed
from counterfoil.signin.doors import cookie
from counterfoil.signin.doors.address import site
from counterfoil.signin.steps.question import Asked, Browser
from counterfoil.web.page import Visit

CREDENTIAL: Final = "credential"
"""The field in which a form carries what a browser has signed or made."""

_HEADERS: Final = {"Content-Type": "application/json", "Cache-Control": "no-store"}


def browser(visit: Visit) -> Browser:
    """Return the browser that stands here.

    Raises:
        Malformed: where this server is called by an address and by no name.
    """
    here = site(visit.asked)
    if here is None:
        raise Malformed(
            Code.INVALID_REQUEST,
            "Passkeys work where this server is called by a name: its https address, or localhost.",
        )
    return Browser(here, cookie.browser_presented(visit.asked))


def asked(visit: Visit, ask: Callable[[Browser], Asked]) -> Answer:
    """Answer the script: what is to be signed, or a sentence that says why nothing is."""
    try:
        told = ask(browser(visit))
    except CounterfoilError as error:
        body = msgspec.json.encode({"detail": visit.explain(error)})
        return Answer(status_of(error.code), body, _HEADERS)
    given = cookie.browser_given(visit.asked, told.ticket)["Set-Cookie"]
    return Answer(200, told.options, _HEADERS, cookies=(given,))
