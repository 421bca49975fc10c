"""What gates decided comes into the trail in its order, and each of it once."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, select

from counterfoil.audit import fetch
from counterfoil.audit.copying import lines_in
from counterfoil.audit.fetch import Fetching
from counterfoil.audit.journals import MovedError, marked
from counterfoil.audit.read import Sought, trail
from counterfoil.audit.record import ACTS, LOOKS, entries
from counterfoil.audit.verify import verify
from counterfoil.gate.record.decided import Counted, Exposed
from counterfoil.gate.record.journal import Mark
from counterfoil.gate.record.shipping import Shipping
from counterfoil.gate.record.usage import Counts, Outcome, Seens
from counterfoil.kernel.clock import micros
from counterfoil.kernel.ids import ApiId, TokenId, UserId
from counterfoil.kernel.page import Wanted
from counterfoil.runtime.database import Database
from support.decisions import folder_in, journal_in, rows
from support.dying import dies
from support.gate import BASE, BEN
from support.office import ACME, START, StandingClock
from support.shop import SHOP, TOY
from support.telling import numbers, uncounted, unexposed, written

pytestmark = pytest.mark.each_engine


def fetching(
    database: Database,
    home: Path,
    count: Callable[[Connection, Counts, Seens], None] = uncounted,
    expose: Callable[[Exposed], None] = unexposed,
) -> Fetching:
    return Fetching(
        database, Shipping(folder_in(home)), StandingClock(), count=count, expose=expose
    )


def test_a_decision_is_an_entry(database: Database, tmp_path: Path) -> None:
    """An entry says who, by which token, called how then, at which API, route and node (X2, X3)."""
    journal_in(tmp_path).append(
        [
            *rows("first", node=TOY, route="GET /items/{item}"),
            *rows("second", route="DELETE", changes=True, outcome="ROUTE_NOT_LISTED"),
        ]
    )
    fetching(database, tmp_path).turn()
    with database.reading() as tx:
        refused, looked = trail(tx, ACME, Sought(api=ApiId(SHOP)), Wanted(10)).items
        assert verify(lines_in(tx), []).faults == []
    assert (looked.operation, looked.target, looked.route) == (
        LOOKS,
        f"nod_{TOY}",
        "GET /items/{item}",
    )
    assert (looked.user, looked.token, looked.token_name) == (
        UserId(BEN),
        TokenId(BASE + 101),
        "ci",
    )
    assert (looked.at, looked.outcome, looked.api) == (START, "allowed", SHOP)
    assert (refused.operation, refused.target, refused.outcome) == (
        ACTS,
        f"api_{SHOP}",
        "ROUTE_NOT_LISTED",
    )


def test_it_goes_on_where_it_was(database: Database, tmp_path: Path) -> None:
    """Whoever follows takes in what came since, in order, and nothing again (X2)."""
    journal = journal_in(tmp_path, segment=900)
    for number in range(0, 40, 2):
        journal.append(rows(number, number + 1))
        if number % 8 == 0:
            fetching(database, tmp_path).turn()
    one, other = fetching(database, tmp_path), fetching(database, tmp_path)
    one.turn()
    other.turn()
    journal.append(rows(40))
    other.turn()
    one.turn()
    assert written(database) == numbers(41)


def test_two_that_take_in_the_same(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of two offices that have read the same batches one writes them, the other nothing (X2)."""
    journal_in(tmp_path).append(rows(0, 1))
    slow, quick = fetching(database, tmp_path), fetching(database, tmp_path)
    usual = marked

    def overtaken(tx: Connection, journal: str) -> Mark:
        found = usual(tx, journal)
        monkeypatch.setattr(fetch, "marked", usual)
        quick.turn()
        return found

    monkeypatch.setattr(fetch, "marked", overtaken)
    with pytest.raises(MovedError):
        slow.turn()
    assert written(database) == numbers(2)
    journal_in(tmp_path).append(rows(2))
    slow.turn()
    assert written(database) == numbers(3)


def test_counts_come_with_the_rows(database: Database, tmp_path: Path) -> None:
    """Counts are told once, in the transaction of the rows: neither comes without the other."""
    told: list[tuple[Counts, int]] = []

    def count(tx: Connection, counts: Counts, _seen: Seens) -> None:
        told.append((counts, len(tx.execute(select(entries.c.position)).all())))
        if len(told) == 1:
            message = "away"
            raise OSError(message)

    counted = Counted(ACME, 7, b"", Outcome.ALLOWED, "curl/8", "192.0.2.0/24", 3, 2.5, 1.0)
    journal_in(tmp_path).append(rows(0), [counted])
    taking = fetching(database, tmp_path, count)
    with pytest.raises(OSError, match="away"):
        taking.turn()
    assert written(database) == []
    taking.turn()
    taking.turn()
    assert [rows_then for _, rows_then in told] == [1, 1]
    assert written(database) == numbers(1)


def test_what_stood_in_an_address_is_told_before_it_is_forgotten(
    database: Database, tmp_path: Path
) -> None:
    """Nobody's place moves before it was told: where that fails, it is told again (S11, R4)."""
    told: list[str] = []

    def expose(one: Exposed) -> None:
        told.append(one.path)
        if len(told) == 1:
            message = "away"
            raise OSError(message)

    seen = Exposed(bytes(32), SHOP, "/items/17", "7" * 32, "192.0.2.7", "curl/8")
    journal_in(tmp_path).append(rows(0), exposed=[seen])
    taking = fetching(database, tmp_path, expose=expose)
    with pytest.raises(OSError, match="away"):
        taking.turn()
    assert written(database) == []
    taking.turn()
    taking.turn()
    assert told == ["/items/17"] * 2
    assert written(database) == numbers(1)


STEPS = ("advance", "move", "write", "committed", "forget")


def die_at(step: str, url: str, home: Path) -> None:
    """Take in a journal, and be killed at a step of it."""

    def killed(*_: Any, **__: Any) -> None:
        os.kill(os.getpid(), 9)

    database = Database(url, pool_size=2)
    shipping = Shipping(folder_in(home))
    taking = Fetching(database, shipping, StandingClock(), count=uncounted, expose=unexposed)
    if step == "committed":
        shipping.forget = killed  # type: ignore[method-assign]
    elif step == "forget":
        usual = shipping.forget

        def forget(known: Mark) -> None:
            usual(known)
            killed()

        shipping.forget = forget  # type: ignore[method-assign]
    else:
        usual_step = getattr(fetch, step)

        def after(*args: Any, **said: Any) -> Any:
            usual_step(*args, **said)
            killed()

        setattr(fetch, step, after)
    taking.turn()


@pytest.mark.parametrize("step", STEPS)
def test_an_office_that_is_killed_takes_in_each_once(
    database: Database, tmp_path: Path, step: str
) -> None:
    """Killed after any step, it has each row once when it comes again, in order (X2, R4)."""
    journal = journal_in(tmp_path, segment=900)
    for number in range(20):
        journal.append(rows(number))
    url = database.url.render_as_string(hide_password=False)
    for round_ in range(2):
        dies(die_at, step, url, tmp_path)
        journal.append(rows(20 + round_))
    fetching(database, tmp_path).turn()
    assert written(database) == numbers(22)


def test_when_it_was_is_when_the_gate_decided(database: Database, tmp_path: Path) -> None:
    """An entry that comes late says when it was, and finds its place by that in a filter."""
    journal_in(tmp_path).append(rows("late", at=micros(START) - 3_600_000_000))
    fetching(database, tmp_path).turn()
    with database.reading() as tx:
        assert trail(tx, ACME, Sought(since=START), Wanted(10)).items == []
        [found] = trail(tx, ACME, Sought(before=START), Wanted(10)).items
    assert (START - found.at).total_seconds() == 3_600
