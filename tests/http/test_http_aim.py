"""Whatever was refused, the trail says at what it was aimed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from falcon.testing import TestClient
from sqlalchemy import select

from counterfoil.app.build import App, build
from counterfoil.app.routes import ROUTES
from counterfoil.audit.record import entries
from counterfoil.jsonapi.aim import aim
from support.installation import Installed, install

UNKNOWN = "4444444444444444"
NAMELESS = {
    "/agility/api/v1/instance/{guid}/batch/{id}",
    "/cma/accounts/{id}",
    "/cma/asset_tree/{id}",
    "/cma/identities/{id}",
    "/cma/passkeys/{id}",
    "/datocms/job-results/{id}",
    "/datocms/versions/{id}",
    "/datocms/versions/{id}/restore",
    "/settings/security/accounts/{id}/forget",
    "/settings/security/passkeys/{id}/forget",
    "/settings/security/passkeys/{id}/rename",
}
"""Batches and jobs are no things of ours: vendors' clients ask what became of what never waits.

A version is named by its record and a number, and ways to prove who one is have no prefix.
"""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[App, Installed]]:
    made = install(tmp_path_factory.mktemp("aim") / "data")
    app = build(made.settings)
    yield app, made
    app.close()


@pytest.mark.parametrize(
    ("method", "path", "target", "outcome"),
    [
        ("DELETE", "/cma/users/{id}", "usr", "PAT_CANNOT_MANAGE_USERS"),
        ("POST", "/cma/token_requests/{id}/approve", "req", "CREDENTIAL_KIND_NOT_ADMITTED"),
        ("DELETE", "/cma/personal_access_tokens/{id}", "tok", "CREDENTIAL_KIND_NOT_ADMITTED"),
        ("DELETE", "/cma/nodes/{id}", "nod", "NOT_FOUND"),
        ("PUT", "/cma/items/{id}/publish", "nod", "NOT_FOUND"),
        ("PATCH", "/cma/items/{id}", "nod", "INVALID_CONTENT_TYPE_HEADER"),
        ("GET", "/cma/item-types/{id}", "ctp", "NOT_FOUND"),
    ],
)
def test_a_refusal_names_its_target(
    house: tuple[App, Installed], method: str, path: str, target: str, outcome: str
) -> None:
    """A denial by kind, one by the body and an unknown id are on record with what they were at."""
    app, made = house
    client = TestClient(app.wsgi)
    headers = {"Authorization": f"Bearer {made.tokens[0]}"}
    seen = client.simulate_request(method, path.format(id=UNKNOWN), headers=headers)
    assert seen.json["errors"][0]["code"] == outcome
    app.journal.flush()
    with app.database.reading() as tx:
        newest = select(entries).order_by(entries.c.position.desc()).limit(1)
        row = tx.execute(newest).one()
    assert (row.outcome, row.target) == (outcome, f"{target}_{UNKNOWN}")


def test_every_address_names_what_it_is_of() -> None:
    """No address holds an id of which nobody could say what it identifies."""
    addressed = {route.path for route in ROUTES if "{id}" in route.path and route.operation}
    assert {path for path in addressed if aim(path, {"id": UNKNOWN}) is None} == NAMELESS


@pytest.mark.parametrize("text", ["", "x", "1", "cfp_" + "0" * 49, "9" * 400, "usr_" + UNKNOWN])
def test_what_is_no_id_is_not_on_record(text: str) -> None:
    """Only an id of the right kind is written down: no text of whoever asks, and no secret (S9)."""
    assert aim("/cma/nodes/{id}", {"id": text}) is None
    assert aim("/cma/nodes/{id}", {"id": f"nod_{UNKNOWN}"}) == f"nod_{UNKNOWN}"
    assert aim("/cma/nodes", {}) is None
