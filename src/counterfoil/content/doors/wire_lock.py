"""Locks as they go out."""

from __future__ import annotations

from counterfoil.content.latch import Lock
from counterfoil.jsonapi.given import Given, Id, Instant, ToOne, to_one


class LockFacts(Given, frozen=True):
    """Since when it is locked, and until when if nobody renews or releases the lock."""

    taken_at: Instant
    ends_at: Instant


class LockHolder(Given, frozen=True):
    """Whose lock it is; null for a token that acts in nobody's name."""

    holder: ToOne


class LockTraces(Given, frozen=True):
    """With which credential it was taken, and what that was called."""

    held_with: Id | None
    token_name: str | None


class LockShown(Given, frozen=True, tag_field="type", tag="lock"):
    """A lock; its id is that of what it is on."""

    id: Id
    attributes: LockFacts
    relationships: LockHolder
    meta: LockTraces


def show_lock(lock: Lock) -> LockShown:
    """Describe a lock."""
    token = lock.holder.token
    return LockShown(
        id=str(lock.id),
        attributes=LockFacts(taken_at=lock.taken_at, ends_at=lock.ends_at),
        relationships=LockHolder(holder=to_one("user", lock.holder.user)),
        meta=LockTraces(
            held_with=None if token is None else str(token), token_name=lock.token_name
        ),
    )
