"""What another server is told of a token that it was shown (RFC 7662)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from counterfoil import directory, tokens
from counterfoil.access.networks import networks
from counterfoil.access.scope import EVERY_SCOPE, Scope, scopes
from counterfoil.access.surface import ALL_SURFACES
from counterfoil.directory.api import ApiWish
from counterfoil.directory.deactivate import deactivate_user
from counterfoil.directory.enroll import assign
from counterfoil.directory.register_api import create_api
from counterfoil.kernel.ids import Prefix, spell
from counterfoil.tokens.key_pair import create_pair
from counterfoil.tokens.revoke import revoke
from counterfoil.tokens.steps.record import Issued
from counterfoil.tokens.switch import disable
from counterfoil.tokens.wish import Wish
from support.introspecting import HERE, Doors, bearing, showing
from support.office import START
from support.tokens import READ, WRITE, Agency

INTROSPECT = scopes(Scope.GATES_INTROSPECT)
INACTIVE = b'{"active":false}'
SHOP = "https://shop.test/v1"


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


def test_everything_is_everything(agency: Agency, doors: Doors, gate: Issued) -> None:
    """A token that follows an admin's roles is told of with every scope that there is now."""
    made = agency.granted(agency.ada, inherit=True)
    assert agency.hall.verify(made.secret).grant.scopes == EVERY_SCOPE
    said = doors.introspect(bearing(gate), made.secret).json
    assert said["scope"].split() == sorted(str(scope) for scope in Scope)
