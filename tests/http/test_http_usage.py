"""Every request with a token of ours is counted by how it ended, through the whole house."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from falcon.testing import TestClient
from sqlalchemy import select

from counterfoil.app.build import App, build
from counterfoil.kernel.entropy import system_entropy
from counterfoil.secret import Kind, Secret
from counterfoil.tokens.store.tables import secrets
from counterfoil.tokens.store.usage import usage
from support.installation import Installed, install

HOST = "192.0.2.7"


@dataclass
class House:
    """An installation in this process, and how its tokens were counted."""

    app: App
    made: Installed

    def ask(self, method: str, path: str, secret: str, **more: Any) -> Any:
        headers = {"Authorization": f"Bearer {secret}", "User-Agent": "curl/8.5.0"}
        client = TestClient(self.app.wsgi)
        return client.simulate_request(
            method, path, headers=headers, extras={"REMOTE_ADDR": HOST}, **more
        )

    def id_of(self, secret: str) -> int:
        with self.app.database.reading() as tx:
            chosen = select(secrets.c.token_id).where(secrets.c.digest == Secret(secret).digest)
            return int(tx.execute(chosen).scalar_one())

    def counts(self, secret: str) -> Counter[tuple[str, str]]:
        """Return how often a token was counted on each surface with each outcome."""
        self.app.tally.flush()
        chosen = select(usage.c.surface, usage.c.outcome, usage.c["count"]).where(
            usage.c.token_id == self.id_of(secret)
        )
        with self.app.database.reading() as tx:
            return Counter({row[:2]: row[2] for row in tx.execute(chosen)})

    def rows(self) -> int:
        self.app.tally.flush()
        with self.app.database.reading() as tx:
            return len(tx.execute(select(usage)).all())


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    made = install(tmp_path_factory.mktemp("house") / "data", tokens=30)
    app = build(made.settings)
    yield House(app, made)
    app.close()


@pytest.fixture
def secret(house: House) -> str:
    """A token that no other test uses."""
    return house.made.tokens.pop()


@pytest.fixture
def change(house: House) -> Callable[..., None]:
    """Changes a token by another one that may."""

    def edit(secret: str, **attributes: object) -> None:
        id_ = house.id_of(secret)
        body = {"data": {"type": "api_token", "id": str(id_), "attributes": attributes}}
        by = house.made.tokens[0]
        assert house.ask("PATCH", f"/cma/api_tokens/{id_}", by, json=body).status_code == 200

    return edit


def test_a_good_token(house: House, secret: str) -> None:
    """What is let in counts as allowed on its surface, whatever else becomes of it (G12g)."""
    for path in ("/cda/items", "/cda/preview/items", "/cma/items", "/cma/items/1", "/cma/token"):
        house.ask("GET", path, secret)
    assert house.ask("POST", "/cma/items", secret, json={}).status_code == 422
    assert house.counts(secret) == {
        ("delivery", "allowed"): 1,
        ("preview", "allowed"): 1,
        ("management", "allowed"): 4,
    }


def test_what_it_may_not(house: House, secret: str, change: Callable[..., None]) -> None:
    """What a token may not do counts as forbidden, not as a failed token (G12g)."""
    change(secret, surfaces=["delivery"])
    assert house.ask("GET", "/cma/items", secret).status_code == 403
    assert house.ask("GET", "/cda/items", secret).status_code == 200
    there = house.ask("GET", "/cma/token", secret).status_code
    assert there == 200
    found = house.counts(secret)
    assert found["management", "forbidden"] == 1
    assert found["delivery", "allowed"] == 1


def test_too_often(house: House, secret: str) -> None:
    """What goes beyond the rate limit counts as limited (G12g)."""
    statuses = Counter(house.ask("GET", "/cma/token", secret).status_code for _ in range(40))
    assert statuses[429] > 0
    assert house.counts(secret) == {
        ("management", "allowed"): statuses[200],
        ("management", "limited"): statuses[429],
    }


def test_disabled_and_revoked(house: House, secret: str, change: Callable[..., None]) -> None:
    """A known token that is refused counts with the reason, on whatever address (G12g)."""
    change(secret, enabled=False)
    assert house.ask("GET", "/cda/items", secret).status_code == 401
    assert house.ask("GET", "/no/such/address", secret).status_code == 404
    assert house.ask("GET", "/openapi.json", secret).status_code == 200
    path = f"/cma/api_tokens/{house.id_of(secret)}"
    assert house.ask("DELETE", path, house.made.tokens[0]).status_code == 200
    for _ in range(3):
        assert house.ask("GET", "/cda/items", secret).status_code == 401
    assert house.counts(secret) == {
        ("delivery", "disabled"): 1,
        ("management", "disabled"): 2,
        ("delivery", "revoked"): 3,
    }


def test_elsewhere(house: House, secret: str) -> None:
    """A good token in an organization where it does not speak counts as forbidden at home (K13)."""
    sent = {
        "Authorization": f"Bearer {secret}",
        "Counterfoil-Organization": "org_4031846205310216",
    }
    client = TestClient(house.app.wsgi)
    assert client.simulate_get("/cma/token", headers=sent).status_code == 403
    assert house.counts(secret) == {("management", "forbidden"): 1}


def test_strangers_leave_nothing(house: House) -> None:
    """What is no token of ours is counted nowhere here, however much of it comes (S42)."""
    before = house.rows()
    good = Secret.mint(Kind.PERSONAL, system_entropy).reveal()
    for text in (good, good[:-1] + "0", "undefined", "", "é", "x" * 5_000, f"{good}, {good}"):
        house.ask("GET", "/cda/items", text)
    TestClient(house.app.wsgi).simulate_get("/cda/items")
    assert house.rows() == before


def test_counting_never_fails_a_request(
    house: House, secret: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No request waits for the books: with a database that takes nothing, reads are answered."""
    monkeypatch.setattr("counterfoil.tokens.store.usage._add", lambda *_: 1 / 0)
    assert house.ask("GET", "/cma/token", secret).status_code == 200
    with pytest.raises(ZeroDivisionError):
        house.app.tally.flush()
    monkeypatch.undo()
    assert house.counts(secret) == {("management", "allowed"): 1}
