"""Whom the gate refuses and knows all the same: their refusals are on record (R14, S11)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from falcon.testing import TestClient
from sqlalchemy import select

from counterfoil.app.build import App, build
from counterfoil.audit.record import entries
from counterfoil.gate.verifier import Verifier
from counterfoil.secret import Kind, Secret
from counterfoil.tokens.store.leaks import reports
from support.installation import Installed, install
from support.office import StandingClock

ELSEWHERE = "org_1000000000000000"


@pytest.fixture
def installed(tmp_path: Path) -> Installed:
    return install(tmp_path / "data")


@pytest.fixture
def app(installed: Installed) -> Iterator[App]:
    app = build(installed.settings, StandingClock())
    yield app
    app.close()


def trail(app: App) -> list[tuple[str, str, int | None]]:
    """Return operation, outcome and token of all that was refused."""
    app.journal.flush()
    with app.database.reading() as tx:
        rows = tx.execute(select(entries).where(entries.c.outcome != "allowed"))
        return [(row.operation, row.outcome, row.token_id) for row in rows]


def of(verifier: Verifier, text: str) -> int | None:
    return verifier.verify(text).token


def test_a_good_token_in_a_foreign_organization(app: App, installed: Installed) -> None:
    """A token that names an organization where it does not speak is on record, once (R14, K13)."""
    (token,) = installed.tokens
    client = TestClient(app.wsgi)
    for named in (ELSEWHERE, "nonsense"):
        headers = {"Authorization": f"Bearer {token}", "Counterfoil-Organization": named}
        assert client.simulate_get("/cma/nodes", headers=headers).status_code == 403
    assert trail(app) == [("node.list", "NOT_A_MEMBER", of(app.verifier, token))] * 2


@pytest.mark.parametrize("path", ["/cma/nodes", "/cda/items/7", "/livez", "/access_tokens"])
@pytest.mark.parametrize("escaped", [False, True])
def test_a_live_token_in_an_address(
    app: App, installed: Installed, path: str, *, escaped: bool
) -> None:
    """A live token in a query is refused and flagged as exposed; a dead one is refused (S11)."""
    (token,) = installed.tokens
    dead = Secret.mint(Kind.SERVICE, app.office.entropy).reveal()
    client = TestClient(app.wsgi)
    for text in (token, dead):
        said = text.replace("_", "%5F") if escaped else text
        seen = client.simulate_get(path, query_string=f"access_token={said}")
        assert seen.status_code == 400
        assert text not in seen.text
    assert trail(app) == [("token.exposed", "INVALID_REQUEST", of(app.verifier, token))]
    with app.office.database.reading() as tx:
        (told,) = tx.execute(select(reports)).all()
    assert (told.token_id, told.done) == (app.verifier.verify(token).token, "notify")
    assert told.url == f"{path}?…"


def test_nobody_fills_the_books_by_addresses(app: App, installed: Installed) -> None:
    """However often a token stands in an address, it is flagged and told of once a day (S11)."""
    (token,) = installed.tokens
    client = TestClient(app.wsgi)
    for _ in range(3):
        client.simulate_get("/cma/nodes", query_string=f"access_token={token}")
    with app.office.database.reading() as tx:
        assert len(tx.execute(select(reports)).all()) == 1
        done = tx.execute(select(entries.c.operation)).scalars().all()
        assert done.count("leak.report") == 1


def test_no_flood_of_them(app: App, installed: Installed) -> None:
    """Such refusals count in the token's limit, and beyond it none is on record (R18)."""
    (token,) = installed.tokens
    headers = {"Authorization": f"Bearer {token}", "Counterfoil-Organization": ELSEWHERE}
    client = TestClient(app.wsgi)
    statuses = [client.simulate_get("/cma/nodes", headers=headers).status_code for _ in range(40)]
    assert statuses == [403] * 30 + [429] * 10
    assert len(trail(app)) == 30
