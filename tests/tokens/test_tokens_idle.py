"""What nobody uses is switched off where the policy says so, and nothing that had no time yet."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert

from counterfoil import directory
from counterfoil.directory import Policy
from counterfoil.directory.edit_policy import edit_policy
from counterfoil.kernel.ids import TokenId, UserId
from counterfoil.kernel.page import Wanted
from counterfoil.notices.read import list_notices
from counterfoil.tokens.idle import disable_idle
from counterfoil.tokens.key_pair import create_pair
from counterfoil.tokens.model import State
from counterfoil.tokens.preview_policy import preview_policy
from counterfoil.tokens.store.last_used import used
from counterfoil.tokens.sweep import sweep
from counterfoil.tokens.switch import disable, enable
from counterfoil.tokens.wish import Wish
from support.office import START, StandingClock
from support.tokens import Agency

pytestmark = pytest.mark.each_engine
DAYS = 90
YEAR: dict[str, Any] = {"expires_at": START + timedelta(days=365)}


def policy(agency: Agency) -> Policy:
    with agency.office.database.reading() as tx:
        return directory.policy(tx, agency.id)


def switch_off_after(agency: Agency, days: int | None) -> None:
    with agency.acting(agency.ada) as work:
        edit_policy(work, policy(agency).version, {"idle_days": days})


def use(agency: Agency, token: TokenId) -> None:
    at = agency.hall.clock()
    row = {"organization_id": agency.id, "token_id": token, "at": at, "management_at": at}
    with agency.operating() as work:
        work.tx.execute(insert(used), {**row, "client": "curl", "network": "192.0.2.0/24"})


def told(agency: Agency, user: UserId) -> list[tuple[object, object]]:
    with agency.looking(user) as work:
        found = list_notices(work, Wanted(size=100), unread=False).items
    facts = [one.facts for one in found if one.kind == "token_disabled"]
    return [(one["name"], one["idle_days"]) for one in facts]


def states(agency: Agency, tokens: dict[str, Any]) -> dict[str, State]:
    return {name: agency.state(one.token.id) for name, one in tokens.items()}


@pytest.fixture
def stocked(agency: Agency) -> dict[str, Any]:
    """Tokens of each kind that begin together and end after a year."""
    wanted = Wish("pair", authority="role", subject=agency.roles["reader"].id, **YEAR)
    with agency.acting(agency.ada) as work:
        pair = create_pair(work, wanted)
    return {
        "used": agency.granted(agency.dan, "used", **YEAR),
        "unused": agency.granted(agency.rea, "unused", **YEAR),
        "api": agency.api_token(name="api", **YEAR),
        "pair": pair,
    }


def test_it_is_off_by_default(
    agency: Agency, stocked: dict[str, Any], clock: StandingClock
) -> None:
    """Where the policy says nothing of it, no token is ever switched off for want of use."""
    clock.move_on(days=300)
    sweep(agency.office)
    assert set(states(agency, stocked).values()) == {State.ACTIVE}


def test_what_nobody_used_is_switched_off(
    agency: Agency, stocked: dict[str, Any], clock: StandingClock
) -> None:
    """From the very term on the sweep disables what is unused: foreseen, told, on record (G12e)."""
    switch_off_after(agency, DAYS)
    clock.move_on(days=80)
    use(agency, stocked["used"].token.id)
    clock.move_on(days=10)
    sweep(agency.office)
    assert set(states(agency, stocked).values()) == {State.ACTIVE}  # to the instant, not beyond
    clock.move_on(microseconds=1)
    with agency.looking(agency.ada) as work:
        assert not preview_policy(work, {"quota": 9}).stopped  # it is stopped as things are
    sweep(agency.office)
    off = {name for name, state in states(agency, stocked).items() if state is State.DISABLED}
    assert off == {"unused", "api", "pair"}
    assert agency.hall.refusal(stocked["unused"].secret) == "TOKEN_DISABLED"
    assert agency.hall.refusal(stocked["api"].secret) == "TOKEN_DISABLED"
    assert agency.trail().count(("token.disable_idle", "allowed")) == 3
    assert told(agency, agency.rea) == [("unused", DAYS)]
    assert agency.hall.rebuilt() == agency.hall.replica.dump()
    before = agency.trail()
    sweep(agency.office)
    assert agency.trail() == before


def test_it_is_foreseen(agency: Agency, stocked: dict[str, Any], clock: StandingClock) -> None:
    """The preview counts what the sweep would switch off, and names it."""
    clock.move_on(days=100)
    use(agency, stocked["used"].token.id)
    with agency.looking(agency.ada) as work:
        seen = preview_policy(work, {"idle_days": DAYS})
    assert dict(seen.stopped) == {"idle": 3}
    assert {one.token.name for one in seen.stops} == {"unused", "api", "pair"}
    switch_off_after(agency, DAYS)
    sweep(agency.office)
    off = {name for name, state in states(agency, stocked).items() if state is State.DISABLED}
    assert off == {one.token.name for one in seen.stops}


def test_who_switches_it_on_has_the_whole_term(
    agency: Agency, stocked: dict[str, Any], clock: StandingClock
) -> None:
    """Its owner switches it on again, and the next sweep leaves it alone for as long again."""
    switch_off_after(agency, DAYS)
    clock.move_on(days=91)
    sweep(agency.office)
    id_ = stocked["unused"].token.id
    with agency.acting(agency.rea) as work:
        enable(work, id_)
    sweep(agency.office)
    assert agency.state(id_) is State.ACTIVE
    clock.move_on(days=90, microseconds=1)
    sweep(agency.office)
    assert agency.state(id_) is State.DISABLED


def test_what_had_no_time_yet_is_left(agency: Agency, clock: StandingClock) -> None:
    """What was just approved, or begins to work later, has had no time to be used."""
    switch_off_after(agency, 7)
    asked = agency.ask(agency.rea, "waited", **YEAR)
    later = agency.granted(agency.dan, "later", not_before=START + timedelta(days=30), **YEAR)
    clock.move_on(days=13)
    agency.approve(asked)
    sweep(agency.office)
    assert agency.state(asked.token.id) is State.ACTIVE
    assert agency.state(later.token.id) is State.ACTIVE
    clock.move_on(days=17 + 7, microseconds=1)
    sweep(agency.office)
    assert agency.state(asked.token.id) is State.DISABLED
    assert agency.state(later.token.id) is State.DISABLED


def test_what_was_used_meanwhile_goes_on(
    agency: Agency, stocked: dict[str, Any], clock: StandingClock
) -> None:
    """A token that was used, or a policy that changed, since the sweep looked is left alone."""
    clock.move_on(days=100)
    id_ = stocked["unused"].token.id
    with agency.operating() as work:
        disable_idle(work, id_)
    assert agency.state(id_) is State.ACTIVE
    switch_off_after(agency, DAYS)
    use(agency, id_)
    with agency.operating() as work:
        disable_idle(work, id_)
    assert agency.state(id_) is State.ACTIVE


def test_what_is_off_stays_who_s_it_was(
    agency: Agency, stocked: dict[str, Any], clock: StandingClock
) -> None:
    """What an admin has switched off is not given back to its owner by the sweep (A24)."""
    id_ = stocked["unused"].token.id
    with agency.acting(agency.ada) as work:
        disable(work, id_)
    switch_off_after(agency, DAYS)
    clock.move_on(days=200)
    sweep(agency.office)
    assert agency.token(id_).grant_in(agency.id).disabled_by == agency.ada
