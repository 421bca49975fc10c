"""What a restore cut off the audit trail is told apart from what somebody cut (R12, R15)."""

from __future__ import annotations

import shutil
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from counterfoil.app import recover
from counterfoil.app.auditing import Held, of_installation
from counterfoil.app.build import App, build
from counterfoil.app.recover import Choice
from counterfoil.audit import checkpoint
from counterfoil.audit.checkpoint import Checkpoint, table
from counterfoil.audit.record import Act, Entry, entries, write
from counterfoil.audit.restored import restored_in
from counterfoil.audit.verify import Cut, Verified
from counterfoil.feed.outbox import advance, head
from counterfoil.kernel.clock import Clock, micros, system_clock
from counterfoil.runtime.settings import Settings
from support.installation import Installed, install
from support.office import ORIGIN, StandingClock
from support.trail import ADA, bodies

MANY = 30


@pytest.fixture
def made(tmp_path: Path) -> Installed:
    return install(tmp_path / "lost", tokens=1)


def grow(app: App, count: int) -> Checkpoint:
    """Put so many entries on record, and sign them."""
    acts = [Entry(ADA, ORIGIN, Act("token.revoke"), micros(app.office.clock()))] * count
    with app.database.transaction() as tx:
        write(tx, advance(tx, events=0, entries=count).audit_position, acts)
    signed = checkpoint.keep(app.database, app.office.signer, app.office.clock)
    assert signed is not None
    return signed


def put_back(backup: Path, to: Path, key: Path, clock: Clock = system_clock) -> Settings:
    """Put a backup back with the key of the trail, as the page says, and end the quarantine."""
    to.mkdir(mode=0o700)
    shutil.copy2(key, to / key.name)
    settings = Settings(data_dir=to)
    with backup.open("rb") as source:
        recover.put_back(settings, source, clock)
    recover.end_quarantine(settings, Choice(everything=True), "Ann", 0)
    return settings


def held(*seen: Checkpoint) -> Held:
    return Held([one.note for one in seen])


def against(settings: Settings, *seen: Checkpoint) -> Verified:
    return of_installation(settings, held(*seen))


def test_what_a_restore_cut_off_is_named_as_that(made: Installed, tmp_path: Path) -> None:
    """A witness knows entries that were made after the backup: the restore says from where on.

    That stays so however far the trail goes on, and where what was restored is lost, too, and the
    same backup is put back once more.
    """
    with closing(build(made.settings)) as app:
        before = grow(app, 3)
        recover.back_up(made.settings, tmp_path / "monday")
        seen = grow(app, MANY)
    key = made.settings.audit_key_file
    settings = put_back(tmp_path / "monday", tmp_path / "restored", key)
    with closing(build(settings)) as app:
        latest = grow(app, 1)
        for _ in range(2):
            found = against(settings, before, seen, latest)
            ((first, last),) = ((one.first, one.last) for one in found.cuts)
            assert (found.faults, first, last) == ([], before.size + 1, seen.size)
            latest = grow(app, 2 * MANY)
        with app.database.reading() as tx:
            (told,) = [one for one in bodies(tx) if one.operation == "quarantine.begin"]
    assert str(told.note).startswith("restored: a backup that ends at position ")
    assert f"from entry {before.size} of epoch {before.epoch}, with the root " in str(told.note)
    tomorrow = StandingClock()
    tomorrow.now = system_clock() + timedelta(days=1)
    again = put_back(tmp_path / "monday", tmp_path / "again", key, tomorrow)
    with closing(build(again)) as app:
        grow(app, 1)
        found = against(again, before, seen, latest)
    assert (found.faults, len(found.cuts)) == ([], 1)
    assert (found.cuts[0].first, found.cuts[0].last) == (before.size + 1, latest.size)


def test_who_cuts_what_was_restored_is_found(made: Installed, tmp_path: Path) -> None:
    """A restore excuses nothing that came after it: that is cut off, as ever."""
    with closing(build(made.settings)) as app:
        recover.back_up(made.settings, tmp_path / "monday")
        seen = grow(app, MANY)
    key = made.settings.audit_key_file
    settings = put_back(tmp_path / "monday", tmp_path / "restored", key)
    with closing(build(settings)) as app:
        size = grow(app, 1).size
        latest = grow(app, 2 * MANY)
        with app.database.transaction() as tx:
            tx.execute(entries.delete().where(entries.c.position > size))
            tx.execute(table.delete().where(table.c.size > size))
            tx.execute(head.update().values(audit_position=size))
        found = against(settings, seen, latest)
    assert [str(one) for one in found.faults] == [f"entry {size + 1} to {latest.size}: cut off"]
    assert [one.last for one in found.cuts] == [seen.size]


ROOT = "A" * 43 + "="
TOLD = f"; epoch 9 begins: the audit trail goes on from entry 4 of epoch 1, with the root {ROOT}"


@pytest.mark.parametrize(
    ("operation", "outcome", "note"),
    [
        ("token.revoke", "allowed", f"restored{TOLD}"),
        ("quarantine.begin", "FORBIDDEN", f"restored{TOLD}"),
        ("quarantine.begin", "allowed", f"by Ann{TOLD}: what she wrote"),
        ("quarantine.begin", "allowed", "restored by a release before"),
        ("quarantine.begin", "allowed", f"restored{TOLD.replace('entry 4', 'entry ٤')}"),
    ],
)
def test_nothing_else_says_that_it_was_a_restore(
    made: Installed, operation: str, outcome: str, note: str
) -> None:
    """Only the entry of a restore excuses a cut, and what an operator writes into it does not."""
    with closing(build(made.settings)) as app, app.database.transaction() as tx:
        act = Act(operation, outcome=outcome, note=note)
        at = micros(app.office.clock())
        last = advance(tx, events=0, entries=1).audit_position
        write(tx, last, [Entry(ADA, ORIGIN, act, at)])
        (body,) = tx.scalars(select(entries.c.body).where(entries.c.position == last))
        assert restored_in(body) is None


def test_a_cut_is_told_in_a_line() -> None:
    """The operator reads when it was restored, and what is not there."""
    told = "cut by the restore of 2026-03-01T13:00:00Z: entry "
    assert str(Cut("2026-03-01T13:00:00Z", 7, 9)) == f"{told}7 to 9 are not in this trail"
    assert str(Cut("2026-03-01T13:00:00Z", 7, 7)) == f"{told}7 is not in this trail"
