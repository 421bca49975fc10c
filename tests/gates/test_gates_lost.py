"""A gate that knows more than its office shows by the office's own mark that this was put back.

So a copy of the database that was put in its place, and of which no host of the office knows,
begins its quarantine as soon as one gate asks (R12). Nobody can claim it.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path

import msgspec
import pytest
from structlog.testing import capture_logs

from chaos.running import Running
from counterfoil.app import gates, recover
from counterfoil.app.older import shut_as_lost
from counterfoil.feed import outbox
from counterfoil.feed.event import TokenStruck
from counterfoil.feed.page import Ask, Page
from counterfoil.feed.stands import NOTHING
from counterfoil.gate.replica import Replica
from counterfoil.gateway.snapshot import BehindError
from counterfoil.kernel.entropy import system_entropy
from counterfoil.runtime.database import Database
from counterfoil.runtime.settings import Settings
from counterfoil.runtime.signing import Signer
from infra.postgres import new_database
from infra.server import gateway, serving
from infra.wait import free_port, wait_until
from support.far import KEY, Far, far, teller_on
from support.forked import closed
from support.gate import BASE, WORLD, mint, record
from support.installation import SHARED_KEYS, install
from support.sample import Talker

A_COPY = 61_000_000
COPIED = "a copy of this office runs, and has told a gate of what was never here"
LOST = "the database ends before what this office has told"


@pytest.fixture
def there(database: Database, tmp_path: Path) -> Iterator[Far]:
    with far(database, tmp_path) as both:
        yield both


def put_back(database: Database, position: int) -> None:
    """Have the database be as it was at a position."""
    with database.transaction() as tx:
        tx.execute(outbox.feed.delete().where(outbox.feed.c.position > position))
        tx.execute(outbox.head.update().values(position=position))


def listening(there: Far, *, of_copy: bool = False) -> list[tuple[int, int]]:
    """Return what the office is shown from now on: epochs, and positions that it has no more."""
    heard: list[tuple[int, int]] = []

    def lost(page: Page) -> bool:
        heard.append((page.epoch, page.head))
        return of_copy

    known = (there.database, there.leases, there.bell, there.records)
    there.wire.teller = teller_on(*known, lost=lost)
    return heard


def show(there: Far, told: bytes) -> None:
    """Show the office a page, as a gate does that stands before it."""
    ask = Ask("00" * 16, 1, there.head(), host=there.lease.host)
    there.wire.teller.page(bytes(32), ask, NOTHING._replace(told=told))


@pytest.mark.each_engine
@pytest.mark.parametrize(("of_copy", "news"), [(False, LOST), (True, COPIED)])
def test_a_gate_shows_what_was_lost(there: Far, news: str, *, of_copy: bool) -> None:
    """What was revoked stays so at a gate, and its office is shown it, and logs it once (R12)."""
    there.level()
    heard = listening(there, of_copy=of_copy)
    token = mint()
    there.commit(record(token))
    told = there.commit(TokenStruck(organization=BASE + 1, token=BASE + 101, digests=()))
    there.level()
    known = there.replica.dump()
    put_back(there.database, len(WORLD))
    with capture_logs() as logs:
        for _ in range(3):
            with pytest.raises(BehindError):
                there.turn()
    assert heard == [(1, told)] * 2
    assert [one["event"] for one in logs if one.get("told") == told] == [news]
    assert there.replica.position() == told
    assert there.replica.dump() == known
    there.seconds.pass_(2)
    assert closed(there)


@pytest.mark.each_engine
def test_nobody_can_claim_it(there: Far) -> None:
    """Who claims a number, or shows what the office has not told, shuts nothing (S8, R7)."""
    there.level()
    genuine = there.wire.heard[-1]
    heard = listening(there)
    said = msgspec.json.decode(genuine[64:])
    raw = msgspec.json.encode({**said, "head": 1 << 40})
    strange = Signer("counterfoil.feed", bytes(32)).mark(raw) + raw
    for told in (b"", b"x", genuine[:64], genuine[:64] + raw, strange, genuine[1:], bytes(2_000)):
        show(there, told)
    claim = Ask("00" * 16, 1, 1 << 40, host=there.lease.host)
    there.wire.teller.page(bytes(32), claim, NOTHING)
    assert heard == []


@pytest.mark.each_engine
def test_what_was_told_and_is_there_shuts_nothing(there: Far) -> None:
    """A page of before shuts nothing, nor does one of another life of the database (R12)."""
    there.level()
    heard = listening(there)
    older = there.wire.heard[-1]
    there.commit(record(mint()))
    show(there, older)
    there.level()
    newest = there.wire.heard[-1]
    show(there, newest)
    other = Signer("counterfoil.feed", KEY)
    raw = msgspec.json.encode({**msgspec.json.decode(newest[64:]), "epoch": 7, "head": 1 << 40})
    show(there, other.mark(raw) + raw)
    assert heard == []


@pytest.mark.parametrize("engine", ["sqlite", "postgres"])
def test_the_office_shuts_once(tmp_path: Path, engine: str, request: pytest.FixtureRequest) -> None:
    """However many gates show it, one quarantine begins; a position that is there begins none.

    Nor does what was told while this office ran and had it not: that was told by a copy (R12).
    """
    with ExitStack() as leaving:
        url = ""
        if engine == "postgres":
            url = leaving.enter_context(new_database(request.getfixturevalue("postgres")))
        settings = install(tmp_path / "data", database_url=url).settings
        database = leaving.enter_context(closing(Database(settings.url)))

        def heads() -> outbox.Heads:
            with database.reading() as tx:
                return outbox.read_head(tx)

        replica = leaving.enter_context(closing(Replica(tmp_path / "replica", map_bytes=1 << 24)))
        began = 1_000_000_000

        def show(epoch: int, head: int, at: int = began) -> bool:
            page = Page("", epoch, 0, head, at, leased=False, prefix="cf")
            return shut_as_lost(settings, database, replica, system_entropy, page, began=began)

        before = heads()
        assert not show(before.epoch, before.position)
        assert not show(before.epoch + 1, before.position + 9)
        assert show(before.epoch, before.position + 9, began + A_COPY)
        assert recover.quarantine_of(settings) is None
        for _ in range(2):
            assert not show(before.epoch, before.position + 9)
        after = heads()
        assert recover.quarantine_of(settings) is not None
        assert after.epoch > before.epoch
        assert not show(before.epoch, before.position + 99)
        assert heads() == after


def _is_shut(one: Talker) -> bool:
    return one("GET", "/cda/nodes").status == 503


def _moved(home: Path, here: Path, url: str) -> Settings:
    """Set up a new host of an office: it has the keys, and has followed nothing."""
    here.mkdir(mode=0o700)
    for name in SHARED_KEYS:
        shutil.copy(home / name, here / name)
    return Settings(data_dir=here, database_url=url)


@pytest.mark.slow
def test_a_restored_postgres_is_found_out(tmp_path: Path, postgres: int) -> None:
    """A host that never saw what was lost is told by a gate that did, and nothing opens (R12).

    Its operator has said that it is one more host of an installation that goes on.
    """
    with new_database(postgres) as url, ExitStack() as leaving:
        made = install(tmp_path / "data", tokens=2, database_url=url)
        home, env, port = made.settings.data_dir, {"COUNTERFOIL_DATABASE_URL": url}, free_port()
        shown, own = tmp_path / "gate.credential", tmp_path / "gate" / "data"
        own.parent.mkdir()
        gates.add(made.settings, "eu-1").write(shown)
        database = leaving.enter_context(closing(Database(url)))
        with database.reading() as tx:
            position = outbox.read_head(tx).position
        with serving(home, env=env, port=port) as office:
            to = ("--office", office.url, "--credential", str(shown))
            leaving.enter_context(gateway(own, *to))
            keeper, doomed = (Talker(port).bearing(one) for one in made.tokens)
            assert doomed("DELETE", "/cma/token").status == 200
            assert doomed("GET", "/cda/nodes").status == 401
        put_back(database, position)
        again = _moved(home, tmp_path / "again", url)
        command = ("serve", "--data-dir", str(again.data_dir), "--port", str(port), "--join")
        other = Running(tmp_path / "again.log", port, *command, env=env)
        leaving.callback(other.kill)
        other.begin()
        wait_until(lambda: recover.quarantine_of(again) is not None, "a quarantine", seconds=60)
        for one in (keeper, doomed):
            wait_until(partial(_is_shut, one), "nothing opens")
