"""A journal on one host, an office on another, and a line between them that loses things."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from sqlalchemy import Connection

from counterfoil.feed.page import PURPOSE
from counterfoil.feed.report import Report
from counterfoil.gate.record.decided import Counted, Decided, Exposed
from counterfoil.gate.record.shipping import Shipping
from counterfoil.gate.record.usage import Counts, Outcome, Seens
from counterfoil.gates.model import Gate
from counterfoil.gates.receive import Receiver
from counterfoil.gates.store import rows as gates
from counterfoil.gates.turns import Turns
from counterfoil.gateway.courier import Courier
from counterfoil.gateway.witness import Witness
from counterfoil.kernel.clock import Clock
from counterfoil.kernel.ids import GateId
from counterfoil.runtime.database import Database
from counterfoil.runtime.signing import Signer
from support.decisions import folder_in
from support.far import DIGEST, KEY, Seconds
from support.gate import ACME, BASE
from support.office import START, StandingClock
from support.trail import bodies

GATE = GateId(BASE)
Fate = Literal["through", "deaf", "mute", "forged"]


NONCE = "0" * 32
COUNT = Counted(ACME, BASE + 7, b"", Outcome.ALLOWED, "curl/8", "192.0.2.0/24", 3, 2.5, 1.0)


class LostError(Exception):
    """What was sent or answered is lost."""


def uncounted(_tx: Connection, _counts: Counts, _seen: Seens) -> None:
    """Count nothing."""


def unexposed(_told: Exposed, _by: str = "") -> None:
    """Tell nobody."""


def trusted(_tx: Connection, told: Sequence[Decided]) -> list[bool]:
    """Hold nothing against the books."""
    return [True] * len(told)


def enrolled(
    database: Database, id_: int = GATE, name: str = "eu-1", digest: bytes = DIGEST
) -> None:
    """Let a gate be known."""
    with database.transaction() as tx:
        gates.add(tx, Gate(GateId(id_), name, START), digest)


def receiver_on(
    database: Database,
    clock: Clock | None = None,
    count: Callable[[Connection, Counts, Seens], None] = uncounted,
    vouch: Callable[[Connection, Sequence[Decided]], list[bool]] = trusted,
    turns: Turns | None = None,
    *,
    expose: Callable[[Exposed, str], None] = unexposed,
) -> Receiver:
    """Open what takes in what gates tell."""
    signer = Signer(PURPOSE, KEY)
    return Receiver(
        database,
        signer,
        clock or StandingClock(),
        vouch=vouch,
        count=count,
        expose=expose,
        turns=turns,
    )


@dataclass
class Line:
    """Carries report to an office, and answers back, as it is told."""

    receiver: Receiver
    fate: Fate = "through"
    digest: bytes = DIGEST
    told: list[tuple[Report, bytes]] = field(default_factory=list)
    level: list[float] = field(default_factory=list)

    def report(self, report: Report, lines: bytes) -> bytes:
        self.told.append((report, lines))
        if self.fate == "mute":
            raise LostError
        answer = self.receiver.take(self.digest, report, lines)
        if self.fate == "deaf":
            raise LostError
        return answer[:-1] + b" " if self.fate == "forged" else answer


def courier_of(home: Path, line: Line, ticks: Seconds | None = None) -> Courier:
    """Open what tells the journal of a host, as after a start."""
    return Courier(
        Shipping(folder_in(home)),
        line,
        Signer(PURPOSE, KEY).public,
        entropy=random.Random(5).randbytes,
        ticks=ticks or Seconds(),
        level=line.level.append,
        witness=Witness(home / "audit.seen"),
    )


def written(database: Database) -> list[str]:
    """Return the ids of the requests in the trail, in its order."""
    with database.reading() as tx:
        return [one.request_id for one in bodies(tx)]


def numbers(end: int, start: int = 0) -> list[str]:
    """Return what requests are called that were made one after the other."""
    return [str(number) for number in range(start, end)]


def standing(database: Database) -> Gate:
    """Return the one gate as the office knows it."""
    with database.reading() as tx:
        [gate] = gates.gates_in(tx)
    return gate


def losses(database: Database) -> tuple[int, int]:
    """Return how many batches of it never came, and how many rows are in no trail."""
    gate = standing(database)
    return gate.missed, gate.doubted
