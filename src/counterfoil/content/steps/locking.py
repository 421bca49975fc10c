"""Steps around locks: whoever changes a thing asks here whether somebody else has it (Q14)."""

from __future__ import annotations

from typing import Any

from counterfoil.access.scope import Scope
from counterfoil.content.latch import Lock, Thing
from counterfoil.content.model import Hand, Node
from counterfoil.content.store import locks
from counterfoil.kernel.clock import spell_instant
from counterfoil.kernel.errors import Code, Conflict
from counterfoil.operation import Work


def lock_on(work: Work, thing: Thing, id_: int) -> Lock | None:
    """Return who has a thing to themselves; None if nobody has."""
    return locks.find(work.tx, work.caller.organization, thing, id_, work.now)


def require_unlocked(work: Work, thing: Thing, id_: int) -> None:
    """Return unless somebody else has it to themselves.

    Raises:
        Conflict: LOCKED, naming who.
    """
    lock = lock_on(work, thing, id_)
    if lock is not None and not lock.is_of(_hand(work)):
        raise _held(lock)


def require_unlocked_below(work: Work, node: Node) -> None:
    """Return unless somebody else has a node to themselves that stands under this one."""
    lock = locks.held_below(work.tx, node.organization, node.path, _hand(work), work.now)
    if lock is not None:
        raise _held(lock)


def take(work: Work, thing: Thing, id_: int) -> Lock:
    """Give the caller a thing to themselves, or some more time if they have it already."""
    require_unlocked(work, thing, id_)
    before = lock_on(work, thing, id_)
    lock = Lock(
        thing=thing,
        id=id_,
        holder=_hand(work),
        token_name=work.caller.token_name,
        taken_at=work.now if before is None else before.taken_at,
        ends_at=work.now + work.lock_life(),
    )
    locks.keep(work.tx, work.caller.organization, lock)
    return lock


def release(work: Work, thing: Thing, id_: int) -> None:
    """Give a thing back to everybody: its holder may, and who may set the policy.

    Raises:
        Conflict: LOCKED, for everybody else.
    """
    lock = lock_on(work, thing, id_)
    others = lock is not None and not lock.is_of(_hand(work))
    if lock is not None and others and not work.caller.grant.scopes & Scope.POLICY_MANAGE.bit:
        raise _held(lock)
    locks.drop(work.tx, work.caller.organization, thing, id_)


def _hand(work: Work) -> Hand:
    return Hand(work.caller.user, work.caller.token)


def _held(lock: Lock) -> Conflict:
    holder: dict[str, Any] = {
        "user": _text(lock.holder.user),
        "token": _text(lock.holder.token),
        "token_name": lock.token_name,
    }
    until = spell_instant(lock.ends_at)
    return Conflict(
        Code.LOCKED,
        f"Somebody else has locked it until {until}, or until they release it.",
        meta={"holder": holder, "taken_at": spell_instant(lock.taken_at), "ends_at": until},
    )


def _text(id_: int | None) -> str | None:
    return None if id_ is None else str(id_)
