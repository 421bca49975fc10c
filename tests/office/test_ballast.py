"""Room is kept for revocations, let go when the disk is full, and taken back (R11)."""

from __future__ import annotations

import os
import resource
import signal
from collections.abc import Iterator
from pathlib import Path

import lmdb
import pytest
from falcon.testing import Result, TestClient
from sqlalchemy import Connection, event, select

from counterfoil.app.build import App, build
from counterfoil.app.room import keeping
from counterfoil.audit.record import entries
from counterfoil.gate.replica import Replica
from counterfoil.operation import OPERATIONS
from counterfoil.runtime.ballast import Ballast, is_out
from counterfoil.runtime.noroom import NoRoomError
from counterfoil.runtime.repeating import Repeating
from counterfoil.runtime.witness import NOBODY
from support.installation import Installed, install

SIZE = 1 << 20
UNBOUNDED = 1 << 30
_ENDING = {
    "token.revoke", "token.revoke_mine", "token.disable", "api_token.revoke", "key_pair.revoke",
    "key_pair.disable", "member.deactivate", "member.end", "user.deactivate", "user.sign_out",
    "session.end", "session.end_others", "oauth.revoke", "gate.remove", "leak.report",
    "organization.revoke_tokens",
}  # fmt: skip


class Disk:
    """How many bytes are free, as a test says."""

    def __init__(self, left: int) -> None:
        self.left = left

    def __call__(self, _folder: Path) -> int:
        return self.left


def test_it_goes_where_hardly_any_room_is_left_and_comes_back_where_there_is_plenty(
    tmp_path: Path,
) -> None:
    """It goes when a quarter of its size is left, and comes back when twice its size is."""
    disk = Disk(2 * SIZE)
    ballast = Ballast([tmp_path], SIZE, disk)
    assert (ballast.is_out, ballast.held()) == (False, 0)
    for left, out in ((2 * SIZE, False), (SIZE // 4, False), (SIZE // 4 - 1, True),
                      (2 * SIZE - 1, True), (2 * SIZE, False)):  # fmt: skip
        disk.left = left
        ballast.turn()
        assert (ballast.is_out, ballast.held()) == (out, 0 if out else SIZE)
        assert Ballast([tmp_path], SIZE, disk).is_out == out  # so every process sees it


def test_while_it_is_taken_nothing_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is there whole at once: a server's first second refuses nobody; one let go stays out."""
    ballast, seen = Ballast([tmp_path], SIZE, Disk(2 * SIZE)), list[bool]()
    give = os.posix_fallocate

    def watched(file: int, offset: int, length: int) -> None:
        give(file, offset, length // 2)
        seen.append(ballast.is_out or is_out(tmp_path))
        give(file, offset, length)

    monkeypatch.setattr(os, "posix_fallocate", watched)
    ballast.turn()
    ballast.drop()
    ballast.turn()
    assert (seen, ballast.is_out, ballast.held()) == ([False, True], False, SIZE)
    larger = Ballast([tmp_path], 2 * SIZE, Disk(4 * SIZE - 1))
    larger.turn()
    assert (larger.is_out, larger.held()) == (False, SIZE)
    assert [file.name for file in tmp_path.iterdir()] == ["ballast"]


def test_where_no_room_is_for_it_it_is_out(tmp_path: Path) -> None:
    """A server that starts where no room is for its ballast writes nothing but revocations."""
    ballast = Ballast([tmp_path], SIZE, Disk(2 * SIZE - 1))
    ballast.turn()
    assert ballast.is_out


def test_what_the_disk_does_not_give_is_not_taken(tmp_path: Path) -> None:
    """Where a quota gives less than the disk says is free, it stays out, and takes no byte."""
    ballast = Ballast([tmp_path], SIZE, Disk(9 * SIZE))
    ballast.turn()
    ballast.drop()
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handled = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (SIZE // 2, before[1]))
    try:
        ballast.turn()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handled)
    assert (ballast.is_out, ballast.held()) == (True, 0)
    ballast.turn()
    assert (ballast.is_out, ballast.held()) == (False, SIZE)


def test_who_keeps_none_is_refused_nothing(tmp_path: Path) -> None:
    """Where none is kept, or none was ever taken, nothing is refused and no file begins."""
    for one in (Ballast([tmp_path], 0), Ballast([tmp_path], SIZE, Disk(0))):
        assert (one.drop(), one.is_out) == (False, False)
    assert list(tmp_path.iterdir()) == []


class Full:
    """An office whose database can grow no more, until its ballast is let go."""

    def __init__(self, data: Path) -> None:
        self.made: Installed = install(data, tokens=4)
        self.app: App = build(self.made.settings)
        self.is_full = False
        ballast = Ballast([data], SIZE)
        ballast.turn()
        self.app.database.ballast = self.ballast = ballast
        event.listen(self.app.database.engine, "begin", self._begun)
        self.mine = TestClient(
            self.app.wsgi, headers={"Authorization": f"Bearer {self.made.tokens[0]}"}
        )

    def _begun(self, tx: Connection) -> None:
        """Let the file grow by as much as the ballast took, once that is gone."""
        pages = tx.exec_driver_sql("PRAGMA page_count").scalar_one()
        held = self.is_full and not self.ballast.is_out
        tx.exec_driver_sql(f"PRAGMA max_page_count={pages if held else UNBOUNDED}")

    def folder(self, slug: str) -> Result:
        """Ask for a folder, of a name that needs pages of its own."""
        parent = {"data": {"type": "node", "id": str(self.made.root)}}
        attributes = {"kind": "folder", "slug": slug}
        data = {"type": "node", "attributes": attributes, "relationships": {"parent": parent}}
        return self.mine.simulate_post("/cma/nodes", json={"data": data})

    def revoke(self, number: int) -> Result:
        """Revoke one of the tokens."""
        found = self.mine.simulate_get("/cma/api_tokens").json["data"]
        (id_,) = [one["id"] for one in found if one["attributes"]["name"] == f"service {number}"]
        return self.mine.simulate_delete(f"/cma/api_tokens/{id_}")

    def opens(self, number: int) -> bool:
        """Say whether one of the tokens verifies."""
        said = {"Authorization": f"Bearer {self.made.tokens[number]}"}
        return self.mine.simulate_get("/cda/nodes", headers=said).status_code == 200

    def grow(self) -> int:
        """Ask for folders until one finds no room; return its status."""
        for number in range(500):
            seen = self.folder(f"folder-{number}")
            if seen.status_code != 201:
                return seen.status_code
        raise AssertionError("there was always room")


@pytest.fixture
def full(tmp_path: Path) -> Iterator[Full]:
    full = Full(tmp_path / "data")
    yield full
    full.is_full = False
    full.ballast.turn()
    full.app.close()


def test_a_revocation_that_finds_no_room_makes_some(full: Full) -> None:
    """It is committed and holds, though the database is full: what is let go is for it."""
    full.is_full = True
    for number in (1, 2, 3):
        assert full.revoke(number).status_code == 200
        assert not full.opens(number)


def test_nothing_else_uses_the_room_for_revocations(full: Full) -> None:
    """While the ballast is out all other changes are 507 NO_ROOM, and nothing of them is there.

    Neither is a refusal answered that could not be recorded; reads are.
    """
    full.is_full = True
    assert full.grow() == 507
    assert full.ballast.is_out
    seen = full.folder("unwritten")
    assert (seen.status_code, seen.json["errors"][0]["code"]) == (507, "NO_ROOM")
    assert "tokens are revoked" in seen.json["errors"][0]["detail"]
    assert full.mine.simulate_delete("/cma/nodes/4031846205310216").status_code == 507
    with pytest.raises(NoRoomError), full.app.database.transaction(NOBODY):
        raise AssertionError("it began")
    assert full.opens(1)
    assert full.revoke(1).status_code == 200
    assert full.mine.simulate_get("/readyz").status_code == 507
    full.is_full = False
    full.ballast.turn()
    assert full.folder("written").status_code == 201
    full.app.journal.flush()
    assert full.mine.simulate_get("/readyz").status_code == 200
    with full.app.database.reading() as tx:
        done = tx.scalars(select(entries.c.operation).order_by(entries.c.position)).all()
    assert done.count("api_token.revoke") == 1


def test_what_takes_power_away_is_done_on_a_full_disk() -> None:
    """Every way to end a token, a session or a membership at once is one that room is kept for."""
    vital = {name for name, one in OPERATIONS.items() if one.vital}
    assert vital >= _ENDING
    assert not {one for one in vital if one.endswith((".create", ".enable", ".request", ".edit"))}


def test_a_replica_that_finds_no_room_makes_some(tmp_path: Path) -> None:
    """What was committed is taken in where room can be made for it, and is an error otherwise."""
    replica = Replica(tmp_path / "replica")
    made: list[int] = []

    def refuse(_txn: object) -> None:
        if not made:
            raise lmdb.DiskError("no space")

    def make_room() -> bool:
        made.append(1)
        return True

    with pytest.raises(lmdb.DiskError):
        replica.write(refuse)
    replica.make_room = make_room
    replica.write(refuse)
    assert made == [1]
    replica.close()


def test_a_server_keeps_it_where_a_revocation_is_written(full: Full) -> None:
    """Database, replica and journal of one host let go the same room; what looks after it runs."""
    loop = keeping(full.made.settings, full.app.database, full.app.replica)
    assert isinstance(loop, Repeating)
    assert full.app.replica.make_room()
    assert full.app.database.is_full()
    loop.stop()
