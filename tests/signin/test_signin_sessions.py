"""A person sees where they are signed in and by what, and ends it (S44)."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import structs

from counterfoil.access.caller import Method
from counterfoil.kernel.ids import TokenId, UserId
from counterfoil.operation import OPERATIONS
from counterfoil.runtime.provider import Providers
from counterfoil.signin.doors.sessions import ROUTES
from support.doors import Probe
from support.issuer import Issuer
from support.office import StandingClock
from support.signin import BEN, House, Visitor
from support.traveller import Traveller

SESSIONS, IDENTITIES = "/cma/sessions", "/cma/identities"


def knocking(house: House, user: UserId, method: Method = Method.SESSION) -> Probe:
    return Probe(house.office, house.caller(user, method), routes=ROUTES, operations=OPERATIONS)


def listed(house: House, user: UserId, path: str = SESSIONS) -> list[dict[str, Any]]:
    seen = knocking(house, user)("GET", path)
    assert seen.status == 200
    return list(seen.json["data"])


def test_all_of_ones_sessions_are_listed(
    house: House, visitor: Visitor, clock: StandingClock
) -> None:
    """Browser and client are listed, the last used first, and nobody else's are (S44)."""
    tokens = visitor.tokens()
    Visitor(house.office).sign_in(BEN)
    clock.move_on(minutes=5)
    visitor.refresh(tokens["refresh_token"])
    client, browser = listed(house, house.ada)
    assert client["attributes"]["client"] == "counterfoil-cli"
    assert client["attributes"]["seen_at"] > browser["attributes"]["seen_at"]
    assert (browser["attributes"]["client"], browser["attributes"]["provider"]) == (None, None)
    assert len(listed(house, house.ben)) == 1


def test_a_session_of_a_provider_says_so(house: House, clock: StandingClock) -> None:
    """A list says which provider vouched, for a client's session too (S44)."""
    issuer = Issuer(clock)
    house.office.providers = Providers({"acme": issuer.relied_on()})
    traveller = Traveller(Visitor(house.office), issuer)
    traveller.visitor.sign_in()
    traveller.link("ada")
    traveller.visitor.redeem(traveller.visitor.code())
    assert [one["attributes"]["provider"] for one in listed(house, house.ada)] == ["acme", "acme"]


def test_what_is_over_is_not_listed(house: House, visitor: Visitor, clock: StandingClock) -> None:
    """A session that stood idle is none any more (S44)."""
    visitor.sign_in()
    clock.move_on(minutes=30)
    assert listed(house, house.ada) == []


def test_one_session_is_ended_alone(house: House, visitor: Visitor) -> None:
    """Its owner ends one; what it opened is closed, and the others go on (S44)."""
    tokens = visitor.tokens()
    client = next(one for one in listed(house, house.ada) if one["attributes"]["client"])
    done = knocking(house, house.ada)("DELETE", f"{SESSIONS}/{client['id']}")
    assert (done.status, done.json["meta"]["effective"]) == (200, "host")
    assert visitor.refresh(tokens["refresh_token"]).error == "invalid_grant"
    assert house.live() == set()
    assert "code" in visitor.authorize().query
    again = knocking(house, house.ada)("DELETE", f"{SESSIONS}/{client['id']}")
    assert again.status == 404


def test_nobody_ends_anothers(house: House) -> None:
    """Another person's session is unknown, also to an admin: theirs is another door (S44)."""
    Visitor(house.office).sign_in(BEN)
    (theirs,) = listed(house, house.ben)
    assert knocking(house, house.ada)("DELETE", f"{SESSIONS}/{theirs['id']}").status == 404
    assert len(listed(house, house.ben)) == 1


@pytest.mark.parametrize("path", [SESSIONS, IDENTITIES])
@pytest.mark.parametrize("method", [Method.PERSONAL, Method.SERVICE, Method.EXCHANGED])
def test_no_token_looks_at_them(house: House, path: str, method: Method) -> None:
    """How a person signs in is shown to the person and to no token (S17)."""
    refused = knocking(house, house.ada, method)("GET", path)
    assert (refused.status, refused.json["errors"][0]["code"]) == (
        403,
        "CREDENTIAL_KIND_NOT_ADMITTED",
    )


def test_an_account_is_listed_and_forgotten(
    house: House, visitor: Visitor, clock: StandingClock
) -> None:
    """Who is known by an account sees it and drops it; then it opens nothing, and all is over."""
    issuer = Issuer(clock)
    house.office.providers = Providers({"acme": issuer.relied_on()})
    traveller = Traveller(visitor, issuer)
    visitor.sign_in()
    traveller.link("ada")
    (account,) = listed(house, house.ada, IDENTITIES)
    facts = account["attributes"]
    assert (facts["issuer"], facts["subject"]) == (issuer.issuer, "ada")
    assert listed(house, house.ben, IDENTITIES) == []
    other = knocking(house, house.ben)("DELETE", f"{IDENTITIES}/{account['id']}")
    assert other.status == 404
    done = knocking(house, house.ada)("DELETE", f"{IDENTITIES}/{account['id']}")
    assert done.status == 200
    assert listed(house, house.ada) == listed(house, house.ada, IDENTITIES) == []
    assert traveller.sign_in("ada").status == 401


def test_all_but_the_one_that_asks_are_ended(house: House, visitor: Visitor) -> None:
    """Whoever suspects somebody keeps this session; the others, and codes, are over (S44)."""
    tokens = visitor.tokens()
    code = visitor.code()
    mine = listed(house, house.ada)
    (client,) = (one for one in mine if one["attributes"]["client"])
    (here,) = (one for one in mine if not one["attributes"]["client"])
    Visitor(house.office).sign_in(BEN)
    asker = structs.replace(house.caller(house.ada, Method.SESSION), token=TokenId(int(here["id"])))
    probe = Probe(house.office, asker, routes=ROUTES, operations=OPERATIONS)
    assert probe("DELETE", SESSIONS).status == 200
    assert [one["id"] for one in listed(house, house.ada)] == [here["id"]]
    assert client["id"] != here["id"]
    assert visitor.refresh(tokens["refresh_token"]).error == "invalid_grant"
    assert visitor.redeem(code).error == "invalid_grant"
    assert len(listed(house, house.ben)) == 1
