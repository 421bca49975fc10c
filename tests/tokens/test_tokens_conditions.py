"""Tokens that hold under conditions: asked for, approved, narrowed, widened, renewed, handed on."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from msgspec import structs

from counterfoil.access.conditions import Conditions, Rate
from counterfoil.access.networks import Networks, networks
from counterfoil.access.surface import ALL_SURFACES
from counterfoil.kernel.errors import CounterfoilError, Denied, Invalid
from counterfoil.kernel.ids import TokenId
from counterfoil.tokens.api_token import create_api_token
from counterfoil.tokens.api_token_edit import edit_api_token
from counterfoil.tokens.approve import approve
from counterfoil.tokens.edit import edit
from counterfoil.tokens.exchange import as_client, exchange
from counterfoil.tokens.key_pair import create_pair
from counterfoil.tokens.preview import preview_token
from counterfoil.tokens.renew import renew
from counterfoil.tokens.steps.record import Issued
from counterfoil.tokens.wish import Wish
from support.office import ORIGIN, START, StandingClock
from support.tokens import READ, Agency

OFFICE = networks(["192.0.2.0/24", "2001:db8::/32"])
DESK = networks(["192.0.2.7/32"])
HOME = networks(["198.51.100.0/24"])
SLOW, FAST = Rate(10, 60), Rate(100, 60)
SOON, LATER = START + timedelta(hours=1), START + timedelta(hours=2)


def conditions(agency: Agency, id_: TokenId) -> Conditions:
    """Return the conditions of a token as the database has them."""
    return agency.token(id_).grant_in(agency.id).bounds.conditions


def refused(agency: Agency, secret: Any, address: str) -> str:
    """Return what a gate makes of a secret from an address."""
    try:
        agency.hall.verify(secret, None, address)
    except CounterfoilError as error:
        return str(error.code)
    return "allowed"


@pytest.mark.each_engine
def test_they_are_kept_and_told(agency: Agency) -> None:
    """What was asked for is in the books, at the gate, and in a replica that is built anew."""
    made = agency.granted(agency.dan, networks=OFFICE, rate=SLOW, not_before=SOON)
    assert conditions(agency, made.token.id) == Conditions(OFFICE, SLOW, SOON)
    assert refused(agency, made.secret, "192.0.2.7") == "TOKEN_NOT_YET_VALID"
    agency.hall.clock.move_on(hours=1)
    assert refused(agency, made.secret, "192.0.2.7") == "allowed"
    assert refused(agency, made.secret, "198.51.100.1") == "IP_NOT_ALLOWED"
    caller = agency.hall.verify(made.secret, None, "192.0.2.7")
    assert caller.grant.conditions == Conditions(OFFICE, SLOW, SOON)
    assert agency.hall.rebuilt()["tokens"] == agency.hall.replica.dump()["tokens"]


@pytest.mark.parametrize(
    ("before", "wanted"),
    [
        ({"networks": OFFICE}, {"networks": DESK}),
        ({}, {"networks": OFFICE}),
        ({"rate": FAST}, {"rate": SLOW}),
        ({}, {"rate": FAST}),
        ({}, {"not_before": SOON}),
        ({"not_before": SOON}, {"not_before": LATER}),
        ({"networks": OFFICE}, {"networks": Networks()}),
    ],
)
def test_narrower_at_once(agency: Agency, before: dict[str, Any], wanted: dict[str, Any]) -> None:
    """Fewer addresses, a lower rate and a later start need nobody else, and hold at once (X14)."""
    made = agency.granted(agency.dan, **before)
    with agency.acting(agency.dan) as work:
        assert edit(work, made.token.id, Wish(**wanted)).request is None
    assert conditions(agency, made.token.id) == structs.replace(Conditions(**before), **wanted)


@pytest.mark.parametrize(
    ("before", "wanted"),
    [
        ({"networks": OFFICE}, {"networks": None}),
        ({"networks": OFFICE}, {"networks": networks(["192.0.2.0/23", "2001:db8::/32"])}),
        ({"rate": SLOW}, {"rate": FAST}),
        ({"rate": SLOW}, {"rate": None}),
        ({"rate": SLOW}, {"rate": Rate(10, 59)}),
        ({"not_before": LATER}, {"not_before": SOON}),
        ({"not_before": LATER}, {"not_before": None}),
    ],
)
def test_wider_waits(agency: Agency, before: dict[str, Any], wanted: dict[str, Any]) -> None:
    """More addresses, a higher rate and an earlier start wait as more scopes do (X14, K8)."""
    made = agency.granted(agency.dan, **before)
    with agency.acting(agency.dan) as work:
        asked = edit(work, made.token.id, Wish(**wanted)).request
    assert asked is not None
    assert conditions(agency, made.token.id) == Conditions(**before)
    with agency.acting(agency.ada) as work:
        approve(work, asked.id, asked.version, Wish())
    assert conditions(agency, made.token.id) == structs.replace(Conditions(**before), **wanted)


@pytest.mark.each_engine
def test_what_is_taken_away_is_gone_meanwhile(agency: Agency) -> None:
    """Of an edit that moves the addresses, only what is in both holds until it is approved."""
    made = agency.granted(agency.dan, networks=OFFICE)
    both = networks([*DESK.spelled, *HOME.spelled])
    with agency.acting(agency.dan) as work:
        assert edit(work, made.token.id, Wish(networks=both)).request is not None
    assert conditions(agency, made.token.id).networks == DESK
    assert refused(agency, made.secret, "192.0.2.9") == "IP_NOT_ALLOWED"


def test_an_approver_only_narrows(agency: Agency) -> None:
    """Whoever approves may give fewer addresses, a lower rate, a later start, and no more (A11)."""
    asked = agency.ask(agency.dan, networks=OFFICE, rate=FAST, not_before=SOON)
    for wider in (
        {"networks": HOME}, {"networks": None}, {"rate": Rate(101, 60)}, {"rate": None},
        {"not_before": START}, {"not_before": None},
    ):  # fmt: skip
        with pytest.raises(Invalid):
            agency.approve(asked, **wider)
    with pytest.raises(Invalid) as ended:
        agency.approve(asked, not_before=START + timedelta(days=31))
    assert ended.value.field == "/data/attributes/not_before"
    agency.approve(asked, networks=DESK, rate=SLOW, not_before=LATER)
    assert conditions(agency, asked.token.id) == Conditions(DESK, SLOW, LATER)


@pytest.mark.parametrize("starts", [timedelta(days=2), timedelta(days=3)])
def test_it_begins_before_it_ends(agency: Agency, starts: timedelta) -> None:
    """A token that would end before it begins is not made, and none is edited to be one."""
    ends_at = START + timedelta(days=2)
    with pytest.raises(Invalid) as made:
        agency.ask(agency.dan, not_before=START + starts, expires_at=ends_at)
    assert made.value.field == "/data/attributes/not_before"
    token = agency.granted(agency.dan, expires_at=ends_at, not_before=SOON).token
    for wish, field in (
        (Wish(not_before=START + starts), "not_before"),
        (Wish(expires_at=SOON), "expires_at"),
    ):
        with agency.acting(agency.dan) as work, pytest.raises(Invalid) as edited:
            edit(work, token.id, wish)
        assert edited.value.field == f"/data/attributes/{field}"


def test_a_preview_says_them(agency: Agency) -> None:
    """What a token could do is said with its conditions, by the rules that would make it (X9)."""
    with agency.looking(agency.dan) as work:
        seen = preview_token(work, Wish(name="ci", scopes=READ, networks=OFFICE, rate=SLOW))
    assert seen.effective.conditions == Conditions(OFFICE, SLOW)


@pytest.mark.parametrize(("passed", "kept"), [(False, SOON), (True, None)])
def test_a_successor_has_them(
    agency: Agency, clock: StandingClock, kept: datetime | None, *, passed: bool
) -> None:
    """A successor takes them over, but for a start that lies behind (X19)."""
    made = agency.granted(agency.ada, networks=OFFICE, rate=SLOW, not_before=SOON)
    if passed:
        clock.move_on(hours=1)
    with agency.acting(agency.ada) as work:
        after = renew(work, made.token.id, Wish())
    assert conditions(agency, after.token.id) == Conditions(OFFICE, SLOW, kept)


class TestHandedOn:
    """What a token makes or widens lies inside its own conditions (I3)."""

    def maker(self, agency: Agency) -> Issued:
        with agency.acting(agency.ada) as work:
            return create_api_token(
                work,
                Wish(
                    name="manager",
                    authority="role",
                    subject=agency.roles["admin"].id,
                    surfaces=ALL_SURFACES,
                    networks=OFFICE,
                    rate=SLOW,
                ),
            )

    def test_what_it_makes_has_its_own(self, agency: Agency) -> None:
        """Where nothing is said they are the maker's, as its end is; less may be said."""
        caller = agency.hall.verify(self.maker(agency).secret, None, "192.0.2.7")
        origin = structs.replace(ORIGIN, address="192.0.2.7")
        wanted = Wish(name="ci", authority="role", subject=agency.roles["reader"].id)
        with agency.office.work(caller, origin) as work:
            made = create_api_token(work, wanted).token
        assert conditions(agency, made.id) == Conditions(OFFICE, SLOW)
        with agency.office.work(caller, origin) as work:
            made = create_api_token(work, replace(wanted, networks=DESK)).token
        assert conditions(agency, made.id) == Conditions(DESK, SLOW)

    @pytest.mark.parametrize("wider", [{"networks": None}, {"networks": HOME}, {"rate": FAST}])
    def test_and_no_more(self, agency: Agency, wider: dict[str, Any]) -> None:
        """It neither makes nor widens anything that could be used from elsewhere or faster."""
        caller = agency.hall.verify(self.maker(agency).secret, None, "192.0.2.7")
        origin = structs.replace(ORIGIN, address="192.0.2.7")
        wanted = Wish(name="ci", authority="role", subject=agency.roles["reader"].id, **wider)
        with pytest.raises(Denied) as made, agency.office.work(caller, origin) as work:
            create_api_token(work, wanted)
        assert made.value.code == "INSUFFICIENT_ROLE"
        other = agency.api_token(networks=DESK, rate=Rate(1, 60))
        with pytest.raises(Denied) as edited, agency.office.work(caller, origin) as work:
            edit_api_token(work, other.token.id, Wish(**wider))
        assert edited.value.code == "INSUFFICIENT_ROLE"

    def test_it_works_from_there_alone(self, agency: Agency) -> None:
        """Where it counts, inside the transaction, it is asked again from where they came (I1)."""
        caller = agency.hall.verify(self.maker(agency).secret, None, "192.0.2.7")
        origin = structs.replace(ORIGIN, address="198.51.100.1")
        with pytest.raises(Denied) as caught, agency.office.work(caller, origin):
            pass
        assert caught.value.code == "IP_NOT_ALLOWED"


def test_a_pair_is_exchanged_under_its_conditions(agency: Agency) -> None:
    """A pair is exchanged from its networks alone, and so is what it gives used (A15)."""
    with agency.acting(agency.ada) as work:
        wanted = Wish(
            name="ci", authority="role", subject=agency.roles["reader"].id, networks=OFFICE
        )
        pair = create_pair(work, wanted)
    client = as_client(pair.token)
    elsewhere = structs.replace(ORIGIN, address="198.51.100.1")
    with pytest.raises(Denied), agency.office.work(client, elsewhere) as work:
        exchange(work)
    assert agency.trail()[-1] == ("token.exchange", "IP_NOT_ALLOWED")
    with agency.office.work(client, structs.replace(ORIGIN, address="192.0.2.7")) as work:
        given = exchange(work)
    assert refused(agency, given.secret, "192.0.2.7") == "allowed"
    assert refused(agency, given.secret, "198.51.100.1") == "IP_NOT_ALLOWED"
