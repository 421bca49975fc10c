"""Which events there are: each is told when it happens, to whom may know it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from counterfoil.access.scope import Scope
from counterfoil.content.publish import unpublish
from counterfoil.directory.edit_policy import edit_policy
from counterfoil.directory.enroll import enroll
from counterfoil.directory.steps.admit import Newcomer
from counterfoil.kernel.ids import Prefix, spell
from counterfoil.tokens.api_token_edit import edit_api_token, regenerate, revoke_api_token
from counterfoil.tokens.approve import deny
from counterfoil.tokens.flag import flag_token
from counterfoil.tokens.key_pair import create_pair
from counterfoil.tokens.report_leak import receive
from counterfoil.tokens.suspicion import Flag, Reason
from counterfoil.tokens.sweep import sweep
from counterfoil.tokens.wish import Wish
from support.office import ORIGIN, StandingClock
from support.tokens import READ, Agency
from support.webhooks import House

pytestmark = pytest.mark.each_engine


def test_the_life_of_a_personal_token(house: House, clock: StandingClock) -> None:
    """Asked for, approved, near its end and over it: each is told once."""
    hook = house.register()
    asked = house.ask(house.dan, expires_at=clock.now + timedelta(days=2))
    assert house.told() == ["token.created", "token.requested"]
    assert asked.request is not None
    house.approve(asked)
    assert house.told() == ["token.approved"]
    assert hook.secret is not None
    said = house.hooks.heard[0].verified(hook.secret)["data"]
    assert said["request"] == spell(Prefix.REQUEST, asked.request.id)
    clock.move_on(days=1, hours=12)
    sweep(house.office)
    sweep(house.office)
    assert house.told() == ["token.expiring"]
    clock.move_on(hours=13)
    sweep(house.office)
    sweep(house.office)
    assert house.told() == ["token.expired"]


def test_a_denied_token(house: House) -> None:
    """Who decides against a token is heard of too."""
    house.register("token.denied", "token.revoked")
    asked = house.ask(house.dan)
    assert asked.request is not None
    with house.acting(house.ada) as work:
        deny(work, asked.request.id, asked.request.version, "no")
    assert house.told() == ["token.denied"]


def test_the_life_of_an_api_token(house: House) -> None:
    """Made, given another secret, switched off and on, revoked: each is told once."""
    house.register()
    token = house.api_token(enabled=True).token.id
    assert house.told() == ["token.created"]
    with house.acting(house.ada) as work:
        regenerate(work, token)
    assert house.told() == ["token.rotated"]
    for enabled, told in ((False, "token.disabled"), (True, "token.enabled")):
        with house.acting(house.ada) as work:
            edit_api_token(work, token, Wish(enabled=enabled))
        assert house.told() == [told]
    for _ in range(2):
        with house.acting(house.ada) as work:
            revoke_api_token(work, token)
    assert house.told() == ["token.revoked"]


def test_what_is_wrong_with_a_token(house: House) -> None:
    """A leak and what is unlike a token are told, and what is done about them."""
    house.register("token.leaked", "token.anomaly", "token.disabled")
    asked = house.granted(house.dan)
    now = house.office.clock()
    with house.operating() as work:
        flag_token(work, asked.token.id, Flag(Reason.NEW_NETWORK, "elsewhere", now, now, 1))
    assert house.told() == ["token.anomaly"]
    receive(house.office, asked.secret.reveal(), "https://paste.example/1", ORIGIN)
    assert house.told() == ["token.disabled", "token.leaked"]
    assert asked.secret.reveal() not in str(house.hooks.heard)


def test_a_policy_that_changes(house: House) -> None:
    """A change of the policy is told, and an edit that changes nothing is none."""
    house.register("policy.changed")
    for version in (1, 2):
        with house.acting(house.ada) as work:
            edit_policy(work, version, {"lifetime_max": "P30D"})
        assert house.told() == ["policy.changed"] * (version == 1)


def test_what_follows_from_something_is_told_too(house: House) -> None:
    """Who joins brings a token along that waits here: that is asked in the joining, and told."""
    house.register("token.requested")
    beta = Agency(house.hall, "Beta")
    beta.granted(beta.dan, inherit=True, span_all=True)
    assert house.told() == []
    with house.acting(house.ada) as work:
        enroll(work, Newcomer("Dan", "danbeta@people.test"), [house.roles["developer"].id])
    beta.joins(beta.dan, house)
    assert house.told() == ["token.requested"]


def test_what_is_published(house: House) -> None:
    """An entry that goes on delivery, and one that leaves it."""
    house.register("content.published", "content.unpublished")
    entry = house.entry(house.public, "news")
    assert house.told() == ["content.published"]
    for _ in range(2):
        with house.acting(house.ada) as work:
            unpublish(work, entry)
    assert house.told() == ["content.unpublished"]


def test_who_may_not_see_tokens_hears_of_none(house: House) -> None:
    """People's tokens are for who approves them, and the organization's for who manages them."""
    for name, scope in (("people", Scope.TOKENS_APPROVE), ("machines", Scope.TOKENS_MANAGE)):
        role = house.role(name, Scope.POLICY_MANAGE, scope)
        house.register("token.created", by=house.hire(name.title(), role.name))
    house.granted(house.dan)
    assert house.told() == ["token.created"]
    with house.acting(house.ada) as work:
        create_pair(
            work,
            Wish(name="p", authority="role", subject=house.roles["reader"].id, scopes=READ),
        )
    assert house.told() == ["token.created"]
