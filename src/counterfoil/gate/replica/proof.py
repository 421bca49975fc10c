"""What a replica keeps to be compared by: the chain where it stands, and the tally of its books.

Both stand with the position and the generation that they are of. A program of an older release,
which knows nothing of them, moves the position alone: so what stands there is of another one, and
is not gone by. The chain is taken from the office anew then, and the books are counted anew.
"""

from __future__ import annotations

from enum import IntEnum
from struct import Struct
from typing import Final, NamedTuple

from counterfoil.feed.chain import CHAIN_BYTES, UNKNOWN
from counterfoil.gate.replica.tally import WORD
from counterfoil.gate.replica.txn import Database, Txn

_PROOF: Final = Struct(">Q16sQQ??32s")
"""position, generation | since, sum, is counted, is chained, chain"""
_DOUBT: Final = Struct(">16sB")
_PROOF_KEY: Final = b"proof 1"
_DOUBT_KEY: Final = b"doubt 1"


class Doubt(IntEnum):
    """Why a replica is not decided by."""

    NONE = 0
    FORKED = 1
    """It was told another history than the one that it knows."""
    DIFFERS = 2
    """What stands in it is not what it was told."""


class Proof(NamedTuple):
    """What can be compared.

    Attributes:
        chain: of the feed at the position of the replica; UNKNOWN if nobody has said it.
        sum: the tally, up to a number that is the same since position `since`.
        since: from which position on each row was added up.
        is_counted: whether it is the tally itself.
    """

    chain: bytes
    sum: int
    since: int
    is_counted: bool

    @property
    def tally(self) -> int | None:
        """The tally; None if the books were not counted yet."""
        return self.sum if self.is_counted else None


def read(txn: Txn, meta: Database, position: int, generation: bytes) -> Proof:
    """Return what stands there of a position and a generation."""
    raw = txn.get(_PROOF_KEY, None, meta)
    if raw is not None and len(raw) == _PROOF.size:
        at, of, since, total, is_counted, is_chained, chain = _PROOF.unpack(raw)
        if (at, of) == (position, generation):
            return Proof(chain if is_chained else UNKNOWN, total, since, is_counted)
    return Proof(UNKNOWN, 0, position, is_counted=False)


def write(txn: Txn, meta: Database, position: int, generation: bytes, proof: Proof) -> None:
    """Write it down."""
    chain = proof.chain or bytes(CHAIN_BYTES)
    value = _PROOF.pack(
        position,
        generation,
        proof.since,
        proof.sum & WORD,
        proof.is_counted,
        bool(proof.chain),
        chain,
    )
    txn.put(_PROOF_KEY, value, db=meta)


def doubt(txn: Txn, meta: Database, generation: bytes, why: Doubt) -> None:
    """Write down that what was built as this generation is not to be decided by."""
    txn.put(_DOUBT_KEY, _DOUBT.pack(generation, why), db=meta)


def doubted(txn: Txn, meta: Database, generation: bytes) -> Doubt:
    """Return why what was built as this generation is not decided by; NONE if it is."""
    raw = txn.get(_DOUBT_KEY, None, meta)
    if raw is None or len(raw) != _DOUBT.size:
        return Doubt.NONE
    of, why = _DOUBT.unpack(raw)
    return Doubt(why) if of == generation else Doubt.NONE
