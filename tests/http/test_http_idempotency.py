"""Idempotency-Key: a create that is sent twice happens once."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from msgspec import structs
from sqlalchemy import select

from counterfoil.access.caller import Caller, Method
from counterfoil.audit.record import entries
from counterfoil.jsonapi import idempotency
from counterfoil.jsonapi.parameter import PAGING
from counterfoil.jsonapi.route import Answer, Asked
from counterfoil.kernel.ids import NodeId, TokenId
from counterfoil.office import Office
from counterfoil.runtime.database import Database
from support.doors import ROUTES, Probe, make, route, thing
from support.office import StandingClock, office_on, session

USER = 1_000_000_000_000_001
KEY = {"idempotency-key": "a-key-of-sixteen"}


@pytest.fixture
def probe(office: Office) -> Probe:
    return Probe(office, session(USER))


def _made(office: Office) -> int:
    with office.database.reading() as tx:
        return len(tx.execute(select(entries).where(entries.c.outcome == "allowed")).all())


def test_replay(probe: Probe, office: Office) -> None:
    """A replay has the first answer's status and metadata, and not its secret (R9)."""
    first = probe("POST", "/cma/things", thing("a"), KEY)
    again = probe("POST", "/cma/things", thing("a"), KEY)
    assert (first.status, again.status) == (201, 201)
    assert first.headers["location"] == again.headers["location"]
    assert first.json["data"]["attributes"]["token"].startswith("cfs_")
    assert again.json["data"]["id"] == first.json["data"]["id"]
    assert again.json["data"]["attributes"] == {"name": "a", "token": None}
    assert again.json["meta"] == {"secret_already_shown": True}
    assert _made(office) == 1


def test_first_position(probe: Probe) -> None:
    """The first answer names the position of its commit (R1)."""
    assert probe("POST", "/cma/things", thing("a"), KEY).headers["counterfoil-position"] == "0"


def test_secret_is_not_kept(probe: Probe, office: Office) -> None:
    """No byte of the secret is in the database after the answer (S9, A12)."""
    secret = probe("POST", "/cma/things", thing("a"), KEY).json["data"]["attributes"]["token"]
    with office.database.reading() as tx:
        row = tx.execute(select(idempotency.table)).one()
    assert secret.encode() not in row.answer
    assert secret[4:20].encode() not in row.answer
    assert KEY["idempotency-key"].encode() not in row.key_digest


def test_another_body(probe: Probe, office: Office) -> None:
    """The same key with another body answers 422 and does nothing (R9)."""
    probe("POST", "/cma/things", thing("a"), KEY)
    seen = probe("POST", "/cma/things", thing("b"), KEY)
    assert (seen.status, seen.code) == (422, "IDEMPOTENCY_KEY_REUSED")
    assert _made(office) == 1


def test_another_query(office: Office) -> None:
    """The same key with another query answers 422 and does nothing (R9)."""
    probe = Probe(office, session(USER), routes=(replace(ROUTES[0], query=PAGING),))
    assert probe("POST", "/cma/things", thing("a"), KEY).status == 201
    seen = probe("POST", "/cma/things?page[size]=2", thing("a"), KEY)
    assert (seen.status, seen.code) == (422, "IDEMPOTENCY_KEY_REUSED")
    assert _made(office) == 1


def test_the_address_is_not_kept(office: Office) -> None:
    """Of the address a digest is kept: what somebody put into it is not in the database (S9)."""
    things = replace(ROUTES[0], path="/cma/things/{id}/like", parts=ROUTES[1].parts)
    probe = Probe(office, session(USER), routes=(things,))
    long = "9" * 290
    assert probe("POST", f"/cma/things/{long}/like", thing("a"), KEY).status == 201
    with office.database.reading() as tx:
        row = tx.execute(select(idempotency.table)).one()
    assert len(row.route) == 64
    assert long[:10] not in row.route


def test_a_replay_shows_nothing_to_who_sees_less(probe: Probe, office: Office) -> None:
    """Whose roots changed since is told that it was done, and not what it said (S30, R9)."""
    assert probe("POST", "/cma/things", thing("a"), KEY).status == 201
    whole = probe.caller
    assert whole is not None
    narrow = whole.grant.narrowed(roots=frozenset({NodeId(7)}))
    probe.caller = structs.replace(whole, grant=narrow)
    seen = probe("POST", "/cma/things", thing("a"), KEY)
    assert (seen.status, seen.code) == (409, "CONFLICT")
    assert "data" not in seen.json
    assert _made(office) == 1
    probe.caller = whole
    assert probe("POST", "/cma/things", thing("a"), KEY).status == 201


def test_failure_is_not_kept(probe: Probe) -> None:
    """What failed may be tried again under the same key (R9)."""
    probe("POST", "/cma/things", thing("a"))
    assert probe("POST", "/cma/things", thing("a"), KEY).status == 409
    assert probe("POST", "/cma/things", thing("b"), KEY).status == 201


def test_scope_of_a_key(probe: Probe, office: Office) -> None:
    """A key belongs to one caller; another's equal key is another (R9)."""
    probe("POST", "/cma/things", thing("a"), KEY)
    others = Caller(probe.caller.organization, None, Method.SERVICE, probe.caller.grant, TokenId(7))  # type: ignore[union-attr]
    assert Probe(office, others)("POST", "/cma/things", thing("b"), KEY).status == 201


def test_after_a_day(probe: Probe, clock: StandingClock, office: Office) -> None:
    """After 24 hours a key is new again, and the sweep has forgotten it (R9)."""
    probe("POST", "/cma/things", thing("a"), KEY)
    clock.move_on(hours=24, seconds=1)
    probe.caller = session(USER, at=clock())
    assert probe("POST", "/cma/things", thing("b"), KEY).status == 201
    clock.move_on(hours=24, seconds=1)
    assert idempotency.sweep(office.database, clock()) == 1


@pytest.mark.parametrize("key", ["", "short", "x" * 256, "with a space and so on", "ümlaut" * 4])
def test_odd_key(probe: Probe, key: str) -> None:
    """A key is 16 to 255 visible ASCII characters (R9)."""
    assert probe("POST", "/cma/things", thing("a"), {"idempotency-key": key}).status == 400


def test_in_parallel(any_database: Database, clock: StandingClock, entropy: Any) -> None:
    """Of parallel equal requests one acts; the others get its answer or 409 (R9)."""
    office = office_on(any_database, clock, entropy)
    barrier = threading.Barrier(8)
    statuses: list[int] = []
    ids: set[str] = set()

    def knock() -> None:
        probe = Probe(office, session(USER))
        barrier.wait()
        seen = probe("POST", "/cma/things", thing("a"), KEY)
        statuses.append(seen.status)
        if seen.status == 201:
            ids.add(seen.json["data"]["id"])

    threads = [threading.Thread(target=knock) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(statuses) <= {201, 409}
    assert 201 in statuses
    assert len(ids) == 1
    assert _made(office) == 1


def _killed(database: Database, clock: StandingClock, at: Callable[[Any], None]) -> None:
    """Do a create in a child process that is killed on its way."""
    url = database.url.render_as_string(hide_password=False)
    child = os.fork()
    if child == 0:
        try:
            office = office_on(Database(url), clock, os.urandom, committed=lambda _: None)
            at(office)
            Probe(office, session(USER))("POST", "/cma/things", thing("a"), KEY)
        finally:
            os._exit(1)
    _, ended = os.waitpid(child, 0)
    assert os.WTERMSIG(ended) == signal.SIGKILL


def _die(*_: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _before_the_door(office: Any) -> None:
    office.work = _die


def _before_the_commit(_office: Any) -> None:
    idempotency._keep = _die  # type: ignore[assignment]  # noqa: SLF001 - a step to die at


@pytest.mark.parametrize("at", [_before_the_door, _before_the_commit])
def test_killed_before(
    database: Database, clock: StandingClock, entropy: Any, at: Callable[[Any], None]
) -> None:
    """Killed before the commit, nothing was done, and a retry does it once (R4, R9)."""
    _killed(database, clock, at)
    office = office_on(database, clock, entropy)
    probe = Probe(office, session(USER))
    seen = probe("POST", "/cma/things", thing("a"), KEY)
    assert (seen.status, seen.code) == (409, "IDEMPOTENCY_IN_FLIGHT")
    assert _made(office) == 0
    clock.move_on(seconds=idempotency.LAPSE.total_seconds() + 1)
    assert probe("POST", "/cma/things", thing("a"), KEY).status == 201
    assert _made(office) == 1


def test_killed_after(database: Database, clock: StandingClock, entropy: Any) -> None:
    """Killed after the commit, the retry gets the first answer without its secret (R4, R9)."""

    def at(office: Any) -> None:
        office._committed = _die  # noqa: SLF001 - the step after the commit
        real = office.work

        def work(*args: Any) -> Any:
            return _EmittingWork(real(*args))

        office.work = work

    _killed(database, clock, at)
    office = office_on(database, clock, entropy)
    again = Probe(office, session(USER))("POST", "/cma/things", thing("a"), KEY)
    assert again.status == 201
    assert again.json["meta"] == {"secret_already_shown": True}
    assert _made(office) == 1


class _EmittingWork:
    """Dies as soon as the work inside has been committed."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def __enter__(self) -> Any:
        return self._inner.__enter__()

    def __exit__(self, *error: object) -> None:
        self._inner.__exit__(*error)
        _die()


def test_late_first_comer(probe: Probe, office: Office, clock: StandingClock) -> None:
    """Who was slow and lost its claim to a second comer rolls back: there is one thing (R9)."""
    late: list[int] = []
    real = idempotency._keep  # noqa: SLF001 - a named step to be slow at

    def slow(*args: Any) -> None:
        clock.move_on(seconds=idempotency.LAPSE.total_seconds() + 1)
        work, claim = args[0], args[1]
        work.tx.execute(
            idempotency.table.update().where(claim.row()).values(nonce=b"\0" * 16, at=clock())
        )
        real(*args)

    idempotency._keep = slow  # type: ignore[assignment]  # noqa: SLF001 - as above
    try:
        late.append(probe("POST", "/cma/things", thing("a"), KEY).status)
    finally:
        idempotency._keep = real  # noqa: SLF001 - as above
    assert late == [409]
    assert _made(office) == 0


def test_two_works(office: Office) -> None:
    """A door that honours the key and begins two works is a mistake: it fails, and undoes (R9)."""

    def twice(asked: Asked) -> Answer:
        for name in ("a", "b"):
            with asked.work() as work:
                make(work, name)
        return Answer(201)

    door = route("POST", "/cma/twice", twice, "probe.make", "Make two", idempotent=True)
    probe = Probe(office, session(USER), routes=(door,))
    assert probe("POST", "/cma/twice", None, KEY).status == 500
    assert _made(office) == 0


def test_kept_for_a_day() -> None:
    """A key is kept for 24 hours (R9)."""
    assert timedelta(hours=24) == idempotency.KEPT
