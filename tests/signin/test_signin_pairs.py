"""Pairs of id and secret at the token endpoint, and other slices' tokens at the revocation one."""

from __future__ import annotations

import base64
from collections.abc import Callable

import pytest

from counterfoil import tokens
from counterfoil.access.scope import Scope
from counterfoil.access.surface import ALL_SURFACES
from counterfoil.feed.event import TokenRecorded
from counterfoil.kernel.errors import Limited
from counterfoil.secret import Kind, digest, kind_of
from counterfoil.tokens.api_token import create_api_token
from counterfoil.tokens.key_pair import create_pair, revoke_pair
from counterfoil.tokens.request import request_token
from counterfoil.tokens.steps.patience import MOST_A_MINUTE
from counterfoil.tokens.steps.record import Issued
from counterfoil.tokens.wish import Wish
from support.office import StandingClock
from support.signin import House, Visitor


@pytest.fixture
def pair(house: House) -> Issued:
    wish = Wish(
        name="site build",
        authority="role",
        subject=house.roles["editor"].id,
        surfaces=ALL_SURFACES,
    )
    with house.acting(house.ada) as work:
        return create_pair(work, wish)


def shown(pair: Issued, **more: str) -> dict[str, str]:
    return {
        "grant_type": "client_credentials",
        "client_id": str(pair.token.id),
        "client_secret": pair.secret.reveal(),
        **more,
    }


def basic(id_: str, secret: str) -> str:
    return "Basic " + base64.b64encode(f"{id_}:{secret}".encode()).decode()


def test_a_pair_gets_a_short_lived_token(house: House, visitor: Visitor, pair: Issued) -> None:
    """A client id and secret obtain a bearer for ten minutes, and no refresh token (A15)."""
    seen = visitor.token(**shown(pair))
    assert seen.status == 200
    assert seen.json.keys() == {"access_token", "token_type", "expires_in"}
    assert seen.json["expires_in"] == 600
    assert kind_of(seen.json["access_token"]) is Kind.EXCHANGED
    assert digest(seen.json["access_token"]) in house.live()


def test_a_pair_in_haste_waits(
    house: House, visitor: Visitor, pair: Issued, clock: StandingClock
) -> None:
    """A pair is exchanged so often a minute; beyond that nothing is written (S42, R18)."""
    for _ in range(MOST_A_MINUTE // 2):
        assert visitor.token(**shown(pair)).status == 200
    clock.move_on(seconds=40)
    for _ in range(MOST_A_MINUTE // 2):
        assert visitor.token(**shown(pair)).status == 200
    before = house.head(), len(house.live())
    seen = visitor.token(**shown(pair))
    assert (seen.status, seen.error) == (429, "slow_down")
    with house.office.database.reading() as tx, pytest.raises(Limited) as refused:
        tokens.require_patience(tx, pair.token, clock())
    assert refused.value.meta["retry_after"] == 20
    assert (house.head(), len(house.live())) == before
    clock.move_on(seconds=20)
    assert visitor.token(**shown(pair)).status == 200


@pytest.mark.parametrize("spelled", ["{}", "tok_{}"])
def test_a_pair_may_come_in_the_header(visitor: Visitor, pair: Issued, spelled: str) -> None:
    """HTTP Basic is the other way to show a pair, in either spelling of its id (A15)."""
    header = basic(spelled.format(pair.token.id), pair.secret.reveal())
    form = {"grant_type": "client_credentials"}
    seen = visitor.go("POST", "/oauth/token", form=form, authorization=header)
    assert seen.status == 200


def test_one_way_at_a_time(visitor: Visitor, pair: Issued) -> None:
    """A client that proves itself in the header and in the form is refused (S11)."""
    header = basic(str(pair.token.id), pair.secret.reveal())
    seen = visitor.go("POST", "/oauth/token", form=shown(pair), authorization=header)
    assert (seen.status, seen.error) == (400, "invalid_request")


@pytest.mark.parametrize(
    "changed",
    [
        {"client_id": "1000000000000009"},
        {"client_id": "x"},
        {"client_id": ""},
        {"client_secret": "cfk_" + "a" * 49},
        {"client_secret": "cfp_" + "a" * 49},
        {"client_secret": "x"},
        {"client_secret": ""},
    ],
)
def test_a_wrong_pair_is_one_answer(
    visitor: Visitor, pair: Issued, changed: dict[str, str]
) -> None:
    """An unknown id and a wrong secret cannot be told apart (S7)."""
    seen = visitor.token(**{**shown(pair), **changed})
    assert (seen.status, seen.error) == (401, "invalid_client")
    assert seen.body == visitor.token(**{**shown(pair), "client_secret": "nothing"}).body


@pytest.mark.parametrize(
    "header", ["Basic", "Basic é", "Basic ====", "Bearer x", "Basic YTpi", "Basic YTpi,Basic YTpi"]
)
def test_a_wrong_header_is_told_its_scheme(visitor: Visitor, header: str) -> None:
    """A refusal of a header names the scheme that would do (RFC 6749 §5.2)."""
    form = {"grant_type": "client_credentials"}
    seen = visitor.go("POST", "/oauth/token", form=form, authorization=header)
    assert (seen.status, seen.error) == (401, "invalid_client")
    assert seen.headers["WWW-Authenticate"].startswith("Basic ")


def test_a_pair_may_ask_for_less(house: House, visitor: Visitor, pair: Issued) -> None:
    """With a scope the token carries that scope alone, and the answer says so (A15)."""
    seen = visitor.token(**shown(pair, scope="content:read content:write"))
    assert seen.json["scope"] == "content:read content:write"
    told = [event for event in house.events() if isinstance(event, TokenRecorded)][-1]
    assert told.grants[0].scopes == Scope.CONTENT_READ.bit | Scope.CONTENT_WRITE.bit


@pytest.mark.parametrize("scope", ["users:manage", "nonsense", "content:read  content:write"])
def test_a_pair_gets_no_more_than_it_has(visitor: Visitor, pair: Issued, scope: str) -> None:
    """A scope beyond the pair's own, or one that is none, is refused as invalid_scope (A15)."""
    seen = visitor.token(**shown(pair, scope=scope))
    assert (seen.status, seen.error) == (400, "invalid_scope")


def test_a_pair_dies_with_its_tokens(house: House, visitor: Visitor, pair: Issued) -> None:
    """Revoking a pair ends the tokens that it got, and it gets no more (A23)."""
    bearer = visitor.token(**shown(pair)).json["access_token"]
    with house.acting(house.ada) as work:
        revoke_pair(work, pair.token.id)
    assert digest(bearer) not in house.live()
    assert visitor.token(**shown(pair)).status == 401


def test_a_pair_is_no_person(house: House, visitor: Visitor, pair: Issued) -> None:
    """A pair redeems no code and refreshes no session (A23, G3)."""
    tokens = visitor.tokens()
    code = visitor.code()
    of_pair = {"client_id": str(pair.token.id), "client_secret": pair.secret.reveal()}
    assert visitor.redeem(code, **of_pair).error == "invalid_client"
    assert visitor.refresh(tokens["refresh_token"], **of_pair).error == "invalid_client"
    assert digest(tokens["access_token"]) in house.live()


@pytest.mark.parametrize("kind", ["personal", "service", "exchanged"])
def test_possession_revokes(house: House, visitor: Visitor, pair: Issued, kind: str) -> None:
    """Whoever holds a token of any kind can end it, knowing nothing else (S14)."""
    make: dict[str, Callable[[], str]] = {
        "personal": lambda: _personal(house),
        "service": lambda: _service(house),
        "exchanged": lambda: visitor.token(**shown(pair)).json["access_token"],
    }
    bearer = make[kind]()
    assert digest(bearer) in house.live()
    seen = visitor.go("POST", "/oauth/revoke", form={"token": bearer})
    assert (seen.status, seen.body) == (200, b"")
    assert digest(bearer) not in house.live()
    assert visitor.go("POST", "/oauth/revoke", form={"token": bearer}).status == 200


def test_a_client_secret_is_no_token(visitor: Visitor, pair: Issued) -> None:
    """The secret of a pair cannot be revoked here: the pair is, by who manages it."""
    seen = visitor.go("POST", "/oauth/revoke", form={"token": pair.secret.reveal()})
    assert (seen.status, seen.error) == (400, "unsupported_token_type")
    assert visitor.token(**shown(pair)).status == 200


def _personal(house: House) -> str:
    with house.acting(house.ada) as work:
        made = request_token(work, Wish(name="laptop", surfaces=ALL_SURFACES, inherit=True))
    return made.secret.reveal()


def _service(house: House) -> str:
    wish = Wish(name="build", authority="role", subject=house.roles["reader"].id)
    with house.acting(house.ada) as work:
        return create_api_token(work, wish).secret.reveal()
