"""What goes on record of a token that is made or changes: whatever of it can be edited (X2).

It is what the token is in the organization where that is done; what it may do in others is not for
this one's trail. Secrets, digests and hints are not among it.
"""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Final

from counterfoil.access.roots import Roots
from counterfoil.access.surface import spell_surfaces
from counterfoil.audit.changes import Facts, Told
from counterfoil.kernel.clock import spell_instant
from counterfoil.kernel.ids import Prefix, spell
from counterfoil.operation import Work
from counterfoil.tokens.bounds import Bounds
from counterfoil.tokens.model import Token, TokenGrant

_SUBJECTS: Final = {"user": Prefix.USER, "role": Prefix.ROLE, "token": Prefix.TOKEN}


def tell_change(work: Work, before: Token | None, after: Token, of: str | None = None) -> None:
    """Have on record what becomes of a token, where that is what is done.

    Args:
        work: that of the operation.
        before: what it was; None for a new one.
        after: what it is now.
        of: what it is done on, if that is not the token itself: the request for it.
    """
    target = of or spell(Prefix.TOKEN, after.id)
    work.changed(target, partial(_told, work, before, after))


def _told(work: Work, before: Token | None, after: Token) -> Told:
    was, now = _here(work, before), _here(work, after)
    scopes = _scopes(work, was.bounds if was else None, now.bounds if now else None)
    return {**_facts(before, was), **scopes[0]}, {**_facts(after, now), **scopes[1]}


def _here(work: Work, token: Token | None) -> TokenGrant | None:
    """Return what a token is here; None if it is not, or not yet."""
    grants = () if token is None else token.grants
    return next((one for one in grants if one.organization == work.caller.organization), None)


def _facts(token: Token | None, grant: TokenGrant | None) -> Facts:
    if token is None or grant is None:
        return {}
    kind, bounds = _SUBJECTS.get(token.authority), grant.bounds
    rate, where = bounds.conditions.rate, bounds.conditions.networks
    return {
        "name": token.name,
        "description": token.description or None,
        "expires_at": _instant(token.expires_at),
        "reminders": tuple(str(days) for days in sorted(token.reminders)),
        "authority": token.authority,
        "subject": spell(kind, token.subject) if kind and token.subject else None,
        "state": str(grant.standing),
        "roots": _roots(bounds.roots),
        "surfaces": spell_surfaces(bounds.surfaces),
        "ip_ranges": None if where is None else where.spelled,
        "rate_limit": None if rate is None else f"{rate.requests} / {rate.seconds} s",
        "not_before": _instant(bounds.conditions.not_before),
    }


def _scopes(work: Work, before: Bounds | None, after: Bounds | None) -> tuple[Facts, Facts]:
    """Tell scopes that become others: only for those it must be found out how they are spelled."""
    if before and after and before.scopes == after.scopes:
        return {}, {}
    words = work.vocabulary()
    was, now = (
        {}
        if bounds is None
        else {
            "scope_mode": "inherit" if bounds.scopes is None else "explicit",
            "scopes": None if bounds.scopes is None else words.name(bounds.scopes),
        }
        for bounds in (before, after)
    )
    return was, now


def _roots(roots: Roots) -> tuple[str, ...] | None:
    return None if roots is None else tuple(spell(Prefix.NODE, root) for root in sorted(roots))


def _instant(at: datetime | None) -> str | None:
    return None if at is None else spell_instant(at)
