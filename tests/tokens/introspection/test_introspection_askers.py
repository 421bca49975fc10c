"""Who may ask about a token, how they prove themselves, and how often (RFC 7662)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest
from authlib.oauth2.client import OAuth2Client
from sqlalchemy import select

from counterfoil import directory
from counterfoil.access.scope import Scope, scopes
from counterfoil.access.surface import ALL_SURFACES, Surface
from counterfoil.app.limits import Ledger
from counterfoil.app.rules import Rules
from counterfoil.audit.record import entries
from counterfoil.directory.edit_policy import edit_policy
from counterfoil.kernel.ids import Prefix, spell
from counterfoil.tokens.key_pair import revoke_pair
from counterfoil.tokens.steps.record import Issued
from support.authlib_session import Session
from support.introspecting import HERE, Doors, bearing, showing
from support.tokens import READ, Agency

INTROSPECT = scopes(Scope.GATES_INTROSPECT)


def trail(agency: Agency) -> list[tuple[str, str, str | None]]:
    with agency.office.database.reading() as tx:
        rows = tx.execute(
            select(entries.c.operation, entries.c.outcome, entries.c.target).order_by("position")
        )
        return [(row[0], row[1], row[2]) for row in rows]


def test_a_pair_asks_by_itself(agency: Agency, doors: Doors, pair: Issued) -> None:
    """A key and its secret ask in HTTP Basic, as RFC 7662 has it, and are on record (A15, R14)."""
    made = agency.granted(agency.dan)
    seen = doors.introspect(showing(pair), made.secret)
    assert seen.json["active"] is True
    target = spell(Prefix.TOKEN, made.token.id)
    assert trail(agency)[-1] == ("token.introspect", "allowed", target)
    with agency.acting(agency.ada) as work:
        revoke_pair(work, pair.token.id)
    late = doors.introspect(showing(pair), made.secret)
    assert (late.status_code, late.json["error"]) == (401, "invalid_client")


def test_a_pair_asks_from_where_the_policy_lets_tokens_be_used(
    agency: Agency, doors: Doors, pair: Issued
) -> None:
    """A pair is fenced by its organization as the tokens are that it is exchanged for (I2)."""
    made = agency.granted(agency.dan)
    for ranges, status in ((("192.0.2.0/24",), 403), (None, 200)):
        with agency.acting(agency.ada) as work:
            version = directory.policy(work.tx, agency.id).version
            edit_policy(work, version, {"ip_ranges": ranges})
        assert doors.introspect(showing(pair), made.secret).status_code == status


@pytest.mark.parametrize(
    "shown",
    [
        lambda pair: showing(pair, secret="cfk_" + "a" * 49),
        lambda pair: showing(pair, secret="cfp_" + "a" * 49),
        lambda pair: showing(pair, secret="x"),
        lambda pair: showing(pair, id_="1000000000000009"),
        lambda pair: showing(pair, id_="nobody"),
        lambda _pair: {"Authorization": "Basic ===="},
        lambda _pair: {"Authorization": "Basic é"},
        lambda _pair: {"Authorization": "Bearer cfs_" + "a" * 49},
        lambda _pair: {},
    ],
)
def test_nobody_asks_unproved(
    agency: Agency, doors: Doors, pair: Issued, shown: Callable[[Issued], dict[str, str]]
) -> None:
    """Who does not prove themselves hears of no token, and which ways there are (S14)."""
    made = agency.granted(agency.dan)
    seen = doors.introspect(shown(pair), made.secret)
    assert (seen.status_code, seen.json["error"]) == (401, "invalid_client")
    assert "active" not in seen.json
    told = seen.headers["www-authenticate"]
    assert told.startswith("Bearer ")
    assert told.endswith(', Basic realm="counterfoil"')
    assert 'scope="gates:introspect"' in told


def test_a_pair_is_let_in_here_alone(doors: Doors, pair: Issued) -> None:
    """What opens introspection in HTTP Basic opens no other door."""
    assert doors.ask("GET", "/cma/token", headers=showing(pair)).status_code == 401


@pytest.mark.parametrize("surfaces", [ALL_SURFACES, Surface.DELIVERY.bit])
def test_who_may_not_ask_is_refused(agency: Agency, doors: Doors, surfaces: int) -> None:
    """Without the scope, or off the management surface, nobody asks, and it is on record (S14)."""
    mask = READ if surfaces == ALL_SURFACES else INTROSPECT
    weak = agency.api_token("admin", scopes=mask, surfaces=surfaces, name="weak")
    made = agency.granted(agency.dan)
    seen = doors.introspect(bearing(weak), made.secret)
    assert seen.status_code == 403
    assert trail(agency)[-1][:2] == ("token.introspect", seen.json["code"])
    expected = "INSUFFICIENT_SCOPE" if surfaces == ALL_SURFACES else "API_NOT_ENABLED_FOR_TOKEN"
    assert seen.json["code"] == expected


@pytest.mark.parametrize("form", [{}, {"token": ""}, {"token_type_hint": "access_token"}])
def test_something_is_asked_about(doors: Doors, gate: Issued, form: dict[str, str]) -> None:
    """Without a token there is nothing to ask: 400 (RFC 7662 §2.1)."""
    seen = doors.ask("POST", "/oauth/introspect", form, bearing(gate))
    assert (seen.status_code, seen.json["error"]) == (400, "invalid_request")


def test_being_asked_about_is_no_use(
    agency: Agency, doors: Doors, gate: Issued, pair: Issued
) -> None:
    """Introspection counts as a use of the asker's token, be it a pair, and of no other."""
    made = agency.granted(agency.dan)
    for shown in (bearing(gate), showing(pair)):
        assert doors.introspect(shown, made.secret).json["active"] is True
    used = {one.who for one in agency.hall.usage.take()}
    assert used == {(agency.id, gate.token.id), (agency.id, pair.token.id)}


def test_askers_are_limited(agency: Agency, gate: Issued, pair: Issued, tmp_path: Path) -> None:
    """Who asks too often waits, be it a token or a pair (S42)."""
    rules = Rules(3, 3_000, 0.0, audit_strict=False)
    ledger = Ledger(tmp_path / "limits", lambda _organization: rules, agency.hall.clock)
    doors = Doors(agency, ledger)
    for shown in (bearing(gate), showing(pair)):
        seen = [doors.introspect(shown, "x").status_code for _ in range(4)]
        assert seen == [200, 200, 200, 429]
    ledger.close()


def test_somebody_elses_client_introspects(agency: Agency, doors: Doors, pair: Issued) -> None:
    """Authlib's client finds the endpoint in the metadata and asks with its id and secret (A15)."""
    made = agency.granted(agency.dan)
    with httpx2.Client(transport=httpx2.WSGITransport(app=doors.app), base_url=HERE) as http:
        at = http.get("/.well-known/oauth-authorization-server").json()["introspection_endpoint"]
        client = OAuth2Client(
            Session(http), client_id=str(pair.token.id), client_secret=pair.secret.reveal()
        )
        seen = client.introspect_token(at, token=made.secret.reveal())
        assert seen.json()["sub"] == spell(Prefix.USER, agency.dan)
        revoke: Any = client.revoke_token
        revoke(f"{HERE}/oauth/revoke", token=made.secret.reveal())
        assert client.introspect_token(at, token=made.secret.reveal()).json() == {"active": False}
