"""The benchmark: the office that it makes up is one, and it proves what it is about to measure."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bench import sorting, subjects
from bench.office import found_office
from bench.world import KNOWN, Known, World, fill_sorted
from counterfoil.app.records import records
from counterfoil.feed.follow import Outbox
from counterfoil.gate.replica import Replica
from counterfoil.gate.replica.books import NAMES
from counterfoil.gate.replica.proof import Doubt
from counterfoil.gate.replica.tally import WORD, added
from counterfoil.gate.verifier import Verifier
from counterfoil.kernel.clock import system_clock
from support.gate import ListFeed


def test_the_office(tmp_path: Path) -> None:
    """A gate that is built from the benchmark's office knows its tokens, and what they may do."""
    world = World(500)
    events = list(world.events())
    database = found_office(tmp_path / "office", events)
    fed, rebuilt = Replica(tmp_path / "fed"), Replica(tmp_path / "rebuilt")
    fed.catch_up(ListFeed(events))
    rebuilt.rebuild(Outbox(database, records))
    for name in ("tokens", "ids", "members"):
        assert rebuilt.dump()[name] == fed.dump()[name]
    verifier = Verifier(rebuilt, system_clock, remember=0)
    subjects.prove(verifier, world.known)
    for wrong in wrongs(world.known[0]):
        with pytest.raises(subjects.WrongError):
            subjects.prove(verifier, [wrong, *world.known[1:]])
    fed.close()
    rebuilt.close()
    database.close()


def test_sorting(tmp_path: Path) -> None:
    """Each page is measured of each who looks, and those below a root show what is below it."""
    found = sorting.measure(tmp_path / "office", 60, 25)
    assert list(found) == ["no root", "a root with 60 below it", "a root with 25"]
    assert all(len(took) == 5 and min(took.values()) > 0 for took in found.values())


def test_a_page_that_is_too_short_is_not_measured(tmp_path: Path) -> None:
    """What does not show a whole page is no page of that size, and has no figure."""
    with pytest.raises(sorting.WrongPageError):
        sorting.measure(tmp_path / "office", 60, 5)


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("tokens", [1, 700])
def test_filled_in_order(tmp_path: Path, tokens: int, seed: int) -> None:
    """Books that are filled in order add up as if each record had been taken in (R13).

    So a gate that begins with them takes them for its own, and not for damage to be mended.
    """
    filled, told = Replica(tmp_path / "filled"), Replica(tmp_path / "told")
    filled.rebuild(ListFeed([], []))
    world, again = World(tokens, seed=seed), World(tokens, seed=seed)
    again.expires_at = world.expires_at
    fill_sorted(filled, world)
    records = [*again.base, *(again.know(n) for n in range(KNOWN))]
    assert told.take(list(enumerate(records, start=1))) == len(records)
    nobodys = [
        key + value for key, value in set(filled.dump()["tokens"]) - set(told.dump()["tokens"])
    ]
    assert len(nobodys) == tokens
    total = told.place().proof.sum + added(nobodys, NAMES.index("tokens"))
    assert filled.place().proof.tally == total & WORD
    assert filled.apply(1, again.know(0))
    assert filled.count(lambda: None) is True
    assert filled.doubted() is Doubt.NONE
    filled.close()
    told.close()


def wrongs(right: Known) -> list[Known]:
    """What a gate that lets the wrong ones in would look like."""
    return [replace(right, user=right.user + 1), replace(right, outside=right.inside)]
