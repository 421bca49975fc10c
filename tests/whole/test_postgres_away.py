"""The real server while its Postgres is away, has no room, and is back: nothing is lost by it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from infra.postgres import Cluster, own_postgres
from infra.server import serving
from infra.wait import wait_until
from support.installation import Installed, install
from support.sample import Said, Talker


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    with own_postgres() as running:
        yield running


def folder(talk: Talker, made: Installed, slug: str) -> Said:
    data = {
        "type": "node",
        "attributes": {"kind": "folder", "slug": slug},
        "relationships": {"parent": {"data": {"type": "node", "id": str(made.root)}}},
    }
    return talk("POST", "/cma/nodes", {"data": data})


def slugs(cluster: Cluster) -> list[str]:
    with psycopg.connect(cluster.url().replace("+psycopg", "")) as tx:
        found = tx.execute("SELECT slug FROM node WHERE slug LIKE 'folder-%' ORDER BY slug")
        return [row[0] for row in found]


def positions(cluster: Cluster) -> list[int]:
    with psycopg.connect(cluster.url().replace("+psycopg", "")) as tx:
        return [row[0] for row in tx.execute("SELECT position FROM feed ORDER BY position")]


@pytest.mark.parametrize("end", [Cluster.stop, Cluster.fill])
def test_a_postgres_that_was_away(
    cluster: Cluster, tmp_path: Path, end: Callable[[Cluster], None]
) -> None:
    """Where Postgres is stopped, or has no room for a commit, an office says 503 (R10, R11).

    It never says that it did what it did not. What was revoked stays so meanwhile, and two seconds
    later nothing opens: another host may have revoked more. When the database is back the office
    goes on by itself, and no position lacks.
    """
    made = install(tmp_path / "data", tokens=3, database_url=cluster.url())
    with serving(made.settings.data_dir, env={"COUNTERFOIL_DATABASE_URL": cluster.url()}) as server:
        talk, gone, late = (Talker(server.port).bearing(one) for one in made.tokens)
        assert folder(talk, made, "folder-1").status == 201
        assert gone("DELETE", "/cma/token").status == 200
        end(cluster)
        assert folder(talk, made, "folder-2").status == 503
        assert late("DELETE", "/cma/token").status == 503
        assert gone("GET", "/cma/token").status in {401, 503}
        wait_until(lambda: late("GET", "/cma/token").status == 503, "the lease to end")
        assert Talker(server.port)("GET", "/readyz").status == 503
        assert Talker(server.port)("GET", "/livez").status == 200
        cluster.stop()
        with cluster.begun_again() as again:
            wait_until(lambda: Talker(server.port)("GET", "/readyz").status == 200, "it to be back")
            wait_until(lambda: gone("GET", "/cma/token").status == 401, "a look")
            wait_until(
                lambda: late("DELETE", "/cma/token").status == 200,
                "the other worker to be back, too",
            )
            wait_until(lambda: folder(talk, made, "folder-3").status == 201, "a write")
            assert slugs(again) == ["folder-1", "folder-3"]
            found = positions(again)
            assert found == list(range(1, len(found) + 1))
