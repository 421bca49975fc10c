"""The benchmark: the office that it makes up is one, and it proves what it is about to measure."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bench import subjects
from bench.office import found_office
from bench.world import Known, World
from counterfoil.app.build import records
from counterfoil.feed.follow import Outbox
from counterfoil.gate.replica import Replica
from counterfoil.gate.verifier import Verifier
from counterfoil.kernel.clock import system_clock
from counterfoil.runtime.database import Database
from support.gate import ListFeed


def test_the_office(tmp_path: Path) -> None:
    """A gate that is built from the benchmark's office knows its tokens, and what they may do."""
    world = World(500)
    events = list(world.events())
    database = Database(found_office(tmp_path / "office", events))
    fed, rebuilt = Replica(tmp_path / "fed"), Replica(tmp_path / "rebuilt")
    fed.catch_up(ListFeed(events))
    rebuilt.rebuild(Outbox(database, records))
    for name in ("tokens", "names", "members"):
        assert rebuilt.dump()[name] == fed.dump()[name]
    verifier = Verifier(rebuilt, system_clock, remember=0)
    subjects.prove(verifier, world.known)
    for wrong in wrongs(world.known[0]):
        with pytest.raises(subjects.WrongError):
            subjects.prove(verifier, [wrong, *world.known[1:]])
    fed.close()
    rebuilt.close()
    database.close()


def wrongs(right: Known) -> list[Known]:
    """What a gate that lets the wrong ones in would look like."""
    return [replace(right, user=right.user + 1), replace(right, outside=right.inside)]
