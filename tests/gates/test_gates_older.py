"""Offices and gates of a release that knew no chain go on beside those of this one (R17)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import msgspec
import pytest

from counterfoil.feed import outbox
from counterfoil.feed.chain import UNKNOWN, ForkedError
from counterfoil.feed.source import Inventory, Untied
from counterfoil.feed.stands import NOTHING
from counterfoil.runtime.signing import Signer
from support.far import KEY, Far
from support.forked import Both, closed
from support.gate import BASE, WORLD, mint, record


def test_an_office_of_before_writes_on(both: Both) -> None:
    """What an office of an older release writes has no chain, and breaks none (R17)."""
    at = both.far.commit(record(mint()), record(mint(), token=BASE + 102))
    last = outbox.feed.c.position > len(WORLD)
    with both.far.database.transaction() as tx:
        tx.execute(outbox.feed.update().where(last).values(chain=None))
    both.far.turn()
    own = both.far.replica.place().proof.chain
    both.far.commit(record(mint(), token=BASE + 103))
    both.far.level()
    with both.far.database.reading() as tx:
        assert outbox.chain_at(tx, at) == own
        assert outbox.chain_at(tx, at + 1) == both.far.replica.place().proof.chain
    assert not closed(both.far)


def test_an_office_of_before_tells(both: Both) -> None:
    """A gate goes on by the pages of an office that tells no chain, and knows its own (R17)."""
    signer = Signer("counterfoil.feed", KEY)

    def older(frame: bytes) -> bytes:
        said = msgspec.json.decode(frame[64:])
        for name in ("before", "chain", "differs"):
            del said[name]
        raw = msgspec.json.encode(said)
        return signer.mark(raw) + raw

    both.far.wire.meddle = older
    both.far.commit(record(mint()))
    both.far.level()
    assert not closed(both.far)
    both.copy.commit(record(mint()))
    both.far.wire.meddle = lambda frame: frame
    both.far.level()
    assert not closed(both.far)
    both.ask_copy()
    with pytest.raises(ForkedError):
        both.far.turn()


def test_a_gate_of_before_asks(both: Both) -> None:
    """A gate that says nothing of what it knows is told and leased as before (R17)."""
    answer = both.original.page(bytes(32), both.far.wire.asked[-1], NOTHING)
    assert b'"differs":""' in answer
    assert b'"leased":true' in answer


def test_a_chain_that_has_not_begun(both: Both) -> None:
    """Where no event has a chain yet, all goes on as before, and it begins at the next (R17)."""
    with both.far.database.transaction() as tx:
        tx.execute(outbox.feed.update().values(chain=None))
        assert outbox.chain_at(tx, len(WORLD)) == UNKNOWN
    both.far.replica.rebuild(  # what an older program left: it stands there without a chain
        _Source(both.far)
    )
    both.far.level()
    both.far.commit(record(mint()))
    both.far.level()
    assert both.far.replica.place().proof.chain != UNKNOWN
    assert not closed(both.far)


class _Source(Untied):
    """What an office of before tells a gate that begins."""

    def __init__(self, there: Far) -> None:
        self._there = there

    @contextmanager
    def inventory(self) -> Iterator[Inventory]:
        yield Inventory(1, self._there.head(), list(self._there.records))
