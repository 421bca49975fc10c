"""Tells the office on another host what this one has decided, and forgets what the office has.

It tells what comes after the place up to which the office says that it has the journal, and nothing
is forgotten before the office has said so, signed, to the very question. So it does not matter
which of both is killed, or what of their talk is lost: what was not acknowledged is told again, and
the office knows by its place what it has already.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol

from counterfoil.feed.page import NONCE_BYTES, unsealed
from counterfoil.feed.report import Heard, Report
from counterfoil.gate.record.journal import Mark
from counterfoil.gate.record.shipping import Shipped, Shipping
from counterfoil.gateway.witness import Witness
from counterfoil.kernel.clock import Ticks
from counterfoil.kernel.entropy import Entropy
from counterfoil.runtime.signing import PublicKey

EVERY_S: Final = 0.5
"""How often it looks for what was decided."""
SILENCE_S: Final = 10.0
"""So long it says nothing where nothing was decided: the office is to know that nothing was."""
ROWS: Final = 1_000
NOTHING: Final[Shipped] = []


class Office(Protocol):
    """Who is told."""

    def report(self, report: Report, lines: bytes) -> bytes:
        """Return what it answers."""
        ...


class Courier:
    """Tells the journal of this host; one thread of one process does.

    Args:
        shipping: reads the journal.
        office: is told.
        key: under which it signs.
        entropy: where the word of each question comes from.
        ticks: seconds since this machine began.
        level: hears that the office has all that there was at a tick.
        witness: keeps what the office says of its audit trail.
    """

    def __init__(
        self,
        shipping: Shipping,
        office: Office,
        key: PublicKey,
        *,
        entropy: Entropy,
        ticks: Ticks,
        level: Callable[[float], None],
        witness: Witness,
    ) -> None:
        self._shipping = shipping
        self._office = office
        self._key = key
        self._entropy = entropy
        self._ticks = ticks
        self._level = level
        self._witness = witness
        self._known: Mark | None = None
        self._told_at = 0.0

    def turn(self) -> None:
        """Tell all that there is; where there is nothing, say so every so often.

        Raises:
            OSError, JournalError: the journal cannot be read, or is none that the office has.
            UnheardError: the office did not answer, or would not have it.
            ForgedError, UnknownEventError: what came is no answer of this office.
        """
        try:
            self._turn()
        except BaseException:
            self._known = None  # who comes next asks first up to where the office has it
            raise

    def _turn(self) -> None:
        journal = self._shipping.journal() or ""
        if self._known is None or self._known.journal != journal:
            self._known = self._tell(Mark(journal))
        while shipped := self._after(self._known):
            self._known = self._tell(self._known, shipped)
            if self._known != shipped[-1].after:
                return  # the office has it up to elsewhere: the next turn goes on from there
            self._shipping.forget(self._known)
        if self._ticks() - self._told_at >= SILENCE_S:
            self._known = self._tell(self._known)

    def _after(self, known: Mark) -> Shipped:
        return self._shipping.after(known, ROWS) if known.journal else []

    def _tell(self, known: Mark, shipped: Shipped = NOTHING) -> Mark:
        """Tell what was written after a place; return up to where the office has it then."""
        looked = self._ticks()
        left = self._shipping.left(shipped)
        nonce = self._entropy(NONCE_BYTES).hex()
        report = Report(nonce, *known, left=left)
        raw = self._office.report(report, b"".join(one.raw for one in shipped))
        heard = unsealed(raw, self._key, Heard, nonce)
        self._told_at = looked
        self._witness.look(heard.checkpoint)
        stands = Mark(known.journal, heard.position, heard.chain)
        if not left and stands == (shipped[-1].after if shipped else known):
            self._level(looked)
        return stands
