"""The six presets, each with its behaviour."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from counterfoil import directory
from counterfoil.access.scope import Scope
from counterfoil.access.surface import ALL_SURFACES
from counterfoil.directory import Policy
from counterfoil.directory.enroll import enroll
from counterfoil.directory.presets import PRESETS
from counterfoil.directory.steps.admit import Newcomer
from counterfoil.kernel.errors import Code, Conflict, Denied, Invalid
from counterfoil.kernel.ids import UserId
from counterfoil.kernel.page import Wanted
from counterfoil.operation import Work
from counterfoil.secret import Kind
from counterfoil.tokens.api_token import create_api_token
from counterfoil.tokens.api_token_edit import regenerate, revoke_api_token
from counterfoil.tokens.api_token_show import list_api_tokens
from counterfoil.tokens.key_pair import create_pair, edit_pair, list_pairs, revoke_pair, show_pair
from counterfoil.tokens.policy import expirations
from counterfoil.tokens.request import request_token
from counterfoil.tokens.revoke import revoke
from counterfoil.tokens.sought import ANY
from counterfoil.tokens.steps.resting import resting
from counterfoil.tokens.wish import Wish
from support.office import ORIGIN, START, StandingClock
from support.tokens import Agency, Hall

PRESET_NAMES = sorted(PRESETS)


@pytest.fixture(params=PRESET_NAMES)
def profile(request: pytest.FixtureRequest, hall: Hall) -> tuple[Agency, Policy]:
    """An agency under each preset."""
    return Agency(hall, preset=request.param), PRESETS[request.param]


def test_quota_of_the_preset(profile: tuple[Agency, Policy], clock: StandingClock) -> None:
    """The quota is five, five, none, none, none, ten (K10, A4)."""
    agency, policy = profile
    expected = {"default": 5, "amplience": 5, "agility": 10}.get(policy.preset)
    assert policy.quota == expected
    for number in range(expected or 12):
        agency.ask(agency.dan, f"token {number}")
        clock.move_on(hours=1)
    if expected is None:
        agency.ask(agency.dan)
    else:
        with pytest.raises(Conflict) as refused:
            agency.ask(agency.dan)
        assert refused.value.meta == {"limit": expected, "count": expected}


def test_approval_of_the_preset(profile: tuple[Agency, Policy]) -> None:
    """Members need approval under default and amplience alone; admins never (K10, K8)."""
    agency, policy = profile
    needs = policy.preset in {"default", "amplience"}
    assert (agency.ask(agency.dan).request is not None) is needs
    assert agency.ask(agency.ada).request is None


def test_lifetime_of_the_preset(profile: tuple[Agency, Policy]) -> None:
    """Two years at most under default and agility, to the day; no limit elsewhere (K1, G10)."""
    agency, policy = profile
    limited = policy.preset in {"default", "agility"}
    two_years = datetime(2028, 3, 1, 12, tzinfo=UTC)
    assert agency.ask(agency.ada, expires_at=two_years).token.expires_at == two_years
    for wish in (two_years + timedelta(days=1), two_years + timedelta(days=366), None):
        if limited:
            with pytest.raises(Invalid) as refused:
                agency.ask(agency.ada, expires_at=wish)
            assert refused.value.code is Code.LIFETIME_ABOVE_POLICY
        else:
            assert agency.ask(agency.ada, expires_at=wish).token.expires_at == wish


def test_default_lifetime_of_the_preset(profile: tuple[Agency, Policy]) -> None:
    """Without a word: 30 days under default and dx, two years under agility, else no end (K10)."""
    agency, policy = profile
    expected = {
        "default": START + timedelta(days=30),
        "dx": START + timedelta(days=30),
        "agility": datetime(2028, 3, 1, 12, tzinfo=UTC),
    }.get(policy.preset)
    assert agency.ask(agency.ada).token.expires_at == expected
    never = any(choice.name == "never" for choice in expirations(policy, START))
    assert never is policy.allow_no_expiration


def test_scope_mode_of_the_preset(profile: tuple[Agency, Policy]) -> None:
    """A name is enough where the mode is inherit; explicit presets want scopes (K2, K10, A22)."""
    agency, policy = profile
    if policy.preset in {"default", "dx"}:
        with pytest.raises(Invalid) as refused, agency.acting(agency.ada) as work:
            request_token(work, Wish(name="laptop"))
        assert refused.value.field == "/data/attributes/scopes"
    else:
        with agency.acting(agency.ada) as work:
            made = request_token(work, Wish(name="laptop"))
        assert made.token.grants[0].bounds.scopes is None
        assert agency.hall.refusal(made.secret, agency.id) == "allowed"


def test_api_tokens_of_the_preset(profile: tuple[Agency, Policy]) -> None:
    """An API token starts enabled, under squiz disabled and with a user (K10, Q14, Q17)."""
    agency, policy = profile
    squiz = policy.preset == "squiz"
    subject = agency.rea if squiz else agency.roles["reader"].id
    with agency.acting(agency.ada) as work:
        made = create_api_token(work, Wish(name="ci", subject=subject))
    assert made.token.authority == ("user" if squiz else "role")
    expected = Code.TOKEN_DISABLED if squiz else "allowed"
    assert agency.hall.refusal(made.secret) == expected


def test_the_agility_hour(hall: Hall, clock: StandingClock) -> None:
    """Under agility a sixth creation within an hour is refused, and allowed after it (K10)."""
    agency = Agency(hall, preset="agility")
    for number in range(5):
        made = agency.ask(agency.dan, f"token {number}")
        with agency.acting(agency.dan) as work:
            revoke(work, made.token.id)
    with pytest.raises(Conflict) as refused:
        agency.ask(agency.dan)
    assert refused.value.meta == {"limit": 5, "count": 5, "window": "PT1H"}
    clock.move_on(hours=1)
    agency.ask(agency.dan)


def test_the_agility_span(hall: Hall) -> None:
    """Under agility a token spans all its user's organizations without being asked to (G1, K10)."""
    agency, other = Agency(hall, preset="agility"), Agency(hall, "Other", preset="agility")
    with hall.database.reading() as tx:
        dan = directory.user(tx, agency.dan)
    with other.operating() as work:
        enroll(work, Newcomer(dan.name, dan.email), [other.roles["reader"].id])
    made = agency.ask(agency.dan)
    assert len(made.token.grants) == 2
    for where in (agency.id, other.id):
        assert hall.refusal(made.secret, where) == "allowed"


def test_under_squiz_the_admin_role_alone_manages_api_tokens(hall: Hall) -> None:
    """A custom role with tokens:manage manages no API token under squiz; elsewhere it does (Q2)."""
    for preset in ("squiz", "default"):
        agency = Agency(hall, preset.capitalize(), preset=preset)
        agency.role("tokens_only", Scope.TOKENS_MANAGE, Scope.ROLES_READ)
        max_ = agency.hire(f"Max{preset}", "tokens_only")
        maker = agency.api_token("tokens_only", surfaces=ALL_SURFACES, enabled=True)
        boss = agency.api_token("admin", surfaces=ALL_SURFACES, enabled=True)
        for caller in (agency.caller(max_), agency.bearing(maker.secret)):
            if preset == "squiz":
                with pytest.raises(Denied) as refused, agency.office.read(caller, ORIGIN) as work:
                    list_api_tokens(work)
                assert refused.value.code is Code.POLICY_BLOCKED
            else:
                with agency.office.read(caller, ORIGIN) as work:
                    assert list_api_tokens(work)
        with agency.office.read(agency.bearing(boss.secret), ORIGIN) as work:
            assert list_api_tokens(work)


@pytest.mark.parametrize("verb", ["create", "list", "show", "edit", "revoke"])
def test_under_squiz_pairs_are_the_admins_too(hall: Hall, verb: str) -> None:
    """A custom role with tokens:manage neither sees nor changes a pair under squiz (Q2, A23)."""
    agency = Agency(hall, preset="squiz")
    agency.role("tokens_only", Scope.TOKENS_MANAGE, Scope.ROLES_READ)
    max_ = agency.hire("Max", "tokens_only")
    wish = Wish("ci", authority="role", subject=agency.roles["reader"].id)
    with agency.acting(agency.ada) as work:
        pair = create_pair(work, wish).token
    act: Callable[[Work], object] = {
        "create": lambda work: create_pair(work, wish),
        "list": lambda work: list_pairs(work, Wanted()),
        "show": lambda work: show_pair(work, pair.id),
        "edit": lambda work: edit_pair(work, pair.id, Wish("other")),
        "revoke": lambda work: revoke_pair(work, pair.id),
    }[verb]
    with pytest.raises(Denied) as refused, agency.acting(max_) as work:
        act(work)
    assert refused.value.code is Code.POLICY_BLOCKED
    assert agency.trail()[-1] == (f"key_pair.{verb}", "POLICY_BLOCKED")
    with agency.acting(agency.ada) as work:
        assert show_pair(work, pair.id).name == "ci"


@pytest.mark.parametrize("preset", ["default", "squiz"])
def test_who_manages_none_is_told_of_none(hall: Hall, preset: str) -> None:
    """How much nobody uses is told of the kinds that one may list, and of no other (G12e, Q2)."""
    agency = Agency(hall, preset=preset)
    agency.role("tokens_only", Scope.TOKENS_MANAGE, Scope.ROLES_READ)
    max_ = agency.hire("Max", "tokens_only")
    agency.api_token()
    wish = Wish("ci", authority="role", subject=agency.roles["reader"].id)
    with agency.acting(agency.ada) as work:
        create_pair(work, wish)
    agency.granted(agency.dan)
    told: dict[UserId, set[Kind]] = {}
    for user in (agency.ada, max_, agency.dan):
        with agency.looking(user) as work:
            found = resting(work, ANY, everybody=user == agency.ada)
        told[user] = {kind for kind, count in found.items() if count}
    assert told[agency.ada] == {Kind.PERSONAL, Kind.SERVICE, Kind.CLIENT}
    assert told[max_] == ({Kind.SERVICE, Kind.CLIENT} if preset == "default" else set())
    assert told[agency.dan] == {Kind.PERSONAL}


def test_under_squiz_no_secret_is_replaced(hall: Hall) -> None:
    """The token of a Content API token cannot be changed: regenerating answers 409 (Q5, K12)."""
    agency = Agency(hall, preset="squiz")
    made = agency.api_token()
    with pytest.raises(Conflict), agency.acting(agency.ada) as work:
        regenerate(work, made.token.id)


def test_under_datocms_what_a_token_minted_stays(hall: Hall) -> None:
    """Destroying the issuer takes its tokens along, but not under datocms (CONTRACT: minting)."""
    for preset, left in (("datocms", "allowed"), ("default", "INVALID_TOKEN")):
        agency = Agency(hall, preset.capitalize(), preset=preset)
        maker = agency.api_token("admin", surfaces=ALL_SURFACES)
        with agency.with_token(maker.secret) as work:
            child = create_api_token(
                work, Wish(name="x", authority="role", subject=agency.roles["reader"].id)
            )
        with agency.acting(agency.ada) as work:
            revoke_api_token(work, maker.token.id)
        assert hall.refusal(child.secret) == left
