"""A gate whose books are not those of its office decides nothing, and begins anew (R13)."""

from __future__ import annotations

from counterfoil.gate.replica.proof import Doubt
from counterfoil.gates.model import BOOKS
from counterfoil.secret import digest
from support.far import teller_on
from support.forked import Both, closed
from support.gate import mint, record


def test_a_byte_that_was_flipped(both: Both) -> None:
    """A gate in whose books one byte is another counts that, decides nothing, begins anew (R13)."""
    token = mint()
    both.far.commit(record(token))
    both.far.records.append(record(token))
    both.far.level()
    replica = both.far.replica
    right = replica.dump()
    assert replica.count(lambda: None) is True
    value = bytearray(right["tokens"][0][1])
    value[3] ^= 1
    replica.write(lambda txn: txn.put(digest(token), bytes(value), db=replica.books.tokens))
    assert replica.count(lambda: None) is False
    assert replica.doubted() is Doubt.DIFFERS
    both.far.turn()
    assert closed(both.far)
    assert replica.dump() == right
    both.far.level()
    assert not closed(both.far)
    assert replica.count(lambda: None) is True


def test_books_are_compared(both: Both) -> None:
    """Who has other books than the office at one position has no lease, and is built anew (R13)."""
    other, here = both.far.replica.place(), both.far.replica.place()
    wrong = other._replace(proof=other.proof._replace(sum=other.proof.sum ^ 1))
    both.far.wire.teller = teller_on(
        both.far.database, both.far.leases, both.far.bell, both.far.records, place=lambda: wrong
    )
    generation = both.far.replica.generation()
    both.far.turn()
    assert both.gate().differs == BOOKS
    assert both.far.replica.doubted() is Doubt.DIFFERS
    both.far.turn()
    assert closed(both.far)
    assert both.far.replica.generation() != generation
    both.far.wire.teller = teller_on(
        both.far.database, both.far.leases, both.far.bell, both.far.records, place=lambda: here
    )
    both.far.level()
    assert not closed(both.far)
    assert both.gate().differs == ""
