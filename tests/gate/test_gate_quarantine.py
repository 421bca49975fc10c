"""A database that was restored opens nothing until its quarantine ends, and is another one then."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from counterfoil.access.scope import Scope
from counterfoil.access.surface import Surface
from counterfoil.feed.event import AnyEvent, EpochRecorded
from counterfoil.gate.middleware_wsgi import Gate
from counterfoil.gate.replica import GapError, Replica
from counterfoil.gate.verifier import Verifier
from counterfoil.kernel.errors import Code, Unserved
from counterfoil.secret import Kind
from support.gate import WORLD, ListFeed, environ, mint, record, tell, why

QUARANTINED = EpochRecorded(epoch=2, quarantined=True)
RELEASED = EpochRecorded(epoch=3, quarantined=False)


class Later(ListFeed):
    """A feed that goes on at a position far beyond its first events, as after a restore."""

    def __init__(self, records: list[AnyEvent], epoch: int, *then: AnyEvent) -> None:
        super().__init__(list(WORLD), records, epoch)
        self.then = list(enumerate(then, 1_000_000_001))

    def read_after(self, position: int, limit: int) -> list[tuple[int, AnyEvent]]:
        found = super().read_after(position, limit) if position < len(WORLD) else []
        return found or [one for one in self.then if one[0] > position][:limit]


@pytest.mark.parametrize("kind", [Kind.PERSONAL, Kind.SERVICE, Kind.SESSION])
def test_nothing_opens(replica: Replica, verifier: Verifier, kind: Kind) -> None:
    """In quarantine no credential verifies, however good and well remembered it is (R12)."""
    token = mint(kind)
    tell(replica, record(token))
    asked = environ(token), Surface.DELIVERY, Scope.CONTENT_READ
    verifier.verify(token)
    verifier.decide(*asked)
    replica.write(lambda txn: replica.books.write(txn, EpochRecorded(epoch=1, quarantined=True)))
    assert why(verifier, token) is Code.QUARANTINED
    assert why(verifier, mint(kind)) is Code.QUARANTINED
    with pytest.raises(Unserved):
        verifier.decide(*asked)
    replica.write(lambda txn: replica.books.write(txn, EpochRecorded(epoch=1, quarantined=False)))
    verifier.verify(token)


def test_a_gate_that_runs_on(replica: Replica, verifier: Verifier) -> None:
    """A gate that followed the lost database drops all that the restored one does not know (R12).

    The token was made after the copy; the gate is told of the new epoch alone, and builds itself
    anew: once in quarantine, and once more when that ends.
    """
    lost, kept = mint(), mint()
    tell(replica, record(lost, token=1))
    verifier.verify(lost)
    books = Later([*WORLD, QUARANTINED], 2, QUARANTINED)
    replica.catch_up(books)
    assert why(verifier, lost) is Code.QUARANTINED
    books = Later([*WORLD, record(kept, token=2)], 3, QUARANTINED, RELEASED)
    replica.catch_up(books)
    assert (replica.epoch(), replica.is_quarantined()) == (3, False)
    assert why(verifier, lost) is Code.INVALID_TOKEN
    verifier.verify(kept)


def test_another_life_is_no_event_like_others(replica: Replica) -> None:
    """A gate that is told events one by one stops at another epoch; it goes on in its own (R3)."""
    at = replica.position()
    with pytest.raises(GapError):
        replica.apply(at + 1, QUARANTINED)
    assert (replica.position(), replica.is_quarantined()) == (at, False)


@pytest.mark.parametrize("token", [None, "cfp_nonsense"])
def test_the_door_says_so(replica: Replica, verifier: Verifier, token: str | None) -> None:
    """At the door of any application the answer is 503 QUARANTINED, with a credential or without.

    The application itself is never asked (R12).
    """
    replica.write(lambda txn: replica.books.write(txn, QUARANTINED))
    told: list[Any] = []
    gate = Gate(lambda _environ, _start: pytest.fail("it was asked"), verifier)
    token = None if token is None else mint()
    body = b"".join(gate(dict(environ(token)), lambda *said: told.append(said)))
    assert told[0][0].startswith("503")
    assert json.loads(body)["errors"][0]["code"] == "QUARANTINED"


def test_rebuilt_in_quarantine(tmp_path: Path) -> None:
    """A replica that is built from books in quarantine is in it, and equals one that followed."""
    built, followed = Replica(tmp_path / "one"), Replica(tmp_path / "two")
    tell(followed, *WORLD)
    books = Later([*WORLD, QUARANTINED], 2, QUARANTINED)
    built.rebuild(books)
    followed.catch_up(books)
    assert built.is_quarantined()
    assert built.dump() == followed.dump()
    built.close()
    followed.close()
