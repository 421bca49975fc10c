"""One odd word of a provider at a time: each is refused, and neither signs in nor links.

These are what a good provider never says, and limits to the second. Each claim that it does say is
changed in `test_oidc_mutated`, on its way from a real one.
"""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Callable
from typing import Any

import pytest
from joserfc.jwk import OctKey

from counterfoil.runtime.openid import id_token
from counterfoil.runtime.provider import Providers
from counterfoil.signin.store import outside
from support.issuer import CLIENT, SECRET, Claims, Issuer, half, key, sign
from support.office import StandingClock
from support.signin import House, Visitor
from support.traveller import Traveller

MINUTE = 60


def without(name: str) -> Callable[[Claims], Claims]:
    return lambda claims: {one: value for one, value in claims.items() if one != name}


def with_(**changed: Any) -> Callable[[Claims], Claims]:
    return lambda claims: {**claims, **changed}


def later(name: str, seconds: int) -> Callable[[Claims], Claims]:
    return lambda claims: {**claims, name: claims["iat"] + seconds}


WRONG: dict[str, tuple[str, Callable[[Claims], Claims]]] = {
    "a longer issuer": ("iss", with_(iss="https://login.acme.test/")),
    "no issuer": ("iss", without("iss")),
    "no audience": ("aud", without("aud")),
    "an empty audience": ("aud", with_(aud=[])),
    "others only": ("aud", with_(aud=["a", "b"])),
    "somebody else of several": ("azp", with_(aud=[CLIENT, "other"], azp="other")),
    "no nonce": ("nonce", without("nonce")),
    "no text for a nonce": ("nonce", with_(nonce=7)),
    "over": ("exp", later("exp", -MINUTE)),
    "no end": ("exp", without("exp")),
    "an end that is a text": ("exp", with_(exp="9999999999")),
    "an end that is true": ("exp", with_(exp=True)),
    "an end out of reach": ("exp", with_(exp=1e300)),
    "an empty name": ("sub", with_(sub="")),
    "a number for a name": ("sub", with_(sub=42)),
    "a name with a line in it": ("sub", with_(sub="ada\n")),
    "a name without end": ("sub", with_(sub="a" * 256)),
    "half a hash": ("at_hash", with_(at_hash=half("access")[:10])),
    "an empty hash": ("at_hash", with_(at_hash="")),
    "a proof of tomorrow": ("auth_time", later("auth_time", 86_400)),
    "no word of the address": ("email_verified", without("email_verified")),
    "one for true": ("email_verified", with_(email_verified=1)),
    "another group": ("groups", with_(groups=["guests"])),
}


def part(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def parts(alg: str, claims: Claims) -> str:
    header = json.dumps({"alg": alg, "kid": "first"})
    return f"{part(header.encode())}.{part(json.dumps(claims).encode())}"


def by_secret(secret: bytes) -> Callable[[Claims], str]:
    def signed(claims: Claims) -> str:
        said = parts("HS256", claims)
        return f"{said}.{part(hmac.digest(secret, said.encode(), 'sha256'))}"

    return signed


def broken(claims: Claims) -> str:
    head, body, signature = sign(claims).split(".")
    return f"{head}.{body}.{signature[:-8]}AAAAAAAA"


UNSIGNED: dict[str, tuple[str, Callable[[Claims], str]]] = {
    "by the secret that we share": ("alg", by_secret(SECRET.encode())),
    "by a key that is too short": ("kid", lambda claims: sign(claims, kid="weak")),
    "by a key for something else": ("kid", lambda claims: sign(claims, kid="sealing")),
    "broken": ("signature", broken),
    "with a demand": ("crit", lambda claims: sign(claims, crit=["b64"], b64=True)),
    "two parts": ("no signed token", lambda claims: sign(claims).rpartition(".")[0]),
    "nothing": ("no signed token", lambda _claims: ""),
    "too much": ("no signed token", lambda claims: sign({**claims, "x": "x" * 40_000})),
}


@pytest.fixture
def issuer(clock: StandingClock) -> Issuer:
    issuer = Issuer(clock)
    weak = key("weak", 1024).as_dict(private=False)
    sealing = {**key("sealing").as_dict(private=False), "use": "enc"}
    shared = OctKey.import_key(SECRET.encode(), {"kid": "shared"}).as_dict()
    issuer.keys += [weak, sealing, shared, {"kty": "odd"}, {"kty": "RSA", "n": "!", "e": "?"}]
    return issuer


@pytest.fixture
def ada(house: House, issuer: Issuer) -> Traveller:
    """Ada, who is known at Acme as `ada`, and whose claims Acme has to vouch for."""
    claims = {"email_verified": True, "groups": "staff"}
    house.office.providers = Providers({"acme": issuer.relied_on(claims=claims)})
    issuer.says = good
    traveller = Traveller(Visitor(house.office), issuer)
    traveller.visitor.sign_in()
    assert traveller.link("ada").status == 200
    return traveller


def good(claims: Claims) -> Claims:
    return {**claims, "email_verified": True, "groups": ["guests", "staff"]}


@pytest.mark.parametrize(
    ("named", "wrong"), WRONG.values(), ids=[name.replace(" ", "-") for name in WRONG]
)
def test_a_wrong_claim_lets_nobody_in(
    house: House,
    ada: Traveller,
    issuer: Issuer,
    named: str,
    wrong: Callable[[Claims], Claims],
) -> None:
    """Each claim that does not fit is a 401 that names it, and neither signs in nor links (S48)."""
    issuer.says = lambda claims: wrong(good(claims))
    refused_and_named(house, ada, named)


@pytest.mark.parametrize(
    ("named", "signed"), UNSIGNED.values(), ids=[name.replace(" ", "-") for name in UNSIGNED]
)
def test_a_wrong_signature_lets_nobody_in(
    house: House,
    ada: Traveller,
    issuer: Issuer,
    named: str,
    signed: Callable[[Claims], str],
) -> None:
    """No `none`, no shared secret, no unknown, weak or misused key, no broken signature (S48)."""
    issuer.signs = signed
    refused_and_named(house, ada, named)


def refused_and_named(house: House, ada: Traveller, named: str) -> None:
    stranger = Traveller(Visitor(house.office), ada.issuer)
    refused = stranger.sign_in("ada")
    assert refused.status == 401
    assert named in refused.body.decode()
    assert "counterfoil" not in stranger.visitor.cookies
    linked = ada.link("another")
    assert linked.status == 401
    assert house.trail()[-1] == ("identity.link", "PROVIDER_REFUSED")
    with house.office.database.reading() as tx:
        assert [one.subject for one in outside.of_user(tx, house.ada)] == ["ada"]


@pytest.mark.parametrize(
    "right",
    [
        with_(aud=[CLIENT]),
        with_(azp=CLIENT),
        with_(aud=[CLIENT, "other"], azp=CLIENT),
        later("exp", 1 - MINUTE),
        later("iat", MINUTE - 1),
        without("at_hash"),
        with_(groups="staff"),
        with_(auth_time=1_000_000_000),
    ],
)
def test_what_fits_lets_in(
    house: House, ada: Traveller, issuer: Issuer, right: Callable[[Claims], Claims]
) -> None:
    """What the standard allows is taken, clocks a minute apart too (S48)."""
    issuer.says = lambda claims: right(good(claims))
    stranger = Traveller(Visitor(house.office), ada.issuer)
    assert stranger.sign_in("ada").status == 200
    assert "code" in stranger.visitor.authorize().query


def test_a_key_that_is_new_is_looked_up(
    house: House, ada: Traveller, issuer: Issuer, clock: StandingClock
) -> None:
    """A provider may change its keys; strange ones make us ask it twice a minute at most (S48)."""
    issuer.signs = lambda claims: sign(claims, kid="second")
    stranger = Traveller(Visitor(house.office), ada.issuer)
    issuer.keys = [key("second").as_dict(private=False)]
    assert stranger.sign_in("ada").status == 401
    clock.move_on(seconds=31)
    assert stranger.sign_in("ada").status == 200
    issuer.signs = lambda claims: sign(claims, kid="third")
    asked = len([url for url in issuer.asked if url.endswith("/keys")])
    for _ in range(5):
        assert stranger.sign_in("ada").status == 401
    assert len([url for url in issuer.asked if url.endswith("/keys")]) == asked


def test_a_key_that_went_is_forgotten(
    house: House, ada: Traveller, issuer: Issuer, clock: StandingClock
) -> None:
    """What a retired key signs opens nothing once an hour is over (S48)."""
    issuer.keys = [key("second").as_dict(private=False)]
    clock.move_on(hours=1, seconds=1)
    stranger = Traveller(Visitor(house.office), ada.issuer)
    assert stranger.sign_in("ada").status == 401


def test_no_shared_secret_is_among_the_algorithms() -> None:
    """Whatever a provider says of itself, only signatures by key pairs are believed (S48)."""
    assert not {alg for alg in id_token.ALGORITHMS if alg.startswith(("HS", "none"))}
    assert set(id_token.ALGORITHMS.values()) == {"RSA", "EC", "OKP"}
