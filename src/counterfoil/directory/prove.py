"""Proofs about the audit trail: that an entry is in it, and that it goes on (R15)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from sqlalchemy import Connection

from counterfoil.access.caller import Caller, Method
from counterfoil.access.scope import Scope
from counterfoil.audit.checkpoint import Checkpoint, tree_in
from counterfoil.audit.merkle import consistency, inclusion
from counterfoil.audit.read import Sought, one
from counterfoil.audit.record import VERSION, read
from counterfoil.directory.steps.bounded import trail_told
from counterfoil.kernel.errors import Code, Malformed, NotFound
from counterfoil.kernel.sentence import sentence
from counterfoil.operation import ANY_CALLER, Work, operation

Sign: TypeAlias = Callable[[Connection], Checkpoint]
"""Signs the trail as it is in one state of the database."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What proves to anybody that an entry is in the trail, as it was written.

    Attributes:
        position: the entry's; its leaf is the one before, as leaves are counted from 0.
        entry: its canonical JSON.
        path: the hashes beside the way from its leaf to the root.
        checkpoint: that root, signed.
        since: from how many entries on it is proved that the trail went on; None of none.
        goes_on: the hashes that prove it.
    """

    position: int
    entry: bytes
    path: list[bytes]
    checkpoint: Checkpoint
    since: int | None
    goes_on: list[bytes]


@operation("audit.prove", requires=Scope.AUDIT_READ, methods=ANY_CALLER, owner=True, reads=True)
def receipt(work: Work, position: int, sign: Sign, since: int | None = None) -> Receipt:
    """Give the receipt of one entry of one's own organization.

    Whoever did what it says needs no scope for it: a person who is signed in, or the very token.
    With `since`, it proves too that the trail went on from so many entries.

    Raises:
        Malformed: if it has not that many.
        NotFound: if there is none at that position that the caller is told of.
    """
    organization = work.caller.organization
    body = one(work.tx, organization, position, Sought())
    if body is None or not _is_theirs(work.caller, body):
        work.permit()
        body = one(work.tx, organization, position, trail_told(work, Sought()))
    else:
        work.permit(owner=work.caller.user)
    if body is None:
        raise NotFound(detail="There is no such entry.")
    signed = sign(work.tx)
    path = inclusion(position - 1, signed.size, tree_in(work.tx).at)
    goes_on = _goes_on(work, signed, since)
    return Receipt(position, body.removeprefix(VERSION), path, signed, since, goes_on)


def _is_theirs(caller: Caller, body: bytes) -> bool:
    """Say whether a caller did what an entry says; a token is told of no other deed of its user."""
    told = read(body)
    if told is None or caller.user is None or told.user_id != caller.user:
        return False
    return caller.method is Method.SESSION or told.token_id == caller.token


@operation("audit.checkpoint", requires=Scope.AUDIT_READ, methods=ANY_CALLER, reads=True)
def checkpoint(work: Work, sign: Sign, since: int | None) -> tuple[Checkpoint, list[bytes]]:
    """Sign the trail as it is; with `since`, prove that it goes on from so many entries.

    Raises:
        Malformed: if it has not that many.
    """
    work.permit()
    signed = sign(work.tx)
    return signed, _goes_on(work, signed, since)


def _goes_on(work: Work, signed: Checkpoint, since: int | None) -> list[bytes]:
    """Return what proves that a trail went on from so many entries.

    Raises:
        Malformed: if it has not that many.
    """
    if since is None:
        return []
    if since > signed.size:
        told = sentence("There are %(count)s entries.", count=signed.size)
        raise Malformed(Code.INVALID_REQUEST, told, meta={"parameter": "since"})
    return consistency(since, signed.size, tree_in(work.tx).at)
