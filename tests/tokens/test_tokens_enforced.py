"""A policy comes to hold for tokens that were made before it: foreseen, announced, and done."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert

from counterfoil import directory
from counterfoil.access.surface import ALL_SURFACES
from counterfoil.directory import Policy
from counterfoil.directory.edit_policy import edit_policy
from counterfoil.directory.enroll import enroll
from counterfoil.directory.steps.admit import Newcomer
from counterfoil.kernel.clock import spell_instant
from counterfoil.kernel.errors import Code, Conflict, Denied, Invalid, Stale
from counterfoil.kernel.ids import TokenId, UserId
from counterfoil.kernel.page import Wanted
from counterfoil.notices.read import list_notices
from counterfoil.tokens.abide import abides, end_under
from counterfoil.tokens.api_token import create_api_token
from counterfoil.tokens.key_pair import create_pair
from counterfoil.tokens.model import State
from counterfoil.tokens.outgrow import TOGETHER
from counterfoil.tokens.preview_policy import Impact, preview_policy
from counterfoil.tokens.store.last_used import used
from counterfoil.tokens.sweep import sweep
from counterfoil.tokens.wish import Wish
from support.office import START, StandingClock
from support.tokens import Agency, Hall, pointer

pytestmark = pytest.mark.each_engine
NOW = {"enforce_at": START}


def policy(agency: Agency) -> Policy:
    with agency.office.database.reading() as tx:
        return directory.policy(tx, agency.id)


def change(agency: Agency, **changes: Any) -> Policy:
    with agency.acting(agency.ada) as work:
        return edit_policy(work, policy(agency).version, changes)


def foresee(agency: Agency, **changes: Any) -> Impact:
    with agency.looking(agency.ada) as work:
        return preview_policy(work, changes)


def use(agency: Agency, token: TokenId, hours_ago: int) -> None:
    at = START - timedelta(hours=hours_ago)
    row = {"organization_id": agency.id, "token_id": token, "at": at, "management_at": at}
    with agency.operating() as work:
        work.tx.execute(insert(used), {**row, "client": "curl", "network": "192.0.2.0/24"})


def told(agency: Agency, user: UserId) -> list[tuple[object, object, object]]:
    with agency.looking(user) as work:
        found = list_notices(work, Wanted(size=100), unread=False).items
    facts = [one.facts for one in found if one.kind == "policy_changed"]
    return [(one["name"], one["enforce_at"], one["ends_at"]) for one in facts]


def ends_in(days: int) -> dict[str, Any]:
    return {"expires_at": START + timedelta(days=days)}


@pytest.fixture
def stocked(agency: Agency) -> dict[str, Any]:
    """Tokens of people and of the organization, short ones and long ones, by name."""
    pair = Wish("pair", authority="role", subject=agency.roles["reader"].id, **ends_in(400))
    with agency.acting(agency.ada) as work:
        made_pair = create_pair(work, pair)
    return {
        "short": agency.ask(agency.ada, "short", **ends_in(5)),
        "long": agency.ask(agency.ada, "long", **ends_in(300)),
        "theirs": agency.granted(agency.dan, "theirs", **ends_in(60)),
        "waiting": agency.ask(agency.rea, "waiting", **ends_in(90)),
        "api": agency.api_token(name="api", **ends_in(500)),
        "pair": made_pair,
    }


def test_what_is_foreseen(agency: Agency, stocked: dict[str, Any]) -> None:
    """The preview counts the tokens outside, their people and those in use, and changes nothing."""
    use(agency, stocked["theirs"].token.id, 3)
    use(agency, stocked["api"].token.id, 30)
    before = policy(agency), agency.counts()
    seen = foresee(agency, lifetime_max="P30D", quota=1, approval="nobody")
    assert (seen.tokens, seen.people, seen.used_lately, seen.ending) == (5, 3, 1, 0)
    assert [one.token.name for one in seen.fates][:2] == ["theirs", "api"]
    assert {one.ends_at for one in seen.fates} == {START + timedelta(days=30)}
    assert {one.owner for one in seen.fates} == {"Ada", "DanAcme", "ReaAcme"}
    assert (seen.over_quota, seen.newly_asking, seen.newly_free) == (1, 0, 2)
    assert (policy(agency), agency.counts()) == before
    everybody = foresee(agency, approval="everybody", lifetime_max="P100Y")
    assert (everybody.tokens, everybody.newly_asking, everybody.newly_free) == (0, 1, 0)


def test_what_is_foreseen_is_what_comes(
    agency: Agency, stocked: dict[str, Any], clock: StandingClock
) -> None:
    """Enforced now, each token outside ends when the preview said, and no other changes (K1)."""
    clock.move_on(days=40)
    seen = foresee(agency, lifetime_max="P45D", enforce_at=START)
    change(agency, lifetime_max="P45D", enforce_at=START)
    ends = {one.token.id: one.ends_at for one in seen.fates}
    assert set(ends) == {
        one.token.id for name, one in stocked.items() if name != "short"
    }  # that one has ended
    for id_, end in ends.items():
        assert agency.token(id_).expires_at == end == START + timedelta(days=45)
    assert policy(agency).enforce_at is None
    assert foresee(agency).tokens == 0
    hall = agency.hall
    assert hall.refusal(stocked["long"].secret) == "allowed"
    clock.move_on(days=5)
    assert hall.refusal(stocked["long"].secret) == Code.TOKEN_EXPIRED
    assert hall.refusal(stocked["api"].secret) == Code.TOKEN_EXPIRED
    assert hall.rebuilt() == hall.replica.dump()


def test_what_has_had_its_life_ends_at_once(
    agency: Agency, stocked: dict[str, Any], clock: StandingClock
) -> None:
    """A token older than the limit is refused when the call that enforces it returns (R1)."""
    clock.move_on(days=40)
    assert foresee(agency, lifetime_max="P7D", **NOW).ending == 5
    change(agency, lifetime_max="P7D", **NOW)
    for name in ("long", "theirs", "api"):
        assert agency.hall.refusal(stocked[name].secret) == Code.TOKEN_EXPIRED
    assert agency.trail().count(("token.enforce_policy", "allowed")) == 5
    assert {name for name, *_ in told(agency, agency.dan)} == {"theirs"}


def test_an_announced_day(agency: Agency, stocked: dict[str, Any], clock: StandingClock) -> None:
    """Until the day tokens go on and their holders know of it; on the day they come under it."""
    day = START + timedelta(days=20)
    edited = change(agency, lifetime_max="P10D", enforce_at=day)
    assert edited.enforce_at == policy(agency).enforce_at == day
    assert told(agency, agency.dan) == [("theirs", spell_instant(day), spell_instant(day))]
    clock.move_on(days=19)
    sweep(agency.office)
    assert agency.hall.refusal(stocked["theirs"].secret) == "allowed"
    clock.move_on(days=1)
    assert sweep(agency.office) > 0
    for name in ("long", "theirs", "api"):
        assert agency.hall.refusal(stocked[name].secret) == Code.TOKEN_EXPIRED
    done = policy(agency)
    assert (done.enforce_at, done.lifetime_max, done.version) == (None, "P10D", edited.version + 1)
    assert ("policy.settle", "allowed") in agency.trail()
    assert agency.hall.rebuilt() == agency.hall.replica.dump()


def test_what_was_announced_is_withdrawn(
    agency: Agency, stocked: dict[str, Any], clock: StandingClock
) -> None:
    """An announcement stays until its day unless somebody takes it back; forgetting changes none.

    Whoever changes the limits says what becomes of it.
    """
    day = START + timedelta(days=20)
    change(agency, lifetime_max="P10D", enforce_at=day)
    assert change(agency, quota=9).enforce_at == day
    with pytest.raises(Invalid) as wrong:
        change(agency, lifetime_max="P9D")
    assert wrong.value.field == "/data/attributes/enforce_at"
    with pytest.raises(Invalid), agency.acting(agency.ada) as work:
        edit_policy(work, policy(agency).version, {}, "dx")
    change(agency, enforce_at=None)
    clock.move_on(days=21)
    sweep(agency.office)
    assert agency.hall.refusal(stocked["theirs"].secret) == "allowed"


@pytest.mark.parametrize("days", [0, 11])
def test_many_come_under_it_piece_by_piece(agency: Agency, clock: StandingClock, days: int) -> None:
    """Every token comes under the policy, however many there are; no one write does it all (R1)."""
    many = TOGETHER + 5
    made = [agency.api_token(name=f"api {one}", **ends_in(300)) for one in range(many)]
    clock.move_on(days=11)
    change(agency, lifetime_max="P10D", enforce_at=clock.now + timedelta(days=days))
    ended = [agency.hall.refusal(one.secret) for one in made].count(Code.TOKEN_EXPIRED)
    assert ended == (0 if days else TOGETHER)
    assert policy(agency).enforce_at == clock.now + timedelta(days=days)
    clock.move_on(days=days)
    sweep(agency.office)
    assert {agency.hall.refusal(one.secret) for one in made} == {Code.TOKEN_EXPIRED}
    assert policy(agency).enforce_at is None


def test_the_answer_says_what_is_under_way(agency: Agency, clock: StandingClock) -> None:
    """Who enforces over HTTP is told if it is not through, and holds an ETag that is good (S22)."""
    for one in range(TOGETHER + 1):
        agency.api_token(name=f"api {one}", **ends_in(300))
    ask = agency.door(agency.caller(agency.ada))
    path = f"/cma/organizations/{agency.id}/token_policy"
    now = spell_instant(clock.now)
    wish = {"lifetime_max": "P10D", "enforce_at": now}
    told = ask("PATCH", path, wish, {"If-Match": '"1"'}, type_="token_policy")
    assert told.status_code == 200
    assert told.json["data"]["attributes"]["enforce_at"] == now
    etag = told.headers["etag"]
    assert ask("GET", path).headers["etag"] == etag
    told = ask("PATCH", path, {"quota": 7}, {"If-Match": etag}, type_="token_policy")
    assert (told.status_code, told.json["data"]["attributes"]["enforce_at"]) == (200, now)
    assert ask("GET", path).headers["etag"] == told.headers["etag"]
    sweep(agency.office)
    assert ask("GET", path).json["data"]["attributes"]["enforce_at"] is None
    assert foresee(agency).tokens == 0


def test_endless_tokens_get_an_end(hall: Hall) -> None:
    """Where every token must end one day from now on, one without an end gets the usual life."""
    agency = Agency(hall, preset="dx")
    asked = agency.ask(agency.dan, "endless", expires_at=None)
    change(agency, allow_no_expiration=False, lifetime_default="P30D", **NOW)
    assert agency.token(asked.token.id).expires_at == START + timedelta(days=30)


def test_what_hangs_on_a_token_ends_with_it(agency: Agency, clock: StandingClock) -> None:
    """What an API token made later does not outlive it when a policy shortens it (S24)."""
    maker = agency.api_token("admin", surfaces=ALL_SURFACES, **ends_in(90))
    clock.move_on(days=40)
    reader = agency.roles["reader"].id
    with agency.with_token(maker.secret) as work:
        child = create_api_token(work, Wish("child", authority="role", subject=reader))
    change(agency, lifetime_max="P45D", **NOW)
    ends = [agency.token(one.token.id).expires_at for one in (maker, child)]
    assert ends == [START + timedelta(days=45)] * 2


def test_a_guest_ends_here_alone(hall: Hall) -> None:
    """A token at home elsewhere stops speaking here, and its life elsewhere is its own (K3)."""
    acme, beta = Agency(hall), Agency(hall, "Beta")
    with hall.database.reading() as tx:
        dan = directory.user(tx, acme.dan)
    with beta.operating() as work:
        enroll(work, Newcomer(dan.name, dan.email), [beta.roles["admin"].id])
    asked = acme.granted(acme.dan, inherit=True, span_all=True, **ends_in(100))
    assert hall.refusal(asked.secret, beta.id) == "allowed"
    (fate,) = foresee(beta, lifetime_max="P30D").fates
    assert (fate.is_guest, fate.ends_at) == (True, START)
    change(beta, lifetime_max="P30D", **NOW)
    assert beta.state(asked.token.id) is State.REVOKED
    assert hall.refusal(asked.secret, beta.id) != "allowed"
    assert hall.refusal(asked.secret, acme.id) == "allowed"
    assert acme.token(asked.token.id).expires_at == START + timedelta(days=100)


def test_who_may_foresee(agency: Agency) -> None:
    """The preview is for who manages the policy, and for the version that they looked at (S22)."""
    for somebody in (agency.dan, agency.rea):
        with pytest.raises(Denied), agency.looking(somebody) as work:
            preview_policy(work, {"quota": 1})
    with pytest.raises(Stale), agency.looking(agency.ada) as work:
        preview_policy(work, {"quota": 1}, version=7)


@pytest.mark.usefixtures("stocked")
def test_over_http(agency: Agency) -> None:
    """The preview is a POST beside the policy, and takes what its PATCH takes (K10)."""
    ask = partial(agency.door(agency.caller(agency.ada)), "POST", type_="token_policy")
    path = f"/cma/organizations/{agency.id}/token_policy/preview"
    seen = ask(path, {"lifetime_max": "P30D"})
    assert (seen.status_code, seen.headers["etag"]) == (200, '"1"')
    facts = seen.json["data"]["attributes"]
    assert (facts["tokens_outside"], facts["people"]) == (5, 3)
    assert facts["policy"]["lifetime_max"] == "P30D"
    assert {one["kind"] for one in facts["tokens"]} == {"personal", "service", "client"}
    wrong = ask(path, {"enforce_at": "tomorrow"})
    assert (wrong.status_code, pointer(wrong)) == (422, "/data/attributes/enforce_at")
    assert ask(path, {"quota": 3}, {"If-Match": '"2"'}).status_code == 412
    elsewhere = path.replace(str(agency.id), "1000000000000000")
    assert ask(elsewhere, {"quota": 3}).status_code == 404


@given(
    limit=st.sampled_from(["P1D", "P30D", "P1M", "P1Y", "P2Y"]),
    life=st.integers(1, 4000) | st.none(),
    age=st.integers(0, 3000),
)
def test_a_token_under_a_policy_abides_by_it(limit: str, life: int | None, age: int) -> None:
    """Whatever a token was, under a policy it ends no later than before, nor in the past (X16)."""
    rules = Policy(lifetime_max=limit, lifetime_default=limit)
    made = START - timedelta(days=age)
    ends = None if life is None else START + timedelta(days=life)
    then = end_under(rules, made, ends, START)
    assert then >= START
    assert ends is None or then <= ends
    assert then == START or abides(rules, made, then)


def test_nothing_is_settled_that_is_not_due(agency: Agency) -> None:
    """The office takes down no announcement before its day."""
    change(agency, enforce_at=START + timedelta(days=1))
    with pytest.raises(Conflict), agency.operating() as work:
        directory.settle_enforcement(work)
