"""To a provider and back: whose answer counts, in which browser, and how often."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select

from counterfoil.audit.record import entries
from counterfoil.directory.deactivate import deactivate_user
from counterfoil.directory.enroll import deactivate
from counterfoil.kernel.ids import OrganizationId
from counterfoil.runtime.provider import Providers
from counterfoil.signin.store.tables import flows
from support.issuer import Issuer
from support.office import StandingClock
from support.signin import BEN, House, Visitor
from support.trail import bodies
from support.traveller import Traveller, address


@pytest.fixture
def issuer(clock: StandingClock) -> Issuer:
    return Issuer(clock)


@pytest.fixture
def ada(house: House, issuer: Issuer) -> Traveller:
    """Ada, signed in by a password, and known at Acme as `ada`."""
    house.office.providers = Providers({"acme": issuer.relied_on()})
    traveller = Traveller(Visitor(house.office), issuer)
    traveller.visitor.sign_in()
    assert traveller.link("ada").status == 200
    return traveller


@pytest.fixture
def traveller(house: House, ada: Traveller) -> Traveller:
    """A browser in which nobody is signed in."""
    return Traveller(Visitor(house.office), ada.issuer)


def test_whom_a_provider_vouches_for_is_signed_in(house: House, traveller: Traveller) -> None:
    """A sign-in by a provider ends in the same session as one by password, and goes on (G3)."""
    came = traveller.sign_in("ada", next="/oauth/authorize?a=1")
    assert came.status == 200
    assert b"url=/oauth/authorize?a=1" in came.body
    tokens = traveller.visitor.redeem(traveller.visitor.code()).json
    assert traveller.visitor.refresh(tokens["refresh_token"]).status == 200
    assert ("signin.login_by_provider", "allowed") in house.trail()


def test_the_trail_names_the_provider(house: House, traveller: Traveller) -> None:
    """What was done by the word of a provider says so in the audit trail (S48)."""
    traveller.sign_in("ada")
    with house.office.database.reading() as tx:
        named = entries.c.operation.in_(["identity.link", "signin.login_by_provider"])
        assert [(one.operation, one.token_name, one.user_id) for one in bodies(tx, named)] == [
            ("identity.link", "provider acme", house.ada),
            ("signin.login_by_provider", "provider acme", house.ada),
        ]


def test_an_answer_is_good_once(ada: Traveller, traveller: Traveller) -> None:
    """The second use of an answer, code and state together, is refused (S48)."""
    query = ada.issuer.agreed(address(traveller.go()), "ada")
    assert traveller.back(**query).status == 200
    again = traveller.back(**query)
    assert (again.status, b"begin anew" in again.body) == (401, True)


def test_an_answer_is_good_in_its_own_browser(
    house: House, ada: Traveller, traveller: Traveller
) -> None:
    """An answer in another browser signs nobody in, and leaves it good in its own (S48)."""
    query = ada.issuer.agreed(address(traveller.go()), "ada")
    victim = Traveller(Visitor(house.office), ada.issuer)
    assert victim.back(**query).status == 401
    victim.go()
    assert victim.back(**query).status == 401
    assert "counterfoil" not in victim.visitor.cookies
    assert traveller.back(**query).status == 200


def test_a_code_of_somebody_elses_is_worth_nothing(ada: Traveller, traveller: Traveller) -> None:
    """A stolen code under one's own state does not fit its verifier (RFC 9700 §4.5; S48)."""
    stolen = ada.issuer.agreed(address(ada.go()), "ada")
    own = ada.issuer.agreed(address(traveller.go()), "mallory")
    refused = traveller.back(**{**own, "code": stolen["code"]})
    assert (refused.status, b"invalid_grant" in refused.body) == (401, True)


def test_an_answer_has_to_come_soon(
    ada: Traveller, traveller: Traveller, clock: StandingClock
) -> None:
    """After ten minutes nobody is waited for (S48)."""
    query = ada.issuer.agreed(address(traveller.go()), "ada")
    clock.move_on(minutes=10)
    assert traveller.back(**query).status == 401


@pytest.mark.parametrize(
    "changed",
    [{"state": ""}, {"state": "x" * 43}, {"state": "é"}, {"code": ""}, {"iss": ""},
     {"iss": "https://login.evil.test"}, {"error": "access_denied"}],
)  # fmt: skip
def test_an_answer_fits_or_is_refused(
    ada: Traveller, traveller: Traveller, changed: dict[str, str]
) -> None:
    """A missing state or code, another issuer or none, or a no: nobody is signed in (S48)."""
    query = {**ada.issuer.agreed(address(traveller.go()), "ada"), **changed}
    refused = traveller.back(**{name: value for name, value in query.items() if value})
    assert (refused.status, b"You are not signed in by Acme" in refused.body) == (401, True)
    assert "counterfoil" not in traveller.visitor.cookies


def test_a_state_does_not_stand_twice(ada: Traveller, traveller: Traveller) -> None:
    """A parameter that stands twice could be read in two ways, so it is not read at all (S48)."""
    query = ada.issuer.agreed(address(traveller.go()), "ada")
    text = "&".join(f"{name}={value}" for name, value in query.items())
    refused = traveller.visitor.go(
        "GET",
        "/signin/oidc/acme/callback",
        query=f"{text}&state=x",
    )
    assert refused.status == 400


def test_no_provider_answers_for_another(
    house: House, ada: Traveller, traveller: Traveller, clock: StandingClock
) -> None:
    """Each provider has a callback of its own, and an answer at another one is refused (S48)."""
    other = Issuer(clock, "https://login.evil.test")
    both = {"acme": ada.issuer.relied_on(), "evil": other.relied_on("evil")}
    house.office.providers = Providers(both)
    query = ada.issuer.agreed(address(traveller.go()), "ada")
    assert traveller.back("evil", **query).status == 401
    misled = {**ada.issuer.agreed(address(traveller.go()), "ada"), "iss": other.issuer}
    assert traveller.back(**misled).status == 401
    assert not [url for url in other.asked if url.endswith("/token")]
    at_evil = Traveller(Visitor(house.office), other, "evil")
    assert at_evil.sign_in("ada").status == 401


def test_who_does_not_name_itself_may_stay_silent(ada: Traveller, traveller: Traveller) -> None:
    """A provider that never says who answers (RFC 9207) is taken as it is; a wrong one is not."""
    ada.issuer.about = {"authorization_response_iss_parameter_supported": None}
    traveller.visitor.office.providers = Providers({"acme": ada.issuer.relied_on()})
    query = ada.issuer.agreed(address(traveller.go()), "ada")
    assert traveller.back(code=query["code"], state=query["state"]).status == 200
    wrong = {**ada.issuer.agreed(address(traveller.go()), "ada"), "iss": "https://evil.test"}
    assert traveller.back(**wrong).status == 401


def test_nothing_of_a_flow_can_be_read_back(house: House, traveller: Traveller) -> None:
    """Neither state nor cookie nor verifier nor nonce stands in the database (S9, S48)."""
    asked = parse_qs(urlsplit(address(traveller.go(next="/here"))).query)
    path = Path(str(house.office.database.url.database))
    kept = b"".join(file.read_bytes() for file in path.parent.glob(f"{path.name}*"))
    assert b"/here" in kept
    for secret in (
        asked["state"][0], asked["nonce"][0], traveller.visitor.cookies["counterfoil-flow"],
    ):  # fmt: skip
        assert secret.encode() not in kept


def test_an_address_elsewhere_is_forgotten(traveller: Traveller) -> None:
    """Nobody is led on to another server (S48)."""
    assert address(traveller.sign_in("ada", next="https://evil.test")) == "/"


def test_whoever_is_signed_in_proves_it_anew(ada: Traveller, clock: StandingClock) -> None:
    """Who is signed in already has the provider ask anew; a proof of before is refused (S44)."""
    clock.move_on(minutes=20)
    asked = parse_qs(urlsplit(address(ada.go())).query)
    assert asked["max_age"] == ["0"]
    then = clock.seconds() - 20 * 60
    ada.issuer.says = lambda claims: {**claims, "auth_time": then}
    refused = ada.sign_in("ada")
    assert (refused.status, b"auth_time" in refused.body) == (401, True)
    ada.issuer.says = dict
    assert ada.sign_in("ada").status == 200
    assert "code" in ada.visitor.authorize(max_age="900").query


def test_a_session_is_as_old_as_its_proof(
    traveller: Traveller, ada: Traveller, clock: StandingClock
) -> None:
    """What counts is when the person proved it to the provider, not when we were told (S44)."""
    ada.issuer.says = lambda claims: {**claims, "auth_time": clock.seconds() - 3600}
    assert traveller.sign_in("ada").status == 200
    assert "code" in traveller.visitor.authorize().query
    assert traveller.visitor.authorize(max_age="900").headers["Location"].startswith("/signin")


def test_of_who_never_says_when_the_answer_counts(
    house: House, ada: Traveller, traveller: Traveller
) -> None:
    """An operator may take a provider that has no auth_time; then its answer is the moment."""
    ada.issuer.says = lambda claims: {k: v for k, v in claims.items() if k != "auth_time"}
    house.office.providers = Providers({"acme": ada.issuer.relied_on(says_when=False)})
    assert traveller.sign_in("ada").status == 200
    assert "code" in traveller.visitor.authorize(max_age="60").query


def test_a_stranger_stays_out_whatever_their_address(traveller: Traveller) -> None:
    """A verified e-mail address of somebody here neither signs in nor links (S48)."""
    traveller.issuer.says = lambda claims: {**claims, "email": BEN, "email_verified": True}
    refused = traveller.sign_in("ben")
    assert (refused.status, b"is known by this account" in refused.body) == (401, True)
    assert "counterfoil" not in traveller.visitor.cookies


def test_who_was_shut_out_stays_out(house: House, traveller: Traveller) -> None:
    """Signing in by a provider brings nobody back, and the attempt is on record (S20)."""
    ben = Traveller(Visitor(house.office), traveller.issuer)
    ben.visitor.sign_in(BEN)
    ben.link("ben")
    with house.operating() as work:
        deactivate(work, house.ben)
    assert ben.sign_in("ben").status == 401
    assert not house.member(house.ben).active
    assert house.trail()[-1] == ("signin.login_by_provider", "UNKNOWN_IDENTITY")
    with house.operating() as work:
        deactivate_user(work, house.ben)
    assert ben.sign_in("ben").status == 401
    assert not house.member(house.ben).user_active


def test_a_provider_may_be_for_some_organizations(house: House, traveller: Traveller) -> None:
    """Where the operator names organizations, only their members come in by it."""
    there = traveller.issuer.relied_on(organizations=frozenset({OrganizationId(1)}))
    house.office.providers = Providers({"acme": there})
    assert traveller.sign_in("ada").status == 401
    here = traveller.issuer.relied_on(organizations=frozenset({OrganizationId(1), house.id}))
    house.office.providers = Providers({"acme": here})
    assert traveller.sign_in("ada").status == 200


def test_no_other_site_sends_anybody_there(traveller: Traveller) -> None:
    """Another site's page begins no sign-in, and so links no account of its own (S45)."""
    refused = traveller.visitor.go(
        "POST",
        "/signin/oidc/acme",
        form={},
        sec_fetch_site="cross-site",
    )
    assert (refused.status, b"another site" in refused.body) == (403, True)


def test_few_are_under_way_at_a_time(house: House, traveller: Traveller) -> None:
    """A source begins thirty sign-ins in ten minutes; others are not held up (S42)."""
    with house.office.database.reading() as tx:
        under_way = len(tx.execute(select(flows.c.state)).all())
    for _ in range(30 - under_way):
        assert traveller.go().status == 200
    limited = traveller.go()
    assert (limited.status, b"Too many" in limited.body) == (429, True)
    elsewhere = Visitor(house.office, address="198.51.100.1")
    assert Traveller(elsewhere, traveller.issuer).go().status == 200


def test_a_silent_provider_is_left_alone_for_a_moment(
    house: House, traveller: Traveller, clock: StandingClock
) -> None:
    """Where a provider does not answer the page says so; it is not asked again at once (S42)."""
    issuer = Issuer(clock, silent=True)
    house.office.providers = Providers({"acme": issuer.relied_on()})
    silent = traveller.go()
    assert (silent.status, b"Acme is silent" in silent.body) == (503, True)
    asked = len(issuer.asked)
    assert traveller.go().status == 503
    assert len(issuer.asked) == asked
    issuer.silent = False
    clock.move_on(seconds=5)
    assert traveller.go().status == 200


@pytest.mark.parametrize(
    "about",
    [
        {"issuer": "https://login.evil.test"},
        {"issuer": None},
        {"authorization_endpoint": None},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"token_endpoint": "http://login.acme.test/token"},
        {"jwks_uri": 7},
    ],
)
def test_a_provider_that_is_none_is_not_gone_to(
    house: House, clock: StandingClock, about: dict[str, object]
) -> None:
    """Metadata of another issuer, or without addresses over TLS, leads nobody anywhere (S48)."""
    issuer = Issuer(clock, about=about)
    house.office.providers = Providers({"acme": issuer.relied_on()})
    assert Traveller(Visitor(house.office), issuer).go().status == 503


def test_there_is_no_other_provider(traveller: Traveller) -> None:
    """A provider that the operator does not name is unknown."""
    for method, path in (("POST", ""), ("GET", "/callback")):
        seen = traveller.visitor.go(method, f"/signin/oidc/no{path}", form={})
        assert seen.status == 404
