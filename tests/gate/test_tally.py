"""The tally of the books: kept up with each row, counted again, and mended where it is wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from counterfoil.feed.stands import HEADER, Stands, Tally, read
from counterfoil.gate.replica import Replica, tally
from counterfoil.gate.replica.books import LAYOUT
from counterfoil.gate.replica.proof import Doubt
from counterfoil.gate.replica.scrub import ANEW_S, EVERY_S, PERSISTS_S, TURN_S, Scrub
from gate.programs import placed
from support.far import Seconds
from support.gate import WORLD, ListFeed, mint, record, tell

OF_THE_WORLD = {3: 39_793_414_027}
"""By layout: who changes what is written for an event raises that, and writes this anew."""


def damage(replica: Replica) -> None:
    """Change one bit of a row, past all that keeps count."""
    [(key, value), *_] = replica.dump()["members"]
    other = value[:-1] + bytes([value[-1] ^ 1])
    replica.write(lambda txn: txn.put(key, other, db=replica.books.members))


def test_of_a_layout(replica: Replica) -> None:
    """The same events make the same tally in every release that writes the same layout (R13)."""
    replica.rebuild(ListFeed(list(WORLD), list(WORLD)))
    assert {LAYOUT: replica.place().proof.tally} == OF_THE_WORLD


def test_never_counted(tmp_path: Path) -> None:
    """What was never counted says no tally, and says it once it was counted (R13, R17)."""
    replica = Replica(tmp_path / "replica")
    tell(replica, *WORLD)
    assert replica.place().stands().tally is None
    assert replica.count(lambda: None) is True
    assert replica.place().stands().tally is not None
    assert replica.count(lambda: None) is True
    replica.close()


def test_changed_meanwhile(replica: Replica, monkeypatch: pytest.MonkeyPatch) -> None:
    """Books that change while they are counted are neither right nor wrong (R13)."""
    monkeypatch.setattr(tally, "PIECE", 1)
    tell(replica, placed(500))
    numbers = iter(range(501, 600))
    assert replica.count(lambda: tell(replica, placed(next(numbers)))) is None
    assert replica.count(lambda: None) is True
    assert replica.doubted() is Doubt.NONE


def test_in_pieces(replica: Replica, monkeypatch: pytest.MonkeyPatch) -> None:
    """A count in pieces comes to what a count in one does (R13)."""
    tell(replica, *(placed(500 + n) for n in range(40)), record(mint()))
    assert replica.count(lambda: None) is True
    monkeypatch.setattr(tally, "PIECE", 3)
    assert replica.count(lambda: None) is True


def test_it_is_mended(replica: Replica) -> None:
    """A row that has changed by itself is found within a minute, and the books built anew (R13)."""
    feed, seconds = ListFeed(list(WORLD), list(WORLD)), Seconds()
    replica.rebuild(feed)
    right = replica.dump()
    scrub = Scrub(replica, lambda: replica.rebuild(feed), ticks=seconds, sleep=seconds.pass_)
    scrub.turn()
    damage(replica)
    scrub.turn()
    assert replica.dump() != right
    seconds.pass_(EVERY_S)
    scrub.turn()
    assert replica.dump() == right
    assert replica.doubted() is Doubt.NONE


def test_it_is_urgent(replica: Replica) -> None:
    """Where somebody says that the books differ they are counted at once (R13)."""
    replica.rebuild(ListFeed(list(WORLD), list(WORLD)))
    mended: list[bool] = []
    scrub = Scrub(replica, lambda: mended.append(True), lambda: True, ticks=Seconds())
    scrub.turn()
    damage(replica)
    scrub.turn()
    assert mended == [True]


def test_it_is_said_for_long(replica: Replica) -> None:
    """Books that are right by themselves are built anew if somebody goes on to differ (R13).

    That is once an hour at most, whatever whoever has the credential of a gate says.
    """
    replica.rebuild(ListFeed(list(WORLD), list(WORLD)))
    mended: list[float] = []
    seconds = Seconds()
    begun = seconds.now
    scrub = Scrub(replica, lambda: mended.append(seconds.now), lambda: True, ticks=seconds)
    while seconds.now < begun + 2 * ANEW_S:
        scrub.turn()
        seconds.pass_(TURN_S)
    assert [at - begun for at in mended] == [PERSISTS_S, PERSISTS_S + ANEW_S]


def test_an_older_program_moved_it(replica: Replica) -> None:
    """What an older program took in has no chain and no tally, until both are known anew (R17)."""
    replica.rebuild(ListFeed(list(WORLD), list(WORLD)))

    def as_before(move: Callable[..., None]) -> None:
        replica.write(lambda txn: move(txn, replica.epoch(), len(WORLD) + 1, replica.generation()))

    as_before(replica._move)  # noqa: SLF001 - what an older program writes: the position alone
    assert replica.place().stands() == Stands()
    assert replica.count(lambda: None) is True
    assert replica.place().stands().tally is not None


@pytest.mark.parametrize(
    "said",
    ["x", "00", "00" * 32 + ";1", ";1;" + "g" * 16, "00" * 33, "00" * 32 + ";99999;" + "0" * 16],
)
def test_what_no_gate_says(said: str) -> None:
    """What is no chain and no tally is refused by a sentence that names the header."""
    with pytest.raises(ValueError, match=HEADER):
        read(said)


@pytest.mark.parametrize(
    "stands",
    [Stands(), Stands(bytes(32)), Stands(bytes(32), Tally(2, 7)), Stands(b"", Tally(2, 7))],
)
def test_what_a_gate_says(stands: Stands) -> None:
    """What a gate says is read as it was meant."""
    assert read(stands.spelled()) == stands
