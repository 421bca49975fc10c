"""What was counted goes into the books, by the hour and within bounds; and when each was last."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, insert, select, text

from counterfoil import tokens
from counterfoil.access.caller import Caller, Method
from counterfoil.access.grant import Grant
from counterfoil.access.surface import Surface
from counterfoil.gate.record.usage import OTHER, Outcome, Usage
from counterfoil.kernel.ids import TokenId
from counterfoil.runtime.database import Database
from counterfoil.tokens.api_token_edit import regenerate
from counterfoil.tokens.revoke import revoke, revoke_mine
from counterfoil.tokens.store import last_used
from counterfoil.tokens.store import usage as store
from counterfoil.tokens.store.last_used import last_uses, used
from counterfoil.tokens.usage_model import LastUse
from support.office import ACME, START, StandingClock
from support.plans import planned
from support.tokens import Agency, Hall

pytestmark = pytest.mark.each_engine

TOKEN = TokenId(7)
BEARER = Caller(ACME, None, Method.PERSONAL, Grant(()), TOKEN)
HERE = "192.0.2.7"
HOUR = timedelta(hours=1)


@pytest.fixture
def usage(clock: StandingClock) -> Usage:
    return Usage(clock)


@pytest.fixture
def tally(database: Database, usage: Usage) -> tokens.Tally:
    return tokens.Tally(database, usage)


def use(
    usage: Usage,
    surface: Surface = Surface.DELIVERY,
    outcome: Outcome = Outcome.ALLOWED,
    agent: str = "curl/8.5.0",
    address: str = HERE,
) -> None:
    usage.count(BEARER, surface, outcome, agent, address)


def kept(database: Database) -> list[tuple[Any, ...]]:
    """Return hour, surface, outcome, client, network and count of all that is in the books."""
    with database.reading() as tx:
        found = store.buckets(tx, ACME, TOKEN, START - 1000 * HOUR)
    return [
        (one.hour, str(one.surface), str(one.outcome), one.client, one.network, one.count)
        for one in found
    ]


def last(database: Database) -> LastUse | None:
    with database.reading() as tx:
        return last_uses(tx, ACME, [TOKEN, TokenId(8)]).get(TOKEN)


def test_hours_add_up(
    database: Database, clock: StandingClock, usage: Usage, tally: tokens.Tally
) -> None:
    """Counts of one hour are added, by several workers too, and the next hour is another (G12g)."""
    beside = Usage(clock)
    for worker in (usage, beside):
        use(worker)
        use(worker)
    tally.flush()
    tokens.Tally(database, beside).flush()
    clock.move_on(hours=1)
    use(usage, outcome=Outcome.FORBIDDEN)
    tally.flush()
    tally.flush()
    assert kept(database) == [
        (START, "delivery", "allowed", "curl/8.5.0", "192.0.2.0/24", 4),
        (START + HOUR, "delivery", "forbidden", "curl/8.5.0", "192.0.2.0/24", 1),
    ]


def test_each_surface_has_its_last_time(
    database: Database, clock: StandingClock, usage: Usage, tally: tokens.Tally
) -> None:
    """Each kind of API has its own last use, and the last of all says client and network (R16)."""
    assert last(database) is None
    use(usage, Surface.MANAGEMENT)
    tally.flush()
    clock.move_on(minutes=3)
    use(usage, Surface.PREVIEW, Outcome.FORBIDDEN, "dx/1.0 (ci)", "2001:db8::1")
    tally.flush()
    later = START + timedelta(minutes=3)
    assert last(database) == LastUse(later, "dx/1.0", "2001:db8::/48", START, later, later)


def test_when_it_stopped_is_known_exactly(
    database: Database, clock: StandingClock, usage: Usage, tally: tokens.Tally
) -> None:
    """When a token was last let in and first refused is known to the instant, whatever the order.

    What another worker writes late changes neither, and what is let in again ends it (R1, R16).
    """

    def stopped() -> tuple[datetime, datetime] | None:
        tally.flush()
        found = last(database)
        return found.stopped if found else None

    use(usage, outcome=Outcome.DISABLED)
    assert stopped() is None  # nobody was ever let in with it
    clock.move_on(seconds=1.25)
    use(usage)
    let_in = clock()
    clock.move_on(seconds=0.035)
    use(usage, outcome=Outcome.DISABLED)
    refused = clock()
    assert stopped() == (let_in, refused)
    clock.move_on(seconds=7)
    use(usage, outcome=Outcome.DISABLED)
    use(usage, outcome=Outcome.FORBIDDEN, agent="late/1")
    clock.move_on(seconds=1)
    use(usage, outcome=Outcome.EXPIRED)
    let_in, refused = clock() - timedelta(seconds=1), clock()
    assert stopped() == (let_in, refused)
    clock.move_on(seconds=1)
    use(usage)
    assert stopped() is None


def test_a_refusal_may_be_told_first(
    database: Database, clock: StandingClock, usage: Usage
) -> None:
    """Of two workers the one that refused may tell it before the one that let in (R1, R16)."""
    use(usage)
    let_in = clock()
    clock.move_on(seconds=1)
    beside = Usage(clock)
    use(beside, outcome=Outcome.DISABLED)
    tokens.Tally(database, beside).flush()
    assert last(database) is None
    tokens.Tally(database, usage).flush()
    found = last(database)
    assert found is not None
    assert found.stopped == (let_in, clock())


@pytest.mark.parametrize("apart", [timedelta(minutes=1), timedelta(milliseconds=300)], ids=str)
def test_what_is_later_stays(
    database: Database, clock: StandingClock, usage: Usage, apart: timedelta
) -> None:
    """A worker that writes late does not turn the last use back, within a second neither (R16)."""
    beside = Usage(clock)
    use(beside, agent="early/1")
    clock.move_on(seconds=apart.total_seconds())
    use(usage, agent="late/1")
    tokens.Tally(database, usage).flush()
    tokens.Tally(database, beside).flush()
    seen = last(database)
    assert seen is not None
    assert (seen.at, seen.client) == (
        START + timedelta(seconds=apart // timedelta(seconds=1)),
        "late/1",
    )


@pytest.mark.parametrize(
    "outcome", [one for one in Outcome if one not in {"allowed", "forbidden", "limited"}]
)
def test_who_is_refused_has_not_used_it(
    database: Database, usage: Usage, tally: tokens.Tally, outcome: Outcome
) -> None:
    """A token that does not verify is counted with its reason, but was not used (G12g, G12e)."""
    use(usage, outcome=outcome)
    tally.flush()
    assert [row[2] for row in kept(database)] == [outcome]
    assert last(database) is None


def test_the_table_has_a_bound(
    database: Database, clock: StandingClock, usage: Usage, tally: tokens.Tally
) -> None:
    """Whatever clients call themselves, an hour of a token has so many rows; nothing is lost."""
    for turn in range(5):
        for number in range(30):
            use(usage, agent=f"agent-{turn}-{number}/1", address=f"10.{turn}.{number}.1")
        tally.flush()
    found = kept(database)
    assert sum(row[-1] for row in found) == 150
    assert len(found) == store.PER_HOUR + 1
    assert {row[3:5] for row in found} > {(OTHER, OTHER)}
    clock.move_on(hours=1)
    use(usage, agent="another/1")
    tally.flush()
    assert kept(database)[-1][3] == "another/1"


def test_what_cannot_be_written_waits(
    database: Database, usage: Usage, tally: tokens.Tally, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A failing database loses no count, and the next turn writes it once (R16)."""
    use(usage)
    with monkeypatch.context() as patched:
        patched.setattr(last_used, "note", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            tally.flush()
    assert kept(database) == []
    tally.flush()
    assert [row[-1] for row in kept(database)] == [1]


def test_workers_do_not_wait_for_each_other(database: Database, clock: StandingClock) -> None:
    """Workers that write the same rows at once all get through, and the sum is right."""
    failures: list[BaseException] = []

    def work(turn: int) -> None:
        usage = Usage(clock)
        tally = tokens.Tally(database, usage)
        try:
            for number in range(20):
                for agent in range(10) if turn % 2 else reversed(range(10)):
                    use(usage, agent=f"agent/{agent}", address=f"10.0.{number % 2}.1")
                tally.flush()
        except BaseException as error:  # noqa: BLE001 - the test says which
            failures.append(error)

    threads = [threading.Thread(target=work, args=(turn,)) for turn in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert sum(row[-1] for row in kept(database)) == 4 * 20 * 10


def test_old_hours_go(
    database: Database, clock: StandingClock, usage: Usage, tally: tokens.Tally
) -> None:
    """Hours are forgotten after ninety days; when a token was last used is not (R16)."""
    use(usage)
    tally.flush()
    clock.move_on(days=90)
    tokens.forget_usage(database, clock())
    assert len(kept(database)) == 1
    clock.move_on(hours=1)
    tokens.forget_usage(database, clock())
    assert kept(database) == []
    assert last(database) is not None


def test_it_is_found_without_a_scan(database: Database) -> None:
    """Among many tokens the few that are asked for are looked up by the key, on both engines."""
    rows = [
        {"organization_id": ACME, "token_id": number, "at": START, "client": "x", "network": "y"}
        for number in range(20_000)
    ]
    with database.transaction() as tx:
        tx.execute(insert(used), rows)
        tx.execute(text("ANALYZE"))
    with database.reading() as tx, planned(tx) as plans:
        last_uses(tx, ACME, [TOKEN, TokenId(8)])
    plan = str(next(steps for statement, steps in plans if "token_used" in statement))
    assert "pk_token_used" in plan or "sqlite_autoindex_token_used" in plan
    assert "SCAN" not in plan
    assert "Seq Scan" not in plan


class TestSecrets:
    """A secret that the gate does not know may be a former one of a token that the office does."""

    def outcomes(self, agency: Agency, *digests: bytes) -> dict[tuple[int, str], int]:
        usage = Usage(agency.hall.clock)
        for digest in digests:
            usage.count_refused(digest, Surface.DELIVERY, Outcome.REVOKED, "curl/8", HERE)
        tokens.Tally(agency.hall.database, usage).flush()
        table = store.usage
        with agency.hall.database.reading() as tx:
            rows = tx.execute(
                select(table.c.token_id, table.c.outcome, func.sum(table.c["count"]))
                .where(table.c.organization_id == agency.id)
                .group_by(table.c.token_id, table.c.outcome)
            )
            return {(row[0], row[1]): row[2] for row in rows}

    def test_revoked(self, agency: Agency) -> None:
        """A revoked token that is still tried is counted, and strangers leave no row (G12g)."""
        made = agency.granted(agency.dan)
        with agency.acting(agency.dan) as work:
            revoke(work, made.token.id)
        seen = self.outcomes(agency, made.secret.digest, made.secret.digest, b"x" * 32)
        assert seen == {(made.token.id, "revoked"): 2}

    def test_a_former_secret(self, agency: Agency) -> None:
        """Who still uses the secret of before shows as that, on a token that lives on (X19)."""
        made = agency.api_token()
        with agency.acting(agency.ada) as work:
            regenerate(work, made.token.id, timedelta(0))
        assert self.outcomes(agency, made.secret.digest) == {(made.token.id, "retired"): 1}

    def test_all_mine(self, agency: Agency) -> None:
        """Tokens that went together are each counted for themselves (G15)."""
        made = [agency.granted(agency.dan, name) for name in ("one", "two")]
        with agency.acting(agency.dan) as work:
            revoke_mine(work)
        seen = self.outcomes(agency, *(one.secret.digest for one in made))
        assert seen == {(one.token.id, "revoked"): 1 for one in made}


def test_a_hall_counts(hall: Hall, agency: Agency) -> None:
    """What comes through guard and gate is in the books after a flush, with its client (G12g)."""
    made = agency.granted(agency.dan)
    agency.door(made.secret).raw("GET", "/cma/token", headers={"User-Agent": "curl/8.5.0 (x)"})
    hall.tally.flush()
    shown = agency.door(agency.caller(agency.dan))(
        "GET", f"/cma/personal_access_tokens/{made.token.id}"
    ).json["data"]["attributes"]
    assert (shown["last_used_at"], shown["last_client"], shown["last_network"]) == (
        "2026-03-01T12:00:00Z",
        "curl/8.5.0",
        OTHER,
    )
