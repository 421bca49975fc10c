"""Steps that change a token of any kind: what it is called, when it ends, whether it is on."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from msgspec import UnsetType

from counterfoil.kernel.errors import Code, Conflict
from counterfoil.notices import Kind as Told
from counterfoil.operation import Work
from counterfoil.tokens import policy
from counterfoil.tokens.model import State, Token
from counterfoil.tokens.steps.notify import told_taken
from counterfoil.tokens.steps.record import put
from counterfoil.tokens.wish import Wish


def retitled(work: Work, token: Token, wish: Wish) -> Token:
    """Return the token with the wanted name, description and end: what never widens it."""
    return replace(
        token,
        name=token.name if isinstance(wish.name, UnsetType) else policy.named(wish.name),
        description=token.description
        if isinstance(wish.description, UnsetType)
        else policy.remark(wish.description, "description"),
        expires_at=_end(token, wish, work.now),
    )


def settled(work: Work, before: Token, after: Token) -> Token:
    """Write what an edit came to; one that changes nothing writes nothing."""
    if replace(after, version=before.version) == before:
        return before
    return put(work, before, replace(after, version=before.version + 1))


def switch(work: Work, token: Token, *, on: bool) -> Token:
    """Switch a token on or off in the caller's organization; a token that already is, stays.

    Who switches off what its owner had switched off takes it out of the owner's hands (A24).
    """
    here = work.caller.organization
    grant = token.changeable(here, work.now)
    if grant.state is State.PENDING:
        raise Conflict(
            Code.CONFLICT, "The token waits for approval: approve, deny or withdraw the request."
        )
    by = work.caller.user
    taken_over = not on and token.owner is not None and grant.disabled_by == token.owner != by
    if on is (grant.state is State.ACTIVE) and not taken_over:
        return token
    if not on:
        told_taken(work, Told.TOKEN_DISABLED, token, here)
    after = token.enabled(here) if on else token.disabled(here, by)
    return put(work, token, after)


def _end(token: Token, wish: Wish, now: datetime) -> datetime | None:
    if isinstance(wish.expires_at, UnsetType):
        return token.expires_at
    return policy.ends_earlier(token.expires_at, wish.expires_at, now)
