"""The replica: follows, never skips, never goes back, and equals what it was built from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from counterfoil.feed.codec import UnknownEventError
from counterfoil.feed.event import AnyEvent, CutOff, NodePlaced, RoleStruck
from counterfoil.gate.replica import BATCH, GapError, Replica, bulk, standing
from gate.programs import placed, tokens
from support.gate import ACME, BASE, WORLD, ListFeed, mint, record, tell


class TestFollowing:
    def test_older_and_again(self, replica: Replica) -> None:
        """What it has seen already changes nothing, in whatever version it comes again (R3)."""
        before, at = replica.dump(), replica.position()
        assert not replica.apply(at, RoleStruck(organization=ACME, role=BASE))
        assert not replica.apply(1, placed(500))
        assert (replica.dump(), replica.position()) == (before, at)

    def test_gap(self, replica: Replica) -> None:
        """It does not skip what it was not told (R3)."""
        before, at = replica.dump(), replica.position()
        with pytest.raises(GapError):
            replica.apply(at + 2, placed(500))
        assert (replica.dump(), replica.position()) == (before, at)

    @pytest.mark.parametrize(
        "event",
        [
            NodePlaced(node=BASE, parent=None),
            CutOff(subject=-1, at=1),
            CutOff(subject=1, at=2**64),
            object(),
        ],
    )
    def test_unknown(self, replica: Replica, event: Any) -> None:
        """It stops at what it does not understand, and applies nothing of that batch (R3)."""
        feed = ListFeed([*WORLD, placed(500), event, placed(501)])
        before = replica.dump()
        with pytest.raises(UnknownEventError):
            replica.catch_up(feed)
        assert (replica.dump(), replica.position()) == (before, len(WORLD))

    def test_catch_up(self, replica: Replica) -> None:
        """It takes in all there is, however much that is (R19)."""
        feed = ListFeed([*WORLD, *(placed(500 + n) for n in range(2 * BATCH))])
        assert replica.catch_up(feed, len(WORLD) + 3) == len(WORLD) + 2 * BATCH
        assert replica.catch_up(feed) == len(WORLD) + 2 * BATCH

    def test_at_least(self, replica: Replica) -> None:
        """It says so if the feed does not hold what a worker committed (R1)."""
        with pytest.raises(GapError):
            replica.catch_up(ListFeed(list(WORLD)), len(WORLD) + 1)

    def test_hole_in_the_feed(self, replica: Replica) -> None:
        """A feed that begins after the replica ends is refused."""

        class Pruned(ListFeed):
            def read_after(self, position: int, limit: int) -> list[tuple[int, AnyEvent]]:
                return super().read_after(position + 1, limit)

        with pytest.raises(GapError):
            replica.catch_up(Pruned([*WORLD, placed(500), placed(501)]))


class TestRebuild:
    def test_ensure(self, tmp_path: Path) -> None:
        """Built if it never was, in another life of the database, or ahead of it (R12, R19)."""
        feed = ListFeed(list(WORLD), list(WORLD))
        replica = Replica(tmp_path / "replica")
        assert replica.ensure(feed)
        assert (replica.epoch(), replica.position()) == (1, len(WORLD))
        assert not replica.ensure(feed)
        feed.events.append(placed(500))
        assert not replica.ensure(feed)
        feed.epoch = 2
        assert replica.ensure(feed)
        del feed.events[-3:]
        assert replica.ensure(feed)
        assert replica.position() == len(WORLD) - 2
        replica.close()

    @pytest.mark.parametrize("damage", ["garbage", "short", "empty", "zeros"])
    def test_damaged(self, tmp_path: Path, damage: str) -> None:
        """A file that is no replica any more is thrown away and built anew, never served (R13)."""
        feed = ListFeed(list(WORLD), list(WORLD))
        replica = Replica(tmp_path / "replica")
        replica.ensure(feed)
        whole = replica.dump()
        replica.close()
        file = tmp_path / "replica" / "data.mdb"
        found = file.read_bytes()
        file.write_bytes(
            {
                "garbage": b"\xff" * len(found),
                "short": found[: len(found) // 2],
                "empty": b"",
                "zeros": bytes(len(found)),
            }[damage]
        )
        replica = Replica(tmp_path / "replica")
        assert replica.ensure(feed)
        assert replica.dump() == whole
        replica.close()

    def test_other_layout(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """What another version wrote in a layout of its own is built anew and never read (R13)."""
        feed = ListFeed(list(WORLD), list(WORLD))
        with monkeypatch.context() as older:
            older.setattr(standing, "_STATE_KEY", b"state 1")
            replica = Replica(tmp_path / "replica")
            assert replica.ensure(feed)
            replica.close()
        replica = Replica(tmp_path / "replica")
        assert (replica.epoch(), replica.position()) == (0, 0)
        assert replica.ensure(feed)
        assert replica.position() == len(WORLD)
        replica.close()

    def test_everything_goes(self, replica: Replica) -> None:
        """Nothing survives a rebuild but what the records say; the generation is another."""
        text = mint()
        tell(replica, record(text), placed(500))
        generation = replica.generation()
        replica.rebuild(ListFeed([placed(1)], [placed(501)]))
        dump = replica.dump()
        assert [name for name, rows in dump.items() if rows] == ["nodes", "children"]
        assert len(dump["nodes"]) == 1
        assert replica.generation() != generation

    def test_more_than_fits(
        self, replica: Replica, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What does not fit into memory is sorted in files, which leave no trace (R13)."""
        monkeypatch.setattr(bulk, "RUN", 8)
        monkeypatch.setattr(bulk, "_PIECE", 2)
        events = [*WORLD, *map(tokens, range(60))]
        replica.catch_up(ListFeed(events))
        rebuilt = Replica(tmp_path / "rebuilt")
        rebuilt.rebuild(ListFeed(events, events[::-1]))
        assert rebuilt.dump() == replica.dump()
        assert {path.name for path in rebuilt.path.iterdir()} == {"data.mdb", "lock.mdb", "marker"}
        rebuilt.close()

    def test_all_or_nothing(self, replica: Replica) -> None:
        """A rebuild that fails leaves the state before (R4)."""
        before = replica.dump()
        feed = ListFeed([placed(1)], [placed(501), CutOff(subject=-1, at=1)])
        with pytest.raises(UnknownEventError):
            replica.rebuild(feed)
        assert replica.dump() == before
