"""Proofs about the audit trail: that an entry is in it, and that it goes on (R15)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from sqlalchemy import Connection

from counterfoil.access.scope import Scope
from counterfoil.audit.checkpoint import Checkpoint, tree_in
from counterfoil.audit.merkle import consistency, inclusion
from counterfoil.audit.read import Sought, one
from counterfoil.audit.record import VERSION
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
    """

    position: int
    entry: bytes
    path: list[bytes]
    checkpoint: Checkpoint


@operation("audit.prove", requires=Scope.AUDIT_READ, methods=ANY_CALLER, reads=True)
def receipt(work: Work, position: int, sign: Sign) -> Receipt:
    """Give the receipt of one entry of one's own organization.

    Raises:
        NotFound: if there is none at that position that the caller is told of.
    """
    work.permit()
    told = trail_told(work, Sought())
    body = one(work.tx, work.caller.organization, position, told)
    if body is None:
        raise NotFound(detail="There is no such entry.")
    signed = sign(work.tx)
    path = inclusion(position - 1, signed.size, tree_in(work.tx).at)
    return Receipt(position, body.removeprefix(VERSION), path, signed)


@operation("audit.checkpoint", requires=Scope.AUDIT_READ, methods=ANY_CALLER, reads=True)
def checkpoint(work: Work, sign: Sign, since: int | None) -> tuple[Checkpoint, list[bytes]]:
    """Sign the trail as it is; with `since`, prove that it goes on from so many entries.

    Raises:
        Malformed: if it has not that many.
    """
    work.permit()
    signed = sign(work.tx)
    if since is None:
        return signed, []
    if since > signed.size:
        told = sentence("There are %(count)s entries.", count=signed.size)
        raise Malformed(Code.INVALID_REQUEST, told, meta={"parameter": "since"})
    return signed, consistency(since, signed.size, tree_in(work.tx).at)
