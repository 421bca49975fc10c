"""A personal token is switched off, revoked, succeeded; and what is final stays so."""

from __future__ import annotations

from datetime import timedelta

import pytest

from counterfoil.access.surface import Surface
from counterfoil.directory.enroll import assign
from counterfoil.feed.event import TokenStruck
from counterfoil.kernel.errors import Code, Conflict, Denied, Invalid
from counterfoil.kernel.page import Wanted
from counterfoil.tokens.edit import edit
from counterfoil.tokens.model import State
from counterfoil.tokens.renew import renew
from counterfoil.tokens.request_model import RequestState
from counterfoil.tokens.revoke import revoke, revoke_mine
from counterfoil.tokens.show import list_tokens, show_request
from counterfoil.tokens.switch import disable, enable
from counterfoil.tokens.wish import Wish
from support.office import START, StandingClock
from support.tokens import READ, WRITE, Agency, request_of

pytestmark = pytest.mark.each_engine


def test_what_is_final_stays_final(agency: Agency, clock: StandingClock) -> None:
    """Every change to an expired or revoked token is refused and on record (G11)."""
    gone = agency.granted(agency.dan, "gone")
    old = agency.granted(agency.dan, "old", expires_at=START + timedelta(hours=1))
    with agency.acting(agency.dan) as work:
        revoke(work, gone.token.id)
    clock.move_on(hours=2)
    for made in (gone, old):
        for attempt in (
            lambda work, id_: edit(work, id_, Wish(name="again")),
            lambda work, id_: edit(work, id_, Wish(expires_at=START + timedelta(days=9))),
            disable,
            enable,
            lambda work, id_: renew(work, id_, Wish()),
        ):
            with pytest.raises((Conflict, Invalid)) as refused, agency.acting(agency.dan) as work:
                attempt(work, made.token.id)
            assert refused.value.code is Code.TOKEN_FINAL
            assert agency.trail()[-1][1] == "TOKEN_FINAL"


def test_names_and_ends_stay_to_be_seen(agency: Agency, clock: StandingClock) -> None:
    """Names and expiration dates remain viewable when expired or revoked (G6)."""
    made = agency.granted(agency.dan, expires_at=START + timedelta(hours=1))
    other = agency.granted(agency.dan, "other")
    with agency.acting(agency.dan) as work:
        revoke(work, other.token.id)
    clock.move_on(hours=2)
    with agency.looking(agency.dan) as work:
        seen = {one.token.name: one.token for one in list_tokens(work, Wanted(), agency.dan).items}
    assert seen["laptop"].expires_at == made.token.expires_at
    assert seen["other"].state_in(agency.id) is State.REVOKED
    assert seen["other"].hint == other.secret.hint


def test_off_and_on_again(agency: Agency) -> None:
    """A disabled token answers 401 everywhere at once; switched on, the same secret works (Q3)."""
    made = agency.granted(agency.dan)
    with agency.acting(agency.dan) as work:
        disable(work, made.token.id)
    assert agency.hall.refusal(made.secret) == Code.TOKEN_DISABLED
    head = agency.head()
    with agency.acting(agency.dan) as work:
        disable(work, made.token.id)
    assert agency.head() == head
    with agency.acting(agency.dan) as work:
        enable(work, made.token.id)
    assert agency.hall.refusal(made.secret) == "allowed"


def test_a_pending_token_is_not_switched(agency: Agency) -> None:
    """Switching is no way round the approval (A7, S22)."""
    asked = agency.ask(agency.dan)
    for verb in (enable, disable):
        with pytest.raises(Conflict), agency.acting(agency.dan) as work:
            verb(work, asked.token.id)
    assert agency.hall.refusal(asked.secret) == Code.TOKEN_PENDING_APPROVAL


def test_an_admin_switches_and_revokes_anybodys_token(agency: Agency) -> None:
    """An admin lists, disables and revokes any member's token; the owner cannot undo it (A24)."""
    made = agency.granted(agency.dan)
    with agency.looking(agency.ada) as work:
        assert [one.token.id for one in list_tokens(work, Wanted(), None).items] == [made.token.id]
    with agency.acting(agency.ada) as work:
        disable(work, made.token.id)
    with pytest.raises(Denied), agency.acting(agency.dan) as work:
        enable(work, made.token.id)
    with agency.acting(agency.ada) as work:
        enable(work, made.token.id)
    assert agency.hall.refusal(made.secret) == "allowed"
    with agency.acting(agency.ada) as work:
        revoke(work, made.token.id)
    assert agency.hall.refusal(made.secret) == Code.INVALID_TOKEN


def test_an_admins_word_outweighs_the_owners(agency: Agency) -> None:
    """What its owner had switched off already, an admin still switches off for good (A24)."""
    made = agency.granted(agency.dan)
    for who in (agency.dan, agency.ada):
        with agency.acting(who) as work:
            disable(work, made.token.id)
    with agency.acting(agency.dan) as work:
        disable(work, made.token.id)
    with pytest.raises(Denied), agency.acting(agency.dan) as work:
        enable(work, made.token.id)
    assert agency.hall.refusal(made.secret) == Code.TOKEN_DISABLED
    with agency.acting(agency.ada) as work:
        enable(work, made.token.id)
    assert agency.hall.refusal(made.secret) == "allowed"


def test_revoking_again_answers_the_same(agency: Agency) -> None:
    """A second DELETE changes nothing and repeats the first answer (CONTRACT: others)."""
    made = agency.granted(agency.dan)
    with agency.acting(agency.dan) as work:
        first = revoke(work, made.token.id)
    assert first.revoked_position == work.position
    head = agency.head()
    with agency.acting(agency.dan) as work:
        second = revoke(work, made.token.id)
    assert (second, agency.head()) == (first, head)


def test_revoking_a_pending_token_closes_its_request(agency: Agency) -> None:
    """Who deletes a pending token withdraws its request with it, and frees its place (A21, A6)."""
    asked = agency.ask(agency.dan)
    with agency.acting(agency.dan) as work:
        revoke(work, asked.token.id)
    with agency.looking(agency.dan) as work:
        assert show_request(work, request_of(asked)).request.state is RequestState.CANCELLED


def test_all_my_tokens_at_one_stroke(agency: Agency) -> None:
    """Revoke all my tokens is one action, and touches nobody else's (G15)."""
    mine = [agency.granted(agency.dan, f"token {number}") for number in range(3)]
    mine.append(agency.ask(agency.dan, "pending"))
    other = agency.ask(agency.ada)
    head = agency.head()
    with agency.acting(agency.dan) as work:
        gone = revoke_mine(work)
    assert {token.id for token in gone} == {made.token.id for made in mine}
    assert {type(event) for event in agency.events(head)} == {TokenStruck}
    assert {agency.hall.refusal(made.secret) for made in mine} == {"INVALID_TOKEN"}
    assert agency.hall.refusal(other.secret) == "allowed"
    with agency.acting(agency.dan) as work:
        assert revoke_mine(work) == []


def test_a_successor_has_the_same_settings(agency: Agency, clock: StandingClock) -> None:
    """Renewing makes another token with the old one's settings; the old one stays (X19, X16)."""
    old = agency.granted(
        agency.dan, "ci", scopes=READ | WRITE, roots=frozenset({agency.press}),
        surfaces=Surface.MANAGEMENT.bit, description="nightly",
    )  # fmt: skip
    clock.move_on(days=20)
    with agency.acting(agency.dan) as work:
        new = renew(work, old.token.id, Wish())
    assert new.request is not None
    token, was = new.token, agency.token(old.token.id)
    assert (token.name, token.description, token.predecessor) == ("ci", "nightly", was.id)
    assert token.grant_in(agency.id).bounds == was.grant_in(agency.id).bounds
    assert token.expires_at == START + timedelta(days=50)
    assert was.expires_at == START + timedelta(days=30)
    assert agency.hall.refusal(old.secret) == "allowed"
    assert agency.hall.refusal(new.secret) == Code.TOKEN_PENDING_APPROVAL


def test_a_successor_obeys_the_rules_of_a_new_token(agency: Agency) -> None:
    """A successor counts, keeps within the lifetime, and has no scope its owner lost (X19)."""
    old = agency.granted(agency.dan, scopes=READ | WRITE)
    with pytest.raises(Invalid), agency.acting(agency.dan) as work:
        renew(work, old.token.id, Wish(expires_at=START + timedelta(days=800)))
    with agency.acting(agency.ada) as work:
        assign(work, agency.dan, [agency.roles["reader"].id])
    with agency.acting(agency.dan) as work:
        new = renew(work, old.token.id, Wish())
    assert new.token.grant_in(agency.id).bounds.scopes == READ
    for number in range(3):
        agency.ask(agency.dan, f"more {number}")
    with pytest.raises(Conflict), agency.acting(agency.dan) as work:
        renew(work, old.token.id, Wish())
