"""The word of a real provider, one claim of it changed on its way, signs nobody in (S48).

A certified provider signs an ID token of its own; what stands between it and us changes one thing
and signs again with the provider's own key. What else a token could say wrongly, and no provider
would, is tried in `test_oidc_claims`.
"""

from __future__ import annotations

import base64
import hmac
import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import httpx2
import pytest
from joserfc.jwk import RSAKey

from infra.openid_between import KID, Between, Claims, Query, serving_with_between, unchanged
from infra.server import Server
from support.issuer import half
from support.provider_browser import START, Browser
from support.sample import Sample

MINUTE = 60


def with_(**changed: Any) -> Callable[[Claims], Claims]:
    return lambda claims: {**claims, **changed}


def without(name: str) -> Callable[[Claims], Claims]:
    return lambda claims: {one: value for one, value in claims.items() if one != name}


def moved(name: str, seconds: int) -> Callable[[Claims], Claims]:
    return lambda claims: {**claims, name: claims["iat"] + seconds}


CLAIMS: dict[str, tuple[str, Callable[[Claims], Claims]]] = {
    "whose word it is": ("iss", with_(iss="https://login.evil.test")),
    "for whom it is meant": ("aud", with_(aud="somebody-else")),
    "for whom it is meant too": ("azp", lambda one: {**one, "aud": [one["aud"], "other"]}),
    "who asked": ("azp", with_(azp="somebody-else")),
    "what was asked": ("nonce", with_(nonce="n" * 43)),
    "that it is over": ("exp", moved("exp", -2 * MINUTE)),
    "that it comes from the future": ("iat", moved("iat", 2 * MINUTE)),
    "that it is of long ago": ("iat", moved("iat", -12 * MINUTE)),
    "that it is not yet good": ("nbf", moved("nbf", 2 * MINUTE)),
    "who it is about": ("sub", without("sub")),
    "what it came with": ("at_hash", with_(at_hash=half("another access token"))),
    "when somebody proved it": ("auth_time", without("auth_time")),
    "that the address is verified": ("email_verified", with_(email_verified="true")),
}


def part(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def unsigned(claims: Claims, **header: str) -> str:
    told = json.dumps({"kid": KID, **header})
    return f"{part(told.encode())}.{part(json.dumps(claims).encode())}"


def by_the_public_key(between: Between, claims: Claims) -> str:
    said = unsigned(claims, alg="HS256")
    public = between.key.as_pem(private=False)
    return f"{said}.{part(hmac.digest(public, said.encode(), 'sha256'))}"


def by_another_key(_between: Between, claims: Claims, kid: str = KID) -> str:
    return Between(RSAKey.generate_key(2048)).sign(claims, kid=kid)


def under_its_signature(between: Between, claims: Claims) -> str:
    head, _, signature = between.sign(claims).split(".")
    other = json.dumps({**claims, "sub": "admin"}).encode()
    return f"{head}.{part(other)}.{signature}"


SIGNATURES: dict[str, tuple[str, Callable[[Between, Claims], str]]] = {
    "none": ("alg", lambda _between, claims: f"{unsigned(claims, alg='none')}."),
    "by the public key as a secret": ("alg", by_the_public_key),
    "by another key of that name": ("signature", by_another_key),
    "by a key of no name": ("kid", lambda one, said: by_another_key(one, said, kid="stranger")),
    "of another body": ("signature", under_its_signature),
}

ANSWERS: dict[str, tuple[str, Callable[[Query], Query]]] = {
    "another server's name": ("iss", lambda query: {**query, "iss": "https://login.evil.test"}),
    "no name": ("iss", without("iss")),
    "another browser's answer": ("begin anew", lambda query: {**query, "state": "s" * 43}),
}


@dataclass(frozen=True)
class Known:
    """A server, what stands before its provider, and the cookies of who is known there as Ada."""

    server: Server
    between: Between
    cookies: dict[str, str]

    def sign_in(self) -> tuple[httpx2.Response, bool]:
        """Sign in by a browser that is signed in at the provider; say whether it is here then."""
        with httpx2.Client(trust_env=False, timeout=20, cookies=self.cookies) as http:
            browser = Browser(self.server, http)
            return browser.agree(browser.at(START), "ada"), browser.is_signed_in()


@pytest.fixture(scope="module")
def known(seeded: Sample, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Known]:
    home = tmp_path_factory.mktemp("between")
    shutil.copytree(seeded.directory, home / "data")
    admin = seeded.told["people"][0]
    with (
        serving_with_between(home / "data", "claims = { email_verified = true }") as (server, two),
        httpx2.Client(trust_env=False, timeout=20) as http,
    ):
        browser = Browser(server, http)
        browser.at("/signin", email=admin["email"], password=admin["password"])
        assert browser.agree(browser.link(), "ada").status_code == HTTPStatus.OK
        theirs = {one.name: one.value or "" for one in http.cookies.jar}
        yield Known(server, two, {n: v for n, v in theirs.items() if "counterfoil" not in n})


@pytest.fixture(autouse=True)
def as_it_was(known: Known) -> Iterator[None]:
    yield
    known.between.says, known.between.signs, known.between.sends = unchanged, None, unchanged


def named(table: dict[str, Any]) -> pytest.MarkDecorator:
    ids = [name.replace(" ", "-") for name in table]
    return pytest.mark.parametrize(("told", "wrong"), table.values(), ids=ids)


def refused(known: Known, told: str) -> None:
    before = known.between.signed
    page, inside = known.sign_in()
    assert (page.status_code, inside) == (HTTPStatus.UNAUTHORIZED, False), page.text
    assert told in page.text
    assert known.between.signed == before + (known.between.sends is unchanged)


def test_what_is_signed_again_as_it_was_lets_in(known: Known) -> None:
    """Signed again and not changed, the provider's word signs in: so the others fail for one claim.

    That is the premise of every case below (S48).
    """
    before = known.between.signed
    page, inside = known.sign_in()
    assert (page.status_code, inside) == (HTTPStatus.OK, True), page.text
    assert known.between.signed == before + 1


@named(CLAIMS)
def test_one_changed_claim_lets_nobody_in(
    known: Known, told: str, wrong: Callable[[Claims], Claims]
) -> None:
    """Each claim that a provider signs is a 401 that names it where it alone is another (S48)."""
    known.between.says = wrong
    refused(known, f"({told})")


@named(SIGNATURES)
def test_a_signature_of_nobody_lets_nobody_in(
    known: Known, told: str, wrong: Callable[[Between, Claims], str]
) -> None:
    """Right claims are worth nothing without the provider's own signature over them (S48)."""
    known.between.signs = lambda claims: wrong(known.between, claims)
    refused(known, told)


@named(ANSWERS)
def test_an_answer_of_somebody_else_is_not_redeemed(
    known: Known, told: str, wrong: Callable[[Query], Query]
) -> None:
    """Who answers by another name, by none, or to another browser, is asked for no token (S48)."""
    known.between.sends = wrong
    refused(known, told)


def test_the_same_address_is_nobody(known: Known) -> None:
    """A stranger with Ada's e-mail address, verified, is a stranger: the subject counts (S48)."""
    known.between.says = with_(sub="somebody-else")
    refused(known, "is known by this account")


def test_an_old_proof_makes_nothing_fresh(known: Known) -> None:
    """Who is signed in and proves it anew has to prove it now, not this morning (S44, S48)."""
    with httpx2.Client(trust_env=False, timeout=20, cookies=known.cookies) as http:
        browser = Browser(known.server, http)
        browser.agree(browser.at(START), "ada")
        assert browser.is_signed_in()
        known.between.says = moved("auth_time", -8 * 60 * MINUTE)
        again = browser.agree(browser.at(START), "ada")
        assert again.status_code == HTTPStatus.UNAUTHORIZED, again.text
        assert "(auth_time)" in again.text
