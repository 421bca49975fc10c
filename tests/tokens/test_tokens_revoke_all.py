"""Every token of an organization is revoked at once, by one event, and the office knows it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, insert, select

from counterfoil import directory, tokens
from counterfoil.access.caller import Method
from counterfoil.access.scope import Scope
from counterfoil.audit.record import entries
from counterfoil.directory.enroll import end, enroll
from counterfoil.directory.steps.admit import Newcomer
from counterfoil.directory.store.tables import cut_offs
from counterfoil.feed.event import CutOff, SecretRecord, TokenRecorded
from counterfoil.kernel.errors import Code, Conflict, Denied, Invalid, NotFound
from counterfoil.kernel.page import Wanted
from counterfoil.operation import OPERATIONS, Work, operation
from counterfoil.secret import Kind, Secret
from counterfoil.tokens import Issued, Token
from counterfoil.tokens.api_token_edit import edit_api_token, regenerate
from counterfoil.tokens.approve import approve
from counterfoil.tokens.edit import edit
from counterfoil.tokens.key_pair import edit_pair
from counterfoil.tokens.model import State
from counterfoil.tokens.renew import renew
from counterfoil.tokens.revoke_all import Toll, count_tokens, revoke_tokens
from counterfoil.tokens.show import list_requests
from counterfoil.tokens.store import lists, tables
from counterfoil.tokens.store.at_home import EVERY_KIND, in_force
from counterfoil.tokens.store.ending import untold
from counterfoil.tokens.switch import disable, enable
from counterfoil.tokens.wish import Wish
from support.every_kind import (
    WHY,
    attenuated,
    begun,
    built_in,
    end_all,
    opens,
    some_of_each,
)
from support.office import ORIGIN, START, StandingClock
from support.tokens import Agency, Hall

pytestmark = pytest.mark.each_engine


@operation("test.tell_anything", requires=None, methods=frozenset({Method.SYSTEM}))
def tell(work: Work, event: TokenRecorded) -> None:
    """Tell the gates an event."""
    work.permit()
    work.emit(event)


del OPERATIONS["test.tell_anything"]  # it is no part of the product's list


@pytest.fixture
def agency(hall: Hall) -> Agency:
    """A company with the token that every organization begins with."""
    return begun(Agency(hall))


def test_it_ends_every_kind_of_token(agency: Agency) -> None:
    """Nothing made up to then opens a gate, nor one built anew; what is made later does (R21)."""
    before = some_of_each(agency)
    assert all(opens(agency, one) for one in before.values())
    end_all(agency)
    after = some_of_each(agency)
    agency.hall.replica.rebuild(agency.hall.source)
    for name, one in before.items():
        assert not opens(agency, one), name
        assert agency.state(one.token.id) is State.REVOKED, name
        if one.token.kind is not Kind.CLIENT:
            assert agency.hall.refusal(one.secret) == Code.INVALID_TOKEN
    for name, one in after.items():
        assert opens(agency, one), name
        assert agency.state(one.token.id) is State.ACTIVE, name
    assert agency.hall.rebuilt() == agency.hall.replica.dump()


def test_it_is_one_event_however_many_there_are(agency: Agency) -> None:
    """Of three thousand tokens one row, one event and one entry say it; none is written (R21)."""
    made = agency.api_token()
    many(agency, made.token, 3_000)
    head, rows, trail = agency.head(), counts(agency), len(agency.trail())
    versions = versions_of_tokens(agency)
    toll = end_all(agency)
    assert toll == Toll(0, 3_001, 0, 0, position=head)
    assert agency.events(head) == [CutOff(subject=agency.id, at=head)]
    assert counts(agency) == rows | {"organization_cut_off": 1}
    assert len(agency.trail()) == trail + 1
    changed = versions_of_tokens(agency) ^ versions
    assert {id_ for id_, _ in changed} == {built_in(agency).id}
    assert agency.hall.refusal(made.secret) == Code.INVALID_TOKEN


def many(agency: Agency, like: Token, count: int) -> None:
    """Write so many tokens beside one, alike but for their ids and secrets."""
    with agency.office.database.transaction() as tx:
        kept = {table: row_of(tx, table, like) for table in (tables.tokens, tables.grants)}
        for table, name in ((tables.tokens, "id"), (tables.grants, "token_id")):
            tx.execute(
                insert(table), [{**kept[table], name: like.id + 1 + one} for one in range(count)]
            )
        tokens.reseal(tx)


def row_of(tx: Any, table: Any, token: Token) -> dict[str, Any]:
    key = table.c.id if table is tables.tokens else table.c.token_id
    return dict(tx.execute(select(table).where(key == token.id)).mappings().one())


def counts(agency: Agency) -> dict[str, int]:
    with agency.office.database.reading() as tx:
        found = tx.execute(select(func.count()).select_from(cut_offs)).scalar_one()
    return {**agency.counts(), "organization_cut_off": found}


def versions_of_tokens(agency: Agency) -> set[tuple[int, int]]:
    with agency.office.database.reading() as tx:
        query = select(tables.tokens.c.id, tables.tokens.c.version)
        return {(row[0], row[1]) for row in tx.execute(query)}


def test_it_stands_in_the_trail_with_its_reason(agency: Agency) -> None:
    """The trail says who ended them all, and why; without a why nothing is done (R14)."""
    made = agency.api_token()
    for nothing in ("", "  ", "x" * 501):
        with pytest.raises(Invalid), agency.acting(agency.ada) as work:
            revoke_tokens(work, nothing)
    assert opens(agency, made)
    end_all(agency)
    with agency.office.database.reading() as tx:
        row = tx.execute(select(entries).order_by(entries.c.position.desc()).limit(1)).one()
    assert (row.operation, row.outcome) == ("organization.revoke_tokens", "allowed")
    assert row.target == f"org_{agency.id}"
    assert WHY.encode() in bytes(row.body)


@pytest.mark.parametrize("who", ["developer", "approver", "token"])
def test_only_an_admin_does_it(agency: Agency, who: str) -> None:
    """Neither who may approve alone, nor a developer, nor any token ends them all (G9, S17)."""
    agency.role("approver", Scope.TOKENS_APPROVE, Scope.TOKENS_MANAGE, Scope.POLICY_MANAGE)
    other = agency.hire("Uli", "approver")
    made = agency.api_token("admin")
    user = {"developer": agency.dan, "approver": other, "token": agency.ada}[who]
    method = Method.PERSONAL if who == "token" else Method.SESSION
    acts: list[Callable[[Work], object]] = [lambda work: revoke_tokens(work, WHY), count_tokens]
    for act in acts:
        with pytest.raises(Denied), agency.acting(user, method) as work:
            act(work)
    assert opens(agency, made)


def test_it_asks_for_a_fresh_proof(agency: Agency, clock: StandingClock) -> None:
    """Who signed in longer ago must prove who they are before all of it ends (S44)."""
    long_ago = agency.caller(agency.ada)
    clock.move_on(hours=1)
    with pytest.raises(Denied) as refused, agency.office.work(long_ago, ORIGIN) as work:
        revoke_tokens(work, WHY)
    assert refused.value.code is Code.STEP_UP_REQUIRED


def test_again_it_moves_on(agency: Agency) -> None:
    """To do it again ends what was made meanwhile, and nothing comes back (S20)."""
    first = agency.api_token()
    end_all(agency)
    second = agency.api_token()
    assert opens(agency, second)
    toll = end_all(agency)
    assert toll.total == 1
    assert not opens(agency, first)
    assert not opens(agency, second)
    assert end_all(agency).total == 0
    assert agency.hall.rebuilt() == agency.hall.replica.dump()


def test_what_every_organization_begins_with_stays(agency: Agency) -> None:
    """The built-in token loses its secret, and works again with the next one (D7, S20)."""
    token = built_in(agency)
    old = anew(agency, token)
    assert agency.hall.refusal(old.secret) == "allowed"
    for _ in range(2):
        end_all(agency)
        assert agency.hall.refusal(old.secret) == Code.INVALID_TOKEN
        assert agency.state(token.id) is State.ACTIVE
        old = anew(agency, token)
        assert agency.hall.refusal(old.secret) == "allowed"
        assert agency.hall.rebuilt() == agency.hall.replica.dump()


def anew(agency: Agency, token: Token) -> Issued:
    with agency.acting(agency.ada) as work:
        return regenerate(work, token.id)


def test_nothing_changes_what_it_ended(agency: Agency) -> None:
    """Neither edit nor switch, secret, successor nor approval brings one of them back (G11)."""
    made = some_of_each(agency)
    asked = agency.ask(agency.rea, "asked")
    assert asked.request is not None
    request = asked.request
    end_all(agency)
    mine, service, pair = (made[name].token.id for name in ("personal", "by role", "pair"))
    final: list[Callable[[Work], object]] = [
        lambda work: edit(work, mine, Wish(name="x")),
        lambda work: enable(work, mine),
        lambda work: disable(work, mine),
        lambda work: renew(work, mine, Wish()),
        lambda work: edit_pair(work, pair, Wish(name="x")),
        lambda work: approve(work, request.id, request.version, Wish()),
    ]
    gone: list[Callable[[Work], object]] = [
        lambda work: edit_api_token(work, service, Wish(enabled=True)),
        lambda work: regenerate(work, service),
    ]
    for tries, error in ((final, Conflict), (gone, NotFound)):
        for attempt in tries:
            who = agency.dan if attempt in final[:4] else agency.ada
            with pytest.raises(error), agency.acting(who) as work:
                attempt(work)
    assert all(agency.state(one.token.id) is State.REVOKED for one in made.values())


def test_every_view_of_the_office_agrees(agency: Agency) -> None:
    """Lists, quotas, counts and reminders know of it at once, though no row was touched (R21)."""
    some_of_each(agency)
    for number in range(3):
        agency.ask(agency.dan, f"asked {number}", expires_at=START + timedelta(hours=20))
    agency.granted(agency.rea, "ends soon", expires_at=START + timedelta(hours=60))
    soon = START + timedelta(hours=40)
    with agency.looking(agency.ada) as work:
        toll = count_tokens(work)
        assert toll == Toll(5, 2, 1, 2)
        assert untold(work.tx, soon, [Kind.PERSONAL])
    assert end_all(agency).total == toll.total
    with agency.looking(agency.ada) as work:
        assert count_tokens(work).total == 0
        assert lists.count_held(work.tx, agency.id, agency.dan, 0, work.now) == 0
        assert lists.count_held_by_each(work.tx, agency.id, work.now) == {}
        live = lists.Filter(EVERY_KIND, live=True)
        assert [one.id for one in lists.every(work.tx, agency.id, live, work.now)] == [
            built_in(agency).id
        ]
        assert in_force(work.tx, agency.id, work.now) == [built_in(agency).id]
        assert untold(work.tx, soon, [Kind.PERSONAL]) == []
        assert tokens.waiting(work.tx, agency.id, agency.ada).count == 0
    for number in range(5):
        agency.ask(agency.dan, f"later {number}")


def test_no_request_waits_for_what_it_ended(agency: Agency) -> None:
    """Who had asked waits no more: the sweep closes it, once, and they may ask anew (A10b)."""
    agency.ask(agency.dan)
    end_all(agency)
    assert tokens.sweep(agency.office) == 1
    assert tokens.sweep(agency.office) == 0
    assert agency.trail()[-1] == ("token_request.lapse", "allowed")
    assert opens_after_approval(agency)
    assert agency.hall.rebuilt() == agency.hall.replica.dump()


def opens_after_approval(agency: Agency) -> bool:
    return agency.hall.refusal(agency.granted(agency.dan, "anew").secret) == "allowed"


@pytest.fixture
def two(hall: Hall) -> tuple[Agency, Agency]:
    """Two organizations; Dan develops in the first and edits in the second."""
    acme, beta = Agency(hall), Agency(hall, "Beta")
    with hall.database.reading() as tx:
        dan = directory.user(tx, acme.dan)
    with beta.operating() as work:
        enroll(work, Newcomer(dan.name, dan.email), [beta.roles["editor"].id])
    beta.dan = dan.id
    return acme, beta


@pytest.mark.parametrize("at_home", [True, False])
def test_elsewhere_a_token_goes_on(two: tuple[Agency, Agency], *, at_home: bool) -> None:
    """A token of all organizations is dead where all were ended, and lives on elsewhere (K13)."""
    acme, beta = two
    asked = acme.granted(acme.dan, inherit=True, span_all=True)
    with beta.looking(beta.ada) as work:
        (there,) = list_requests(work, Wanted(), None).items
    with beta.acting(beta.ada) as work:
        approve(work, there.request.id, there.request.version, Wish())
    child = {here.id: attenuated(here, asked.secret) for here in two}
    ended, other = (acme, beta) if at_home else (beta, acme)
    end_all(ended)
    acme.hall.replica.rebuild(acme.hall.source)
    assert acme.hall.refusal(asked.secret, ended.id) == Code.NOT_A_MEMBER
    assert acme.hall.refusal(asked.secret, other.id) == "allowed"
    assert acme.hall.refusal(child[ended.id].secret) == Code.INVALID_TOKEN
    assert acme.hall.refusal(child[other.id].secret) == "allowed"
    assert ended.state(asked.token.id) is State.REVOKED
    assert other.state(asked.token.id) is State.ACTIVE
    end_all(other)
    assert acme.hall.refusal(asked.secret) == Code.NOT_A_MEMBER
    assert acme.hall.rebuilt() == acme.hall.replica.dump()


def test_what_it_ended_is_not_brought_along(two: tuple[Agency, Agency]) -> None:
    """A token that is older than the end of all of them speaks there never, also if they join."""
    acme, beta = two
    with beta.operating() as work:
        end(work, beta.dan)
    before = acme.granted(acme.dan, inherit=True, span_all=True)
    end_all(beta)
    after = acme.granted(acme.dan, "later", inherit=True, span_all=True)
    rejoin(beta)
    said = {
        one.token.id: {g.organization for g in acme.token(one.token.id).grants}
        for one in (before, after)
    }
    assert said == {before.token.id: {acme.id}, after.token.id: {acme.id, beta.id}}


def rejoin(beta: Agency) -> None:
    """Let Dan in again."""
    with beta.office.database.reading() as tx:
        dan = directory.user(tx, beta.dan)
    with beta.operating() as work:
        enroll(work, Newcomer(dan.name, dan.email), [beta.roles["editor"].id])


def test_nobody_is_signed_out(agency: Agency) -> None:
    """A sign-in is a person's and no token of the organization: whoever did it goes on (S44)."""
    secret = Secret.mint(Kind.SESSION, agency.hall.entropy)
    signed_in = TokenRecorded(
        token=7_000_000_000_000_001, letter="o", name="", authority="user", subject=agency.ada,
        expires_at=None, position=agency.head(), secrets=(SecretRecord(secret.digest),),
    )  # fmt: skip
    with agency.operating() as work:
        tell(work, signed_in)
    end_all(agency)
    assert agency.hall.refusal(secret) == "allowed"
