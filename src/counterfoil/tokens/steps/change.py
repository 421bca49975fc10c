"""Steps that change a token of any kind: what it is called, when it ends, whether it is on."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from msgspec import UnsetType

from counterfoil.kernel.errors import Code, Conflict, Invalid
from counterfoil.notices import Facts
from counterfoil.notices import Kind as Told
from counterfoil.operation import Work
from counterfoil.tokens import policy
from counterfoil.tokens.bounds import Bounds
from counterfoil.tokens.model import REMINDERS, State, Token
from counterfoil.tokens.steps.notify import told_taken
from counterfoil.tokens.steps.record import put
from counterfoil.tokens.wish import Wish


def retitled(work: Work, token: Token, wish: Wish) -> Token:
    """Return the token with the wanted name, description, end and reminders: none widens it."""
    return replace(
        token,
        name=token.name if isinstance(wish.name, UnsetType) else policy.named(wish.name),
        description=token.description
        if isinstance(wish.description, UnsetType)
        else policy.remark(wish.description, "description"),
        expires_at=_end(token, wish, work.now),
        reminders=chosen_reminders(wish, token.reminders),
    )


def chosen_reminders(wish: Wish, before: frozenset[int] = REMINDERS) -> frozenset[int]:
    """Return how many days before its end a token's owner is told: what is not said stays.

    Raises:
        Invalid: INVALID_FIELD for a number that is none of `REMINDERS`.
    """
    if isinstance(wish.reminders, UnsetType):
        return before
    if not wish.reminders <= REMINDERS:
        raise Invalid(
            Code.INVALID_FIELD,
            "Its owner is reminded 30 days, 7 days and 1 day before it ends.",
            field="/data/attributes/reminders",
        )
    return wish.reminders


def require_start(bounds: Bounds, ends_at: datetime | None, field: str = "not_before") -> None:
    """Return if a token works for a while before it ends.

    Raises:
        Invalid: INVALID_FIELD, pointing at this attribute.
    """
    starts_at = bounds.conditions.not_before
    if starts_at is not None and ends_at is not None and starts_at >= ends_at:
        raise Invalid(
            Code.INVALID_FIELD,
            "A token begins to work before it ends.",
            field=f"/data/attributes/{field}",
        )


def require_life(wish: Wish, bounds: Bounds, ends_at: datetime | None) -> None:
    """Return if an edit leaves a time in which the token works.

    Who says nothing of either end is not held to it: a policy may have moved one meanwhile.
    """
    if not isinstance(wish.not_before, UnsetType):
        require_start(bounds, ends_at)
    elif not isinstance(wish.expires_at, UnsetType):
        require_start(bounds, ends_at, "expires_at")


def settled(work: Work, before: Token, after: Token) -> Token:
    """Write what an edit came to; one that changes nothing writes nothing."""
    if replace(after, version=before.version) == before:
        return before
    return put(work, before, replace(after, version=before.version + 1))


def switch(work: Work, token: Token, *, on: bool, idle_days: int | None = None) -> Token:
    """Switch a token on or off in the caller's organization; a token that already is, stays.

    Who switches off what its owner had switched off takes it out of the owner's hands (A24). What
    nobody used for so many `idle_days` is switched off by nobody, and its holder is told why.
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
        why: Facts = {} if idle_days is None else {"idle_days": idle_days}
        told_taken(work, Told.TOKEN_DISABLED, token, here, why)
    after = token.enabled(here, work.now) if on else token.disabled(here, by)
    return put(work, token, after)


def _end(token: Token, wish: Wish, now: datetime) -> datetime | None:
    if isinstance(wish.expires_at, UnsetType):
        return token.expires_at
    return policy.ends_earlier(token.expires_at, wish.expires_at, now)
