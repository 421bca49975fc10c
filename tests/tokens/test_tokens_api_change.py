"""An API token changes, gets another secret, or goes."""

from __future__ import annotations

from datetime import timedelta

import pytest

from counterfoil import tokens
from counterfoil.access.scope import Scope, Scopes, scopes
from counterfoil.access.surface import ALL_SURFACES, Surface
from counterfoil.feed.event import TokenRecorded
from counterfoil.kernel.errors import (
    Code,
    Conflict,
    Denied,
    Invalid,
    NotFound,
)
from counterfoil.tokens.api_token import create_api_token
from counterfoil.tokens.api_token_edit import edit_api_token, regenerate, revoke_api_token
from counterfoil.tokens.api_token_show import list_api_tokens, show_api_token
from counterfoil.tokens.wish import Wish
from support.office import START, StandingClock
from support.tokens import READ, WRITE, Agency

MANAGE: Scopes = scopes(Scope.TOKENS_MANAGE)


def test_regenerating_keeps_the_id(agency: Agency) -> None:
    """Another secret under the same id; the old one is dead at once (K12, Q5)."""
    made = agency.api_token()
    with agency.acting(agency.ada) as work:
        again = regenerate(work, made.token.id)
    assert again.token.id == made.token.id
    assert again.token.expires_at == made.token.expires_at
    assert agency.hall.refusal(made.secret) == Code.INVALID_TOKEN
    assert agency.hall.verify(again.secret).token == made.token.id
    assert agency.token(made.token.id).hint == again.secret.hint


def test_the_former_secret_may_have_grace(agency: Agency, clock: StandingClock) -> None:
    """With grace both secrets work until it is over, and never more than two (S24, K12)."""
    made = agency.api_token(expires_at=START + timedelta(hours=2))
    with agency.acting(agency.ada) as work:
        second = regenerate(work, made.token.id, timedelta(hours=1))
    assert [agency.hall.refusal(one.secret) for one in (made, second)] == ["allowed"] * 2
    with agency.acting(agency.ada) as work:
        third = regenerate(work, made.token.id, timedelta(days=1))
    assert agency.hall.refusal(made.secret) == Code.INVALID_TOKEN
    assert [agency.hall.refusal(one.secret) for one in (second, third)] == ["allowed"] * 2
    clock.move_on(hours=2)
    assert agency.hall.refusal(second.secret) != "allowed"
    assert agency.hall.rebuilt() == agency.hall.replica.dump()
    assert (
        tokens.sweep(agency.office) == 2
    )  # its former secret goes, and its maker is told of its end
    assert agency.hall.rebuilt() == agency.hall.replica.dump()


def test_a_personal_token_is_not_regenerated(agency: Agency) -> None:
    """For personal tokens a successor is made instead: 409 (K12)."""
    made = agency.ask(agency.ada)
    with pytest.raises(Conflict), agency.acting(agency.ada) as work:
        regenerate(work, made.token.id)
    assert agency.hall.refusal(made.secret) == "allowed"


def test_a_weak_manager_gets_no_stronger_secret(agency: Agency) -> None:
    """Regenerating hands over power and life, so both must be within the caller's (I3)."""
    agency.role("manager", Scope.TOKENS_MANAGE, Scope.CONTENT_READ)
    max_ = agency.hire("Max", "manager")
    strong = agency.api_token("admin", surfaces=ALL_SURFACES)
    with pytest.raises(Denied), agency.acting(max_) as work:
        regenerate(work, strong.token.id)
    short = agency.api_token("admin", surfaces=ALL_SURFACES, expires_at=START + timedelta(hours=1))
    with pytest.raises(Denied), agency.with_token(short.secret) as work:
        regenerate(work, strong.token.id)
    tame = agency.api_token("editor", scopes=READ)
    with pytest.raises(Denied), agency.acting(max_) as work:
        edit_api_token(work, tame.token.id, Wish(scopes=READ | WRITE))
    assert agency.hall.refusal(strong.secret) == "allowed"


def test_a_weak_manager_may_still_narrow_and_revoke(agency: Agency) -> None:
    """To take power away, or to rename, needs no power of one's own beyond managing (A24, D15)."""
    agency.role("manager", Scope.TOKENS_MANAGE)
    max_ = agency.hire("Max", "manager")
    strong = agency.api_token("editor")
    with agency.acting(max_) as work:
        edit_api_token(work, strong.token.id, Wish(name="tamed", scopes=READ, enabled=False))
    assert agency.hall.refusal(strong.secret) == Code.TOKEN_DISABLED
    with agency.acting(max_) as work:
        revoke_api_token(work, strong.token.id)
    assert agency.hall.refusal(strong.secret) == Code.INVALID_TOKEN


def test_a_token_does_not_widen_itself(agency: Agency) -> None:
    """A service token that manages tokens cannot edit itself beyond what it is (I3, S17)."""
    maker = agency.api_token("admin", scopes=MANAGE | READ, surfaces=Surface.MANAGEMENT.bit)
    for wish in (
        Wish(inherit=True),
        Wish(scopes=MANAGE | READ | WRITE),
        Wish(surfaces=ALL_SURFACES),
        Wish(authority="user", subject=agency.ada, inherit=True),
    ):
        with pytest.raises(Denied), agency.with_token(maker.secret) as work:
            edit_api_token(work, maker.token.id, wish)
    with pytest.raises(Invalid), agency.with_token(maker.secret) as work:
        edit_api_token(work, maker.token.id, Wish(expires_at=START + timedelta(days=90)))


def test_what_a_token_minted_goes_with_it(agency: Agency) -> None:
    """Revoking the issuer takes its children and theirs along, unless told not to (D15)."""
    first = agency.api_token("admin", surfaces=ALL_SURFACES)

    def mint(maker: tokens.Issued) -> tokens.Issued:
        with agency.with_token(maker.secret) as work:
            return create_api_token(
                work,
                Wish(
                    name="child",
                    authority="role",
                    subject=agency.roles["admin"].id,
                    surfaces=ALL_SURFACES,
                ),
            )

    second = mint(first)
    third, spared = mint(second), mint(second)
    with agency.acting(agency.ada) as work:
        revoke_api_token(work, spared.token.id)
    other = agency.api_token()
    with agency.acting(agency.ada) as work:
        revoke_api_token(work, third.token.id, cascade=False)
    with agency.acting(agency.ada) as work:
        gone = revoke_api_token(work, first.token.id)
    assert gone.revoked_position == work.position
    for made in (first, second, third, spared):
        assert agency.hall.refusal(made.secret) == Code.INVALID_TOKEN
    assert agency.hall.refusal(other.secret) == "allowed"
    with agency.acting(agency.ada) as work:
        assert revoke_api_token(work, first.token.id) == gone
    keeper = agency.api_token("admin", surfaces=ALL_SURFACES)
    kept = mint(keeper)
    with agency.acting(agency.ada) as work:
        revoke_api_token(work, keeper.token.id, cascade=False)
    assert agency.hall.refusal(kept.secret) == "allowed"


def test_a_destroyed_token_is_gone(agency: Agency) -> None:
    """A destroyed API token is not found and not listed, and nothing edits it back (D15)."""
    made = agency.api_token()
    with agency.acting(agency.ada) as work:
        revoke_api_token(work, made.token.id)
    for attempt in (
        lambda work: show_api_token(work, made.token.id),
        lambda work: edit_api_token(work, made.token.id, Wish(enabled=True)),
        lambda work: regenerate(work, made.token.id),
    ):
        with pytest.raises(NotFound), agency.acting(agency.ada) as work:
            attempt(work)
    with agency.looking(agency.ada) as work:
        assert list_api_tokens(work) == []


def test_an_expired_api_token_stays_expired(agency: Agency, clock: StandingClock) -> None:
    """An expired API token is neither edited nor regenerated back to life (G11, S24)."""
    made = agency.api_token(expires_at=START + timedelta(hours=1))
    clock.move_on(hours=1)
    assert agency.hall.refusal(made.secret) == Code.TOKEN_EXPIRED
    for attempt in (
        lambda work: edit_api_token(work, made.token.id, Wish(name="x")),
        lambda work: regenerate(work, made.token.id),
    ):
        with pytest.raises(Conflict) as refused, agency.acting(agency.ada) as work:
            attempt(work)
        assert refused.value.code is Code.TOKEN_FINAL


def test_the_built_in_token(agency: Agency) -> None:
    """The built-in token has no secret until it is regenerated, refuses edits, and can go (D7)."""
    with agency.operating() as work:
        built_in = tokens.seed_built_in(work, agency.id)
    (event,) = (one for one in agency.events() if isinstance(one, TokenRecorded))
    assert event.secrets == ()
    for wish in (Wish(name="mine"), Wish(enabled=False), Wish(scopes=READ)):
        with pytest.raises(Invalid) as refused, agency.acting(agency.ada) as work:
            edit_api_token(work, built_in.id, wish)
        assert refused.value.code is Code.NON_EDITABLE_ACCESS_TOKEN
    with agency.acting(agency.ada) as work:
        issued = regenerate(work, built_in.id)
    assert agency.hall.verify(issued.secret).grant.scopes == agency.roles["reader"].scopes
    with agency.acting(agency.ada) as work:
        revoke_api_token(work, built_in.id)
    assert agency.hall.refusal(issued.secret) == Code.INVALID_TOKEN


def test_off_and_on_again(agency: Agency) -> None:
    """A disabled API token answers 401 at once; enabled, the same secret works again (Q3)."""
    made = agency.api_token()
    for enabled, answer in ((False, "TOKEN_DISABLED"), (True, "allowed")):
        with agency.acting(agency.ada) as work:
            edit_api_token(work, made.token.id, Wish(enabled=enabled))
        assert agency.hall.refusal(made.secret) == answer
