"""An office that hands its books on, and a gate on another host that takes them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from counterfoil.feed.follow import Outbox
from counterfoil.feed.page import PURPOSE
from counterfoil.feed.rows import AskRows, Rows, unsealed_rows
from counterfoil.gate.replica import Replica
from counterfoil.gate.replica.standing import FORM
from counterfoil.gates.hand import Hander
from counterfoil.gateway.snapshot import InRows
from counterfoil.runtime.database import Database
from counterfoil.runtime.signing import Signer
from support.far import DIGEST, KEY, Far, far, frames_in, teller_on
from support.gate import BASE, mint, record

NONCE = "0f" * 16
SIGNER = Signer(PURPOSE, KEY)


@dataclass
class House:
    """An office with a replica of its own host, and a gate on another one."""

    far: Far
    host: Replica
    books: Outbox

    def fill(self, tokens: int) -> list[str]:
        """Have so many tokens, which the host of the office knows."""
        made = [mint() for _ in range(tokens)]
        told = [record(one, token=BASE + 300 + n) for n, one in enumerate(made)]
        self.far.records += told
        self.far.commit(*told)
        self.host.catch_up(self.books)
        return made

    def frames(self, ask: AskRows | None = None) -> list[Rows]:
        """Ask for a part, as a gate that knows nothing if nobody says otherwise."""
        assert self.far.wire.hander is not None
        part = self.far.wire.hander.part(DIGEST, ask or AskRows(NONCE, 0, 0))
        return [told(frame) for frame in frames_in(part)]


@contextmanager
def house_on(database: Database, tmp_path: Path) -> Iterator[House]:
    """Open both; what the host's replica knows it hands on."""
    with far(database, tmp_path) as it:
        books = Outbox(database, lambda _tx: list(it.records))
        host = Replica(tmp_path / "host")
        host.ensure(books)
        it.wire.hander = Hander(
            database,
            host,
            SIGNER,
            tmp_path / "handing",
            entropy=random.Random(5).randbytes,
        )
        it.wire.teller = teller_on(database, it.leases, it.bell, it.records, place=host.place)
        try:
            yield House(it, host, books)
        finally:
            host.close()


def refuse(_ask: object) -> Iterator[bytes]:
    """Be a door that nobody is to come to."""
    raise AssertionError


def rows(nonce: str = NONCE) -> Rows:
    """Return a frame of nothing."""
    return Rows(nonce, FORM, "", 1, 1, 0, 1, last=True, book="tokens", rows=())


def told(frame: bytes) -> Rows:
    """Return what a frame says, to whoever asked by one word."""
    return unsealed_rows(frame, SIGNER.public, NONCE)


def source(house: House) -> InRows:
    """Return all that the office knows, asked for by one word."""
    return InRows(house.far.replica, house.far.wire, SIGNER.public, lambda _: bytes([15]) * 16)
