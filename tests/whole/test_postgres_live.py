"""The real server on the real Postgres: a token's life, and what is on record of it."""

from __future__ import annotations

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

from counterfoil.demo.walk import Walk
from infra.postgres import new_database
from infra.server import Server, serving
from infra.wait import wait_until
from support.installation import EMAIL, PASSWORD, install
from support.sample import Said, Talker

PATS = "/cma/personal_access_tokens"


def admin(server: Server) -> Talker:
    """Sign in as the admin, and carry the session."""
    with closing(Walk(server.url, tell=lambda _line: None)) as walk:
        return Talker(server.port).bearing(walk.sign_in("Ada", EMAIL, PASSWORD))


def ask(who: Talker, name: str) -> Said:
    attributes = {"name": name, "scopes": ["content:read"]}
    body = {"data": {"type": "personal_access_token", "attributes": attributes}}
    return who("POST", PATS, body)


def outcomes(ada: Talker, operation: str) -> list[Any]:
    """Return the outcomes of an operation, the latest first."""
    told = ada("GET", f"/cma/audit_events?filter[operation]={operation}").body["data"]
    return [one["attributes"]["outcome"] for one in told]


def test_a_tokens_life_on_postgres(tmp_path: Path, postgres: int) -> None:
    """Made, used, counted, revoked and refused by every worker, all of it on record (X15, A5).

    A server that is killed and started again on those books revives nothing (I8).
    """
    data = tmp_path / "data"
    with new_database(postgres) as url:
        install(data, database_url=url)
        env = {"COUNTERFOIL_DATABASE_URL": url}
        with serving(data, "--workers", "2", env=env) as server:
            ada = admin(server)
            made = ask(ada, "laptop").body["data"]
            holder = Talker(server.port).bearing(made["attributes"]["token"])
            assert {holder("GET", "/cda/items").status for _ in range(8)} == {200}
            for number in range(3):
                assert ask(ada, f"token {number}").status == 201
            with ThreadPoolExecutor(10) as pool:
                raced = list(pool.map(lambda number: ask(ada, f"rival {number}").status, range(10)))
            assert sorted(raced) == [201] + [409] * 9
            assert ada("DELETE", f"{PATS}/{made['id']}").status == 200
            assert {holder("GET", "/cda/items").status for _ in range(8)} == {401}
            assert set(outcomes(ada, "token.revoke")) == {"allowed"}
            assert outcomes(ada, "token.request").count("TOKEN_QUOTA_EXCEEDED") == 9
            wait_until(
                lambda: len(outcomes(ada, "delivery.list")) == 8, "the reads to be on record"
            )
            os.killpg(server.process.pid, signal.SIGKILL)
        with serving(data, env=env) as again:
            assert Talker(again.port, holder.headers)("GET", "/cda/items").status == 401
            assert len(outcomes(admin(again), "token.request")) == 14
