"""Introspection: what another server is told of a token that it was shown (RFC 7662)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from authlib.oauth2.client import OAuth2Client
from sqlalchemy import select

from counterfoil import directory, tokens
from counterfoil.access.networks import networks
from counterfoil.access.scope import EVERY_SCOPE, Scope, scopes
from counterfoil.access.surface import ALL_SURFACES, Surface
from counterfoil.app.limits import Ledger
from counterfoil.app.rules import Rules
from counterfoil.audit.record import entries
from counterfoil.directory.api import ApiWish
from counterfoil.directory.deactivate import deactivate_user
from counterfoil.directory.edit_policy import edit_policy
from counterfoil.directory.enroll import assign
from counterfoil.directory.register_api import create_api
from counterfoil.kernel.ids import Prefix, spell
from counterfoil.tokens.key_pair import create_pair, revoke_pair
from counterfoil.tokens.revoke import revoke
from counterfoil.tokens.steps.record import Issued
from counterfoil.tokens.switch import disable
from counterfoil.tokens.wish import Wish
from support.authlib_session import Session
from support.introspecting import HERE, Doors, bearing, showing
from support.office import START
from support.tokens import READ, WRITE, Agency

INTROSPECT = scopes(Scope.GATES_INTROSPECT)
INACTIVE = b'{"active":false}'
SHOP = "https://shop.test/v1"


@pytest.fixture
def doors(agency: Agency) -> Doors:
    return Doors(agency)


@pytest.fixture
def gate(agency: Agency) -> Issued:
    """An API token that may ask, and do nothing else."""
    return agency.api_token("admin", scopes=INTROSPECT, surfaces=ALL_SURFACES, name="gate")


@pytest.fixture
def pair(agency: Agency) -> Issued:
    """A pair that may ask."""
    wish = Wish(
        name="resource server",
        authority="role",
        subject=agency.roles["admin"].id,
        scopes=INTROSPECT,
        surfaces=ALL_SURFACES,
    )
    with agency.acting(agency.ada) as work:
        return create_pair(work, wish)


def trail(agency: Agency) -> list[tuple[str, str, str | None]]:
    with agency.office.database.reading() as tx:
        rows = tx.execute(
            select(entries.c.operation, entries.c.outcome, entries.c.target).order_by("position")
        )
        return [(row[0], row[1], row[2]) for row in rows]


def test_a_token_in_force_is_told_of(agency: Agency, doors: Doors, gate: Issued) -> None:
    """What is good is told with its scopes, its person and its end, and is not stored (S14)."""
    made = agency.granted(agency.dan, scopes=READ | WRITE)
    seen = doors.introspect(bearing(gate), made.secret, token_type_hint="refresh_token")
    assert (seen.status_code, seen.headers["cache-control"]) == (200, "no-store")
    said = seen.json
    assert said == {
        "active": True,
        "scope": "content:read content:write",
        "token_type": "Bearer",
        "aud": [HERE],
        "iss": HERE,
        "cf_kind": "personal",
        "cf_token_id": spell(Prefix.TOKEN, made.token.id),
        "cf_org": spell(Prefix.ORGANIZATION, agency.id),
        "cf_scope": "content:read content:write",
        "exp": int(made.token.expires_at.timestamp()) if made.token.expires_at else None,
        "iat": int(START.timestamp()),
        "sub": spell(Prefix.USER, agency.dan),
    }
    assert "@" not in seen.text
    assert made.token.name not in seen.text


def _nothing(_agency: Agency, _made: Any) -> Any:
    return "cfp_" + "a" * 49


def _revoked(agency: Agency, made: Any) -> Any:
    with agency.acting(agency.dan) as work:
        revoke(work, made.token.id)
    return made.secret


def _disabled(agency: Agency, made: Any) -> Any:
    with agency.acting(agency.dan) as work:
        disable(work, made.token.id)
    return made.secret


def _ownerless(agency: Agency, made: Any) -> Any:
    with agency.operating() as work:
        deactivate_user(work, agency.dan)
    return made.secret


def _pending(agency: Agency, _made: Any) -> Any:
    asked = agency.ask(agency.dan, "another")
    assert asked.request is not None
    return asked.secret


def _expired(agency: Agency, made: Any) -> Any:
    agency.hall.clock.move_on(days=29, hours=23)
    assert agency.hall.refusal(made.secret) == "allowed"
    agency.hall.clock.move_on(hours=2)
    assert agency.hall.refusal(made.secret) == "TOKEN_EXPIRED"
    return made.secret


def _of_others(agency: Agency, _made: Any) -> Any:
    other = Agency(agency.hall, "Beta")
    return other.granted(other.dan).secret


def _client_secret(agency: Agency, _made: Any) -> Any:
    wish = Wish(name="build", authority="role", subject=agency.roles["reader"].id)
    with agency.acting(agency.ada) as work:
        return create_pair(work, wish).secret


def _bound(agency: Agency, _made: Any) -> Any:
    return agency.granted(agency.dan, "bound", networks=networks(["192.0.2.0/24"])).secret


def _early(agency: Agency, _made: Any) -> Any:
    return agency.granted(agency.dan, "early", not_before=START + timedelta(hours=1)).secret


@pytest.mark.parametrize(
    "dead",
    [
        _nothing,
        _revoked,
        _disabled,
        _ownerless,
        _pending,
        _of_others,
        _client_secret,
        _bound,
        _early,
        lambda *_: "x",
        lambda *_: "é" * 10,
        lambda *_: "x" * 5000,
        lambda *_: "cfr_" + "a" * 49,
    ],
)
def test_everything_else_is_one_nothing(
    agency: Agency, doors: Doors, gate: Issued, dead: Callable[[Agency, Any], Any]
) -> None:
    """What lets nobody in here is inactive, for whatever reason, and no byte more (S14)."""
    made = agency.granted(agency.dan)
    seen = doors.introspect(bearing(gate), dead(agency, made))
    assert (seen.status_code, seen.content) == (200, INACTIVE)


def test_an_expired_token_is_nothing(agency: Agency, doors: Doors) -> None:
    """A token is told of until its very end, and then is what an unknown one is (S14, X17)."""
    late = START + timedelta(days=90)
    gate = agency.api_token("admin", scopes=INTROSPECT, surfaces=ALL_SURFACES, expires_at=late)
    made = agency.granted(agency.dan)
    dead = _expired(agency, made)
    assert doors.introspect(bearing(gate), dead).content == INACTIVE


def test_where_it_came_from_counts(agency: Agency, doors: Doors, gate: Issued) -> None:
    """A token that is bound to networks is good from there, and from nowhere unknown (S12)."""
    secret = _bound(agency, None)
    ask = bearing(gate)
    assert doors.introspect(ask, secret, client_ip="192.0.2.9").json["active"] is True
    assert doors.introspect(ask, secret, client_ip="198.51.100.1").content == INACTIVE
    assert doors.introspect(ask, secret, client_ip="nonsense").content == INACTIVE


def test_what_roots_bound_is_no_plain_scope(agency: Agency, doors: Doors, gate: Issued) -> None:
    """Whoever reads `scope` and knows of no roots lets nobody further than they may go (S12)."""
    made = agency.granted(agency.dan, roots=frozenset({agency.public}))
    said = doors.introspect(bearing(gate), made.secret).json
    assert (said["active"], said["scope"], said["cf_scope"]) == (True, "", "content:read")
    assert said["cf_roots"] == [spell(Prefix.NODE, agency.public)]
    agency.role("presser", Scope.CONTENT_READ, roots=frozenset({agency.press}))
    pia = agency.hire("Pia", "presser")
    said = doors.introspect(bearing(gate), agency.granted(pia).secret).json
    assert (said["scope"], said["cf_scope"]) == ("", "content:read")
    assert "cf_roots" not in said


def test_who_is_bounded_hears_of_no_node_elsewhere(agency: Agency, doors: Doors) -> None:
    """An asker that is restricted to some nodes is not told of others as roots (S30)."""
    asked = scopes(Scope.GATES_INTROSPECT, Scope.CONTENT_READ)
    roots = frozenset({agency.public})
    gate = agency.api_token("admin", scopes=asked, surfaces=ALL_SURFACES, roots=roots)
    made = agency.granted(agency.dan, roots=frozenset({agency.press, agency.internal}))
    said = doors.introspect(bearing(gate), made.secret).json
    assert said["cf_roots"] == [spell(Prefix.NODE, agency.press)]


def test_an_api_hears_of_its_own_scopes(agency: Agency, doors: Doors, gate: Issued) -> None:
    """With an audience a token is told of as that API sees it, without others' scopes (S14)."""
    wish = ApiWish("Shop", SHOP, [("shop:read", ""), ("shop:write", "")])
    with agency.acting(agency.ada) as work:
        create_api(work, wish)
    with agency.office.database.reading() as tx:
        mask = directory.vocabulary(tx, agency.id).read(["shop:read"])
    made = agency.granted(agency.ada, scopes=READ | mask)
    ask = bearing(gate)
    whole = doors.introspect(ask, made.secret).json
    assert (whole["scope"], whole["aud"]) == ("content:read shop:read", [HERE, SHOP])
    part = doors.introspect(ask, made.secret, audience=SHOP).json
    assert (part["scope"], part["cf_scope"], part["aud"]) == ("shop:read", "shop:read", [SHOP])
    plain = agency.granted(agency.rea)
    assert doors.introspect(ask, plain.secret, audience=SHOP).content == INACTIVE
    for token in (made.secret, "cfp_" + "a" * 49):
        wrong = doors.introspect(ask, token, audience="https://elsewhere.test")
        assert (wrong.status_code, wrong.json["error"]) == (400, "invalid_target")


def test_an_api_of_others_is_no_audience(agency: Agency, doors: Doors, gate: Issued) -> None:
    """Another organization's API is as unknown as one that is not (S25)."""
    other = Agency(agency.hall, "Beta")
    with other.acting(other.ada) as work:
        create_api(work, ApiWish("Shop", SHOP, [("shop:read", "")]))
    seen = doors.introspect(bearing(gate), "x", audience=SHOP)
    assert (seen.status_code, seen.json["error"]) == (400, "invalid_target")


def test_a_role_change_holds_at_once(agency: Agency, doors: Doors, gate: Issued) -> None:
    """What is told is what the gate would allow now, not what was granted then (S12, S19)."""
    made = agency.granted(agency.dan, inherit=True)
    before = doors.introspect(bearing(gate), made.secret).json["scope"].split()
    assert "content:write" in before
    with agency.operating() as work:
        assign(work, agency.dan, [agency.roles["reader"].id])
    after = doors.introspect(bearing(gate), made.secret).json["scope"].split()
    assert "content:write" not in after
    assert "content:read" in after


def test_what_a_pair_was_given_names_its_client(doors: Doors, gate: Issued, pair: Issued) -> None:
    """A token that a client got is told of with the client's id, and no person (RFC 7662)."""
    got = doors.ask("POST", "/oauth/token", {"grant_type": "client_credentials"}, showing(pair))
    said = doors.introspect(bearing(gate), got.json["access_token"]).json
    assert (said["client_id"], said["cf_kind"]) == (str(pair.token.id), "exchanged")
    assert said["exp"] - said["iat"] == 600
    assert "sub" not in said


def test_what_was_exchanged_names_who_acts(agency: Agency, doors: Doors, gate: Issued) -> None:
    """A token that was exchanged is one, says which token acts, and tells its own roots (S50)."""
    made = agency.granted(agency.dan, scopes=READ | WRITE, roots=frozenset({agency.public}))
    with agency.with_token(made.secret) as work:
        child = tokens.attenuate(work, READ, frozenset({agency.press}))
    said = doors.introspect(bearing(gate), child.secret).json
    assert (said["cf_kind"], said["act"]) == (
        "exchanged",
        {"sub": spell(Prefix.TOKEN, made.token.id)},
    )
    assert said["sub"] == spell(Prefix.USER, agency.dan)
    assert "client_id" not in said
    assert (said["cf_scope"], said["scope"]) == ("content:read", "")
    assert said["cf_roots"] == [spell(Prefix.NODE, agency.press)]
    with agency.acting(agency.dan) as work:
        revoke(work, made.token.id)
    assert doors.introspect(bearing(gate), child.secret).content == INACTIVE


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


def test_everything_is_everything(agency: Agency, doors: Doors, gate: Issued) -> None:
    """A token that follows an admin's roles is told of with every scope that there is now."""
    made = agency.granted(agency.ada, inherit=True)
    assert agency.hall.verify(made.secret).grant.scopes == EVERY_SCOPE
    said = doors.introspect(bearing(gate), made.secret).json
    assert said["scope"].split() == sorted(str(scope) for scope in Scope)
