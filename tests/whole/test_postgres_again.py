"""A request that stood in somebody's way in Postgres is done again, as a whole."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Self

import psycopg
import pytest
from falcon.testing import Result, TestClient
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from counterfoil.app.build import App, build
from counterfoil.jsonapi.again import TIMES, tried
from counterfoil.runtime.postgres import HELD_S
from infra.postgres import new_database
from infra.wait import wait_until
from support.installation import install

HEAD = "SELECT position FROM feed_head FOR UPDATE"
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"


@pytest.fixture
def house(tmp_path: Path, postgres: int) -> Iterator[tuple[App, TestClient, str]]:
    with new_database(postgres) as url:
        made = install(tmp_path / "data", database_url=url)
        app = build(made.settings)
        bearer = {"Authorization": f"Bearer {made.tokens[0]}"}
        yield app, TestClient(app.wsgi, headers=bearer), url.replace("+psycopg", "")
        app.close()


def folder(client: TestClient) -> str:
    found: list[dict[str, Any]] = client.simulate_get("/cma/nodes").json["data"]
    parent = {"data": {"type": "node", "id": next(one["id"] for one in found)}}
    data = {"type": "node", "attributes": {"kind": "folder", "slug": "contended"},
            "relationships": {"parent": parent}}  # fmt: skip
    return str(client.simulate_post("/cma/nodes", json={"data": data}).json["data"]["id"])


def test_of_two_that_wait_for_each_other(house: tuple[App, TestClient, str]) -> None:
    """A change that Postgres ended for the sake of another one is made all the same, once (R8)."""
    _, client, url = house
    node = folder(client)
    tag = client.simulate_get(f"/cma/nodes/{node}").headers["etag"]
    said = {"data": {"type": "node", "id": node, "attributes": {"slug": "renamed"}}}

    def rename() -> Result:
        return client.simulate_patch(f"/cma/nodes/{node}", json=said, headers={"If-Match": tag})

    with psycopg.connect(url) as other, psycopg.connect(url, autocommit=True) as looking:
        other.execute("SET deadlock_timeout = '1min'")  # so that the request's side ends it
        other.execute(HEAD)
        with ThreadPoolExecutor(1) as pool:
            renaming = pool.submit(rename)
            wait_until(lambda: looking.execute(WAITING).fetchone() != (0,), "it to wait for us")
            other.execute("UPDATE node SET slug = slug WHERE id = %s", (int(node),))
            other.rollback()
            assert renaming.result().status_code == 200
        assert looking.execute(
            "SELECT count(*) FROM audit_entry WHERE target = %s AND operation LIKE 'node.%%'",
            (f"nod_{node}",),
        ).fetchone() == (2,)
    assert client.simulate_get(f"/cma/nodes/{node}").json["data"]["attributes"]["slug"] == "renamed"


def test_of_a_process_that_stood_still(house: tuple[App, TestClient, str]) -> None:
    """A revocation whose process stood still for too long is made once it goes on (R10)."""
    app, client, _ = house
    stood: list[bytes] = []

    class Standing(psycopg.Cursor[Any]):
        """Stands still once, before a row is changed that is held."""

        def execute(self, query: Any, *given: Any, **how: Any) -> Self:
            if not stood and query.startswith(b"UPDATE token "):
                stood.append(query)
                time.sleep(HELD_S + 1)
            return super().execute(query, *given, **how)

    @event.listens_for(app.database.engine, "connect")
    def connected(connection: Any, _record: object) -> None:
        connection.cursor_factory = Standing

    app.database.engine.dispose()
    assert client.simulate_delete("/cma/token").status_code == 200
    assert stood
    assert client.simulate_get("/cma/token").status_code == 401


class Ended(Exception):
    """As the driver says it."""

    sqlstate = "40001"


def test_it_is_not_tried_for_ever() -> None:
    """Who is ended each time is told so after a few; nothing else is tried twice (R10)."""
    seen: list[str] = []

    def ended() -> None:
        seen.append("tried")
        raise OperationalError("UPDATE", {}, Ended())

    def away() -> None:
        seen.append("away")
        raise OperationalError("UPDATE", {}, Exception())

    for act in (ended, away):
        with pytest.raises(OperationalError):
            tried(act, [], lambda _s: None)
    assert seen == ["tried"] * TIMES + ["away"]
    with pytest.raises(OperationalError):
        tried(ended, [7], lambda _s: None)
    assert seen.count("tried") == TIMES + 1
