"""Where a replica stands: up to which position it knows the books, and what proves it right."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from struct import Struct
from typing import Final, NamedTuple

from counterfoil.feed.codec import VERSION
from counterfoil.feed.stands import Stands, Tally
from counterfoil.gate.marker import boot_id
from counterfoil.gate.replica import proof
from counterfoil.gate.replica.books import LAYOUT
from counterfoil.gate.replica.environment import MAP_BYTES, Environment
from counterfoil.gate.replica.proof import Doubt, Proof
from counterfoil.gate.replica.tally import counted
from counterfoil.gate.replica.txn import Database, Txn
from counterfoil.kernel.entropy import Entropy, system_entropy

FORM: Final = LAYOUT << 8 | VERSION
"""Of rows that are handed on: what may stand in them is a matter of the wire, too."""

_STATE: Final = Struct(">QQ16s")
"""epoch, position | generation"""
_STATE_KEY: Final = b"state %d" % LAYOUT
_PREFIX_KEY: Final = b"prefix"
_ADDRESS_KEY: Final = b"address"


class Place(NamedTuple):
    """Where a replica stands, and what it can be compared by there.

    Attributes:
        generation: random, new at each rebuild.
    """

    epoch: int
    position: int
    proof: Proof
    generation: bytes = b""

    @property
    def form(self) -> int:
        """In which form the rows can be handed on; 0 if they were not counted yet."""
        return 0 if self.proof.tally is None else FORM

    def stands(self) -> Stands:
        """Return what is said of it to whoever compares."""
        tally = self.proof.tally
        return Stands(self.proof.chain, None if tally is None else Tally(LAYOUT, tally))


def place_in(txn: Txn, meta: Database) -> Place:
    """Return where books stand, given the one with the words about them."""
    epoch, position, generation = _state_in(txn, meta)
    return Place(epoch, position, proof.read(txn, meta, position, generation), generation)


def _state_in(txn: Txn, meta: Database) -> tuple[int, int, bytes]:
    epoch, position, generation = _STATE.unpack(txn.get(_STATE_KEY, b"", db=meta))
    return epoch, position, generation


class Standing(Environment):
    """What this process sees of a replica.

    Args:
        path: a directory on a local disk.
        map_bytes: how large it may grow at first; it grows beyond that on its own.
        boot: what names this run of the kernel.
        entropy: where the generation comes from.
    """

    def __init__(
        self,
        path: Path,
        *,
        map_bytes: int = MAP_BYTES,
        boot: Callable[[], str] = boot_id,
        entropy: Entropy = system_entropy,
    ) -> None:
        super().__init__(path, map_bytes=map_bytes, boot=boot)
        self._entropy = entropy
        self.write(self._christen)

    # -- where it stands -------------------------------------------------------------------

    def position(self) -> int:
        """Return up to which position the replica has followed."""
        return self._state()[1]

    def epoch(self) -> int:
        """Return the epoch of the database it was built from; 0 if it was never built."""
        return self._state()[0]

    def generation(self) -> bytes:
        """Return the replica's generation: random, new at each rebuild."""
        return self._state()[2]

    def place(self) -> Place:
        """Return where it stands and by what it is compared, all of one state."""
        return self.read(lambda txn: place_in(txn, self.books.meta))

    def doubted(self) -> Doubt:
        """Return why nothing is to be decided by it until it is built anew; NONE as a rule."""
        return self.read(self._doubted_in)

    def doubt(self, why: Doubt) -> None:
        """Have nothing taken in, and nothing decided, until it is built anew."""
        self.write(lambda txn: proof.doubt(txn, self.books.meta, self._state_in(txn)[2], why))

    def _doubted_in(self, txn: Txn) -> Doubt:
        return proof.doubted(txn, self.books.meta, self._state_in(txn)[2])

    def _proof_in(self, txn: Txn, position: int, generation: bytes) -> Proof:
        return proof.read(txn, self.books.meta, position, generation)

    def is_quarantined(self) -> bool:
        """Say whether nothing verifies, for the database was restored."""
        return self.read(self.books.is_quarantined)

    def prefix(self) -> str:
        """Return how the tokens of the installation begin; empty if nobody has said so yet."""
        return bytes(self.read(lambda txn: txn.get(_PREFIX_KEY, b"", self.books.meta))).decode()

    def address(self) -> str:
        """Return the base URL of the office; empty if it has none, or nobody has said so yet."""
        return bytes(self.read(lambda txn: txn.get(_ADDRESS_KEY, b"", self.books.meta))).decode()

    def call(self, prefix: str, address: str = "") -> None:
        """Say how the tokens of the installation begin, and where the office is reached.

        There are gates that know it from nowhere else.
        """
        if (self.prefix(), self.address()) != (prefix, address):
            self.write(lambda txn: self._named(txn, prefix, address))

    def _named(self, txn: Txn, prefix: str, address: str) -> None:
        txn.put(_PREFIX_KEY, prefix.encode(), db=self.books.meta)
        txn.put(_ADDRESS_KEY, address.encode(), db=self.books.meta)

    def _state(self) -> tuple[int, int, bytes]:
        return self.read(self._state_in)

    def _state_in(self, txn: Txn) -> tuple[int, int, bytes]:
        return _state_in(txn, self.books.meta)

    def _move(
        self, txn: Txn, epoch: int, position: int, generation: bytes, what: Proof | None = None
    ) -> None:
        txn.put(_STATE_KEY, _STATE.pack(epoch, position, generation), db=self.books.meta)
        if what is not None:
            proof.write(txn, self.books.meta, position, generation, what)

    def _christen(self, txn: Txn) -> None:
        if txn.get(_STATE_KEY, db=self.books.meta) is None:
            self._move(txn, 0, 0, self._entropy(16))

    # -- whether what stands in it is what it was told ---------------------------------------

    def count(self, rest: Callable[[], object]) -> bool | None:
        """Count the books; return whether they are as they were kept, None if they changed.

        What was never counted is, from now on. What is not as it was kept is doubted. It is read
        in pieces, of which none is held for long: so nobody waits for a reader.

        Args:
            rest: is called after each piece.
        """
        place, total = self.place(), counted(self.read, self.books, rest)
        kept = place.proof
        if total is None or self.place() != place:
            return None
        if kept.is_counted and kept.sum == total:
            return True
        return self.write(lambda txn: self._settle(txn, place, total))

    def _settle(self, txn: Txn, place: Place, total: int) -> bool | None:
        if place_in(txn, self.books.meta) != place:
            return None
        epoch, position, kept, generation = place
        if kept.is_counted:
            proof.doubt(txn, self.books.meta, generation, Doubt.DIFFERS)
            return False
        right = kept._replace(sum=total, is_counted=True)
        self._move(txn, epoch, position, generation, right)
        return True
