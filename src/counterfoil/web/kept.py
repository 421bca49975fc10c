"""What somebody typed, while a provider asks them who they are: kept in their own browser.

A password or a passkey goes along with the form; who is sent to a provider comes back by an address
alone. So what they typed waits in a cookie for ten minutes, sealed for this person and for where it
was to be sent. What is secret in a form was taken out before, and what is longer than a cookie may
be is not kept.

Whose session is over by then typed it in that session: so it is sealed for them, and another person
who signs in at the same browser finds nothing.
"""

from __future__ import annotations

import zlib
from datetime import datetime, timedelta
from typing import Final

import msgspec

from counterfoil.jsonapi import cursor
from counterfoil.kernel.errors import Denied, Malformed
from counterfoil.kernel.ids import OrganizationId, UserId
from counterfoil.signin.doors import cookie
from counterfoil.signin.steps.visit import formerly
from counterfoil.web import crumbs
from counterfoil.web.form import require_ours
from counterfoil.web.page import Visit

PATH: Final = "/again/form"
LIFE: Final = timedelta(minutes=10)

_NAME: Final = "kept"
_CHARS: Final = 3_600
"""Of the 4,096 bytes that a browser keeps of a cookie with its name and flags (RFC 6265 §6.1)."""


class Kept(msgspec.Struct, frozen=True):
    """A form on its way: where it goes, what was typed, and until when it waits."""

    action: str
    fields: list[tuple[str, str]]
    until: datetime


def given(visit: Visit) -> str:
    """Return the cookie that keeps the form of a visit; empty if there is nothing that it could."""
    form = visit.form.without(visit.page.secrets)
    whose = _whose(visit) if visit.signed_in else _formerly(visit)
    if not whose or not form.kept:
        return ""
    sealed = seal(
        visit.asked.office.cursor_key, whose, Kept(visit.here, form.kept, visit.now + LIFE)
    )
    if len(sealed) > _CHARS:
        return ""
    return crumbs.given(visit.asked, _NAME, sealed, int(LIFE.total_seconds()))


def seal(key: bytes, whose: str, kept: Kept) -> str:
    """Return what stands in the cookie."""
    return cursor.seal(key, whose, zlib.compress(msgspec.json.encode(kept), 9))


def waiting(visit: Visit) -> Kept | None:
    """Return what the person typed before; None if it is gone, or was somebody else's."""
    sealed = crumbs.read(visit.asked, _NAME)
    try:
        raw = cursor.unseal(visit.asked.office.cursor_key, _whose(visit), sealed)
        kept = msgspec.json.decode(zlib.decompress(raw), type=Kept)
    except (Malformed, zlib.error, msgspec.DecodeError):
        return None
    return kept if visit.now < kept.until else None


def _whose(visit: Visit) -> str:
    return named(visit.caller.user, visit.caller.organization)


def named(user: UserId | None, organization: OrganizationId) -> str:
    """Return what a form is sealed for: somebody, where they act."""
    return f"kept {organization}.{user}"


def _formerly(visit: Visit) -> str:
    """Return whose a form is that came when their session was over; empty if that is not known."""
    ticket = cookie.presented(visit.asked)
    try:
        require_ours(visit.form, ticket)
    except Denied:
        return ""
    found = formerly(visit.asked.office, ticket)
    if found is None:
        return ""
    last = crumbs.acted(visit.asked)
    there = found if last is None or last.user != found.user else last
    return named(there.user, there.organization)
