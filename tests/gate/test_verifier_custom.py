"""Scopes of registered APIs, as the gate decides on them."""

from __future__ import annotations

import pytest

from counterfoil.access.role import READER
from counterfoil.access.scope import FIRST_CUSTOM, Scope
from counterfoil.access.surface import NO_SURFACES, Surface
from counterfoil.feed.event import (
    ApiRecorded,
    ApiStruck,
    MemberRecorded,
    RoleRecorded,
    ScopeRecord,
)
from counterfoil.gate.replica import Replica
from counterfoil.gate.verifier import Verifier
from counterfoil.kernel.errors import Code, CounterfoilError, Denied
from support.gate import (
    ACME,
    BASE,
    BEN,
    DEV,
    OTHER,
    OTHER_DEV,
    READ,
    bounds,
    environ,
    mint,
    record,
    tell,
)

SHOP, DESK = BASE + 41, BASE + 42
ORDERS = FIRST_CUSTOM + 3


def api(*scopes: tuple[str, int], id_: int = SHOP, organization: int = ACME) -> ApiRecorded:
    records = tuple(ScopeRecord(name, number) for name, number in scopes)
    return ApiRecorded(organization=organization, api=id_, scopes=records)


def holding(*numbers: int, scopes: int = READER) -> RoleRecorded:
    return RoleRecorded(organization=ACME, role=DEV, scopes=scopes, custom=numbers)


def verdict(verifier: Verifier, text: str, name: str = "shop:read") -> str:
    """Say what a request for this scope is answered."""
    try:
        verifier.decide_custom(environ(text), name)
    except CounterfoilError as error:
        return str(error.code)
    return "allowed"


class TestCustomScopes:
    def test_held_and_not_held(self, verifier: Verifier, replica: Replica) -> None:
        """The role decides on a custom scope as on any, and the refusal names it (X4)."""
        text = mint()
        tell(replica, api(("shop:read", ORDERS), ("shop:write", ORDERS + 1)), record(text))
        assert verdict(verifier, text) == "INSUFFICIENT_SCOPE"
        tell(replica, holding(ORDERS))
        assert verdict(verifier, text) == "allowed"
        with pytest.raises(Denied) as refused:
            verifier.decide_custom(environ(text), "shop:write")
        assert (refused.value.code, refused.value.meta) == (
            Code.INSUFFICIENT_SCOPE,
            {"scope": "shop:write"},
        )

    def test_down_and_up_again(self, verifier: Verifier, replica: Replica) -> None:
        """A role that loses a scope takes it on the next request, and gives it back (X18)."""
        text = mint()
        own = record(text, bounds(scopes=0, custom=(ORDERS,)))
        tell(replica, api(("shop:read", ORDERS)), holding(ORDERS), own)
        assert verdict(verifier, text) == "allowed"
        tell(replica, holding())
        assert verdict(verifier, text) == "INSUFFICIENT_SCOPE"
        tell(replica, holding(ORDERS))
        assert verdict(verifier, text) == "allowed"

    def test_the_token_bounds_it_too(self, verifier: Verifier, replica: Replica) -> None:
        """An explicit token does no more than it lists; one that inherits does it all (K2)."""
        listed, other, inherits = mint(), mint(), mint()
        tell(replica, api(("shop:read", ORDERS)), holding(ORDERS))
        tell(replica, record(listed, bounds(scopes=0, custom=(ORDERS,))))
        tell(replica, record(other, bounds(scopes=READER), token=BASE + 102))
        tell(replica, record(inherits, token=BASE + 103))
        assert [verdict(verifier, text) for text in (listed, other, inherits)] == [
            "allowed",
            "INSUFFICIENT_SCOPE",
            "allowed",
        ]

    def test_retired(self, verifier: Verifier, replica: Replica) -> None:
        """What no API supports nobody holds, not even who holds every scope (X5)."""
        text = mint()
        tell(replica, holding(scopes=-1), record(text))
        assert verdict(verifier, text) == "INSUFFICIENT_SCOPE"
        tell(replica, api(("shop:read", ORDERS)))
        assert verdict(verifier, text) == "allowed"
        tell(replica, api(("shop:write", ORDERS + 1)))
        assert verdict(verifier, text) == "INSUFFICIENT_SCOPE"
        assert verdict(verifier, text, "shop:write") == "allowed"
        tell(replica, ApiStruck(organization=ACME, api=SHOP))
        assert verdict(verifier, text, "shop:write") == "INSUFFICIENT_SCOPE"

    def test_a_name_that_comes_back(self, verifier: Verifier, replica: Replica) -> None:
        """A spelling with another number is another scope: old grants do not hold it (X5)."""
        text = mint()
        tell(replica, api(("shop:read", ORDERS)), holding(ORDERS), record(text))
        tell(replica, ApiStruck(organization=ACME, api=SHOP))
        tell(replica, api(("shop:read", ORDERS + 1), id_=DESK))
        assert verdict(verifier, text) == "INSUFFICIENT_SCOPE"

    def test_one_api_of_several(self, verifier: Verifier, replica: Replica) -> None:
        """An API that goes takes its own scopes and no others, in its own organization (S21)."""
        text = mint()
        tell(replica, holding(scopes=-1), record(text))
        tell(replica, api(("shop:read", ORDERS)), api(("desk:read", ORDERS + 1), id_=DESK))
        tell(replica, api(("shop:read", ORDERS), organization=OTHER))
        tell(replica, ApiStruck(organization=OTHER, api=SHOP))
        assert verdict(verifier, text) == "allowed"
        tell(replica, ApiStruck(organization=ACME, api=DESK))
        assert verdict(verifier, text) == "allowed"
        assert verdict(verifier, text, "desk:read") == "INSUFFICIENT_SCOPE"

    def test_organizations_number_for_themselves(
        self, verifier: Verifier, replica: Replica
    ) -> None:
        """The same number is another scope elsewhere, and the spelling unknown (S21, S25)."""
        text = mint()
        tell(replica, api(("shop:read", ORDERS)), holding(ORDERS), record(text))
        tell(replica, api(("desk:read", ORDERS), id_=DESK, organization=OTHER))
        tell(replica, RoleRecorded(organization=OTHER, role=OTHER_DEV, scopes=0, custom=(ORDERS,)))
        assert verdict(verifier, text, "desk:read") == "INSUFFICIENT_SCOPE"

    def test_several_roles(self, verifier: Verifier, replica: Replica) -> None:
        """Several roles are the list of what each allows (X5)."""
        text = mint()
        tell(replica, api(("shop:read", ORDERS), ("shop:write", ORDERS + 1)), record(text))
        tell(replica, holding(ORDERS))
        tell(replica, RoleRecorded(organization=ACME, role=READ, scopes=0, custom=(ORDERS + 1,)))
        assert verdict(verifier, text, "shop:write") == "INSUFFICIENT_SCOPE"
        tell(replica, MemberRecorded(organization=ACME, user=BEN, active=True, roles=(DEV, READ)))
        assert verdict(verifier, text) == "allowed"
        assert verdict(verifier, text, "shop:write") == "allowed"

    def test_surfaces_are_the_built_in_apis(self, verifier: Verifier, replica: Replica) -> None:
        """A token without a surface opens a registered API and no content (D9)."""
        text = mint()
        tell(replica, api(("shop:read", ORDERS)), holding(ORDERS))
        tell(replica, record(text, bounds(surfaces=NO_SURFACES)))
        assert verdict(verifier, text) == "allowed"
        with pytest.raises(Denied) as refused:
            verifier.decide(environ(text), Surface.DELIVERY, Scope.CONTENT_READ)
        assert refused.value.code is Code.API_NOT_ENABLED_FOR_TOKEN

    @pytest.mark.parametrize("name", ["", "content:read", "x" * 9999, "\ud800:x", "shop:read\0"])
    def test_any_name(self, verifier: Verifier, replica: Replica, name: str) -> None:
        """Whatever a request names is refused by name, and breaks nothing (S38)."""
        text = mint()
        tell(replica, api(("shop:read", ORDERS)), holding(scopes=-1), record(text))
        assert verdict(verifier, text, name) == "INSUFFICIENT_SCOPE"

    def test_an_unknown_token(self, verifier: Verifier) -> None:
        """Who is not known is refused before anything is looked up (S13)."""
        assert verdict(verifier, mint()) == "INVALID_TOKEN"
        with pytest.raises(CounterfoilError) as refused:
            verifier.decide_custom(environ(), "shop:read")
        assert refused.value.code is Code.MISSING_AUTHORIZATION_HEADER
