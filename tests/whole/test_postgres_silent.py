"""The real server while its Postgres stands still and acknowledges all that it is sent (R10).

To the kernel of the office such a connection is as good as any.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import LiteralString

import psycopg
import pytest

from infra.postgres import Cluster, own_postgres
from infra.server import Server, serving
from infra.wait import wait_until
from support.installation import Installed, install
from support.sample import Talker

MANY = 24
"""More than there are threads in all processes of a server."""


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with own_postgres() as running:
        yield running


@pytest.fixture(scope="module")
def made(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    folder = tmp_path_factory.mktemp("silent")
    return install(folder / "data", tokens=2 * MANY + 4, database_url=cluster.url())


@pytest.fixture(scope="module")
def server(cluster: Cluster, made: Installed) -> Iterator[Server]:
    with serving(made.settings.data_dir, env={"COUNTERFOIL_DATABASE_URL": cluster.url()}) as one:
        yield one


@pytest.fixture(scope="module")
def tokens(made: Installed) -> Iterator[str]:
    return iter(made.tokens)


def is_back(server: Server) -> bool:
    return Talker(server.port)("GET", "/readyz").status == 200


def answered(bearer: Talker, method: str, path: str) -> int:
    """Ask until it is answered: one of the two workers may be back when the other is not yet."""
    said = [503]

    def ask() -> bool:
        said.append(bearer(method, path).status)
        return said[-1] != 503

    wait_until(ask, "an answer")
    return said[-1]


def test_everybody_is_answered_while_it_stands_still(
    cluster: Cluster, server: Server, tokens: Iterator[str]
) -> None:
    """A revocation, a page, a sign-in and /readyz are 503, however many ask, and /livez is 200.

    Each is answered while nothing is heard of the database, and what comes after them is, too: no
    thread is held. When it goes on the office does so by itself, and what each was told is true:
    who was told 200 opens nothing, and no position of the feed lacks.
    """
    talk = Talker(server.port)
    doomed = [next(tokens) for _ in range(MANY)]
    reader = talk.bearing(next(tokens))
    with ThreadPoolExecutor(2 * MANY) as people, cluster.stopped():
        revoking = [people.submit(talk.bearing(one), "DELETE", "/cma/token") for one in doomed]
        reading = [people.submit(reader, "GET", "/cma/nodes") for _ in doomed]
        answers = [one.result().status for one in (*revoking, *reading)]
        assert set(answers) == {503}
        assert reader("GET", "/cma/nodes").status == 503
        assert talk("GET", "/readyz").status == 503
        assert talk("GET", "/livez").status == 200
        known = {"email": "nobody@example.com", "password": "not-this-one-i-fear"}
        assert talk("POST", "/signin", known).status == 503
    wait_until(lambda: is_back(server), "it to be back")
    assert answered(reader, "GET", "/cma/nodes") == 200
    for one in doomed:
        bearer = talk.bearing(one)
        assert answered(bearer, "DELETE", "/cma/token") in {200, 401}
        assert answered(bearer, "GET", "/cma/token") == 401
    with psycopg.connect(cluster.url().replace("+psycopg", "")) as tx:
        found = [row[0] for row in tx.execute("SELECT position FROM feed ORDER BY position")]
    assert found == list(range(1, len(found) + 1))


SESSIONS = "SELECT pid FROM pg_stat_activity WHERE usename = 'postgres' AND pid <> pg_backend_pid()"
NOT_THE_ONE_THAT_ASKS = " AND query NOT LIKE 'SELECT 1' AND query NOT LIKE '%pg_stat_activity%'"


@contextmanager
def stopped(cluster: Cluster, which: LiteralString) -> Iterator[set[int]]:
    """Have sessions stand still that hold nothing; yield their numbers."""
    with psycopg.connect(cluster.url().replace("+psycopg", ""), autocommit=True) as tx:
        chosen = {row[0] for row in tx.execute(which) if _told(row[0], signal.SIGSTOP)}
        try:
            idle = {row[0] for row in tx.execute(f"{SESSIONS} AND state = 'idle'")}
            for one in chosen - idle:
                _told(one, signal.SIGCONT)
            assert chosen & idle
            yield chosen & idle
        finally:
            for one in chosen:
                _told(one, signal.SIGCONT)


@pytest.mark.parametrize(
    "which", [SESSIONS, SESSIONS + NOT_THE_ONE_THAT_ASKS], ids=["all", "all but one"]
)
def test_sessions_that_stand_still_are_replaced(
    cluster: Cluster, server: Server, tokens: Iterator[str], which: LiteralString
) -> None:
    """The office goes on with others while those stand still, also if its question is answered.

    What was revoked meanwhile opens nothing, then and afterwards.
    """
    talk = Talker(server.port)
    wait_until(lambda: is_back(server), "it to be well")
    reader, doomed = talk.bearing(next(tokens)), talk.bearing(next(tokens))
    with stopped(cluster, which) as pids:
        assert answered(reader, "GET", "/cma/nodes") == 200
        assert answered(doomed, "DELETE", "/cma/token") in {200, 401}
        assert answered(doomed, "GET", "/cma/token") == 401
        wait_until(lambda: is_back(server), "it to be well")
        with psycopg.connect(cluster.url().replace("+psycopg", "")) as tx:
            there = {row[0] for row in tx.execute(SESSIONS)}
        assert pids <= there  # they stand there yet
    assert answered(doomed, "GET", "/cma/token") == 401


def _told(pid: int, what: signal.Signals) -> bool:
    """Send a session a signal; return whether it was there: a connection may end in any moment."""
    try:
        os.kill(pid, what)
    except ProcessLookupError:
        return False
    return True
