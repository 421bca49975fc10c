"""API tokens: whose authority they take, who may make them, and how they change and go."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from msgspec import UNSET

from counterfoil import tokens
from counterfoil.access.caller import Method
from counterfoil.access.scope import Scope, Scopes, scopes
from counterfoil.access.surface import ALL_SURFACES, Surface
from counterfoil.directory.define_role import edit_role
from counterfoil.directory.enroll import assign, deactivate, reactivate
from counterfoil.feed.event import TokenRecorded
from counterfoil.kernel.errors import (
    Code,
    CounterfoilError,
    Denied,
    Invalid,
    NotFound,
    Refused,
)
from counterfoil.kernel.ids import RoleId, TokenId
from counterfoil.kernel.page import Wanted
from counterfoil.operation import Work
from counterfoil.tokens.api_token import create_api_token
from counterfoil.tokens.api_token_edit import edit_api_token, regenerate, revoke_api_token
from counterfoil.tokens.api_token_show import list_api_tokens, page_api_tokens, show_api_token
from counterfoil.tokens.revoke import surrender
from counterfoil.tokens.show import show_self
from counterfoil.tokens.wish import Wish
from support.office import ORIGIN, START
from support.tokens import PUBLISH, READ, WRITE, Agency, Hall

MANAGE: Scopes = scopes(Scope.TOKENS_MANAGE)


def test_a_role_lends_its_authority(agency: Agency) -> None:
    """A role-based token does what its role may do now, in nobody's name (K5, D10)."""
    made = agency.api_token("editor", surfaces=ALL_SURFACES)
    caller = agency.hall.verify(made.secret)
    assert (caller.user, caller.method) == (None, Method.SERVICE)
    assert caller.grant.scopes == agency.roles["editor"].scopes


def test_a_user_lends_their_authority(agency: Agency) -> None:
    """A token may take a chosen user's permissions, as they are now (Q6, Q8, Q18)."""
    made = agency.api_token(authority="user", subject=agency.dan)
    caller = agency.hall.verify(made.secret)
    assert (caller.user, caller.grant.scopes) == (agency.dan, agency.roles["developer"].scopes)
    with agency.acting(agency.ada) as work:
        assign(work, agency.dan, [agency.roles["reader"].id])
    assert agency.hall.verify(made.secret).grant.scopes == agency.roles["reader"].scopes


def test_a_token_without_a_user_opens_nothing(agency: Agency) -> None:
    """Saving without a user is allowed, and the token answers 401 until one is chosen (Q9, K11)."""
    made = agency.api_token(authority="user", subject=None)
    assert agency.hall.refusal(made.secret) == Code.TOKEN_HAS_NO_USER
    with agency.acting(agency.ada) as work:
        edit_api_token(work, made.token.id, Wish(authority="user", subject=agency.rea))
    assert agency.hall.verify(made.secret).user == agency.rea


def test_a_token_sleeps_while_its_user_is_away(agency: Agency) -> None:
    """A chosen user deactivated: 401 at once, until they return or another is chosen (Q18)."""
    made = agency.api_token(authority="user", subject=agency.dan)
    with agency.acting(agency.ada) as work:
        deactivate(work, agency.dan)
    assert agency.hall.refusal(made.secret) == Code.OWNER_DEACTIVATED
    with agency.acting(agency.ada) as work:
        reactivate(work, agency.dan)
    assert agency.hall.refusal(made.secret) == "allowed"


def test_nobody_hands_out_more_than_they_have(agency: Agency) -> None:
    """A caller who manages tokens cannot lend a role above their own (D11, K4, I3)."""
    agency.role("manager", Scope.TOKENS_MANAGE, Scope.CONTENT_READ)
    agency.role("reading", Scope.CONTENT_READ)
    max_ = agency.hire("Max", "manager")
    before = agency.counts()
    for role in ("reader", "developer", "admin"):
        with pytest.raises(Denied) as refused:
            agency.api_token(role, by=max_)
        assert refused.value.code is Code.INSUFFICIENT_ROLE
    with pytest.raises(Denied):
        agency.api_token(by=max_, authority="user", subject=agency.ada)
    assert agency.counts() == before
    agency.api_token("reading", by=max_)
    with agency.acting(max_) as work:  # narrowed to what they have, it is theirs to give
        create_api_token(
            work,
            Wish(name="x", authority="role", subject=agency.roles["reader"].id, scopes=READ),
        )


def test_terms_are_compared_one_by_one(agency: Agency) -> None:
    """To read here and publish there is not to publish here: no two lend one term (S21, I2)."""
    agency.role("reads", Scope.CONTENT_READ, Scope.TOKENS_MANAGE, roots=frozenset({agency.public}))
    agency.role("writes", Scope.CONTENT_WRITE, roots=frozenset({agency.internal}))
    agency.role("both", Scope.CONTENT_READ, Scope.CONTENT_WRITE, roots=frozenset({agency.public}))
    max_ = agency.hire("Max", "reads", "writes")
    with pytest.raises(Denied):
        agency.api_token("both", by=max_)
    agency.api_token("writes", by=max_)
    agency.api_token("both", by=max_, scopes=READ)


def test_a_restriction_can_bring_a_role_inside(agency: Agency) -> None:
    """A role without roots may be lent below one's own roots, and nowhere else (S27, K4)."""
    agency.role("local", Scope.TOKENS_MANAGE, Scope.CONTENT_READ, roots=frozenset({agency.public}))
    agency.role("reading", Scope.CONTENT_READ)
    max_ = agency.hire("Max", "local")
    for roots in (None, frozenset({agency.internal})):
        with pytest.raises(CounterfoilError):
            agency.api_token("reading", by=max_, roots=roots)
    made = agency.api_token("reading", by=max_, roots=frozenset({agency.press}))
    assert agency.hall.verify(made.secret).grant.limits == (frozenset({agency.press}),)


def test_a_token_mints_within_itself(agency: Agency) -> None:
    """A service token mints at most its own power, and nothing that outlives it (K4, S24)."""
    maker = agency.api_token(
        "admin",
        scopes=MANAGE | READ | WRITE,
        surfaces=Surface.MANAGEMENT.bit | Surface.DELIVERY.bit,
        expires_at=START + timedelta(days=10),
    )
    role = agency.roles["editor"].id

    def mint(**wish: object) -> tokens.Issued:
        asked = {"name": "child", "authority": "role", "subject": role, "scopes": READ, **wish}
        with agency.with_token(maker.secret) as work:
            return create_api_token(work, Wish(**asked))  # type: ignore[arg-type]

    child = mint()
    assert (child.token.issuer_token, child.token.issuer) == (maker.token.id, None)
    assert child.token.expires_at == START + timedelta(days=10)
    for more in (
        {"scopes": READ | PUBLISH},
        {"inherit": True, "scopes": UNSET},
        {"surfaces": ALL_SURFACES},
        {"expires_at": START + timedelta(days=11)},
    ):
        with pytest.raises(CounterfoilError) as refused:
            mint(**more)
        assert refused.value.code in {Code.INSUFFICIENT_ROLE, Code.LIFETIME_ABOVE_POLICY}


def test_a_token_that_just_died_mints_nothing(agency: Agency) -> None:
    """The maker is held while it mints: revoked a moment ago, it is refused (S24, D11, Q18)."""
    maker = agency.api_token("admin", surfaces=ALL_SURFACES)
    caller = agency.bearing(maker.secret)
    with agency.acting(agency.ada) as work:
        revoke_api_token(work, maker.token.id)
    with pytest.raises(Refused), agency.office.work(caller, ORIGIN) as work:
        create_api_token(work, Wish(name="late", authority="user", subject=None))


@pytest.mark.parametrize("method", [Method.PERSONAL, Method.EXCHANGED])
def test_personal_and_exchanged_tokens_manage_no_api_tokens(agency: Agency, method: Method) -> None:
    """A personal token manages no API token, whatever its owner may do (G4, S17)."""
    made = agency.api_token()
    attempts: list[Callable[[Work], object]] = [
        lambda work: create_api_token(work, Wish(name="x", authority="user", subject=None)),
        lambda work: edit_api_token(work, made.token.id, Wish(name="x")),
        lambda work: regenerate(work, made.token.id),
        lambda work: revoke_api_token(work, made.token.id),
        list_api_tokens,
    ]
    codes = []
    for attempt in attempts:
        with pytest.raises(Denied) as refused, agency.acting(agency.ada, method) as work:
            attempt(work)
        codes.append(refused.value.code)
    assert codes == [Code.PAT_CANNOT_CREATE_PAT, *[Code.CREDENTIAL_KIND_NOT_ADMITTED] * 4]


def test_managing_needs_the_scope(agency: Agency) -> None:
    """Whoever may not manage access tokens neither sees nor makes them (D11)."""
    made = agency.api_token()
    for attempt in (
        lambda work: create_api_token(work, Wish(name="x", authority="user", subject=None)),
        lambda work: show_api_token(work, made.token.id),
        list_api_tokens,
        lambda work: page_api_tokens(work, Wanted()),
        lambda work: revoke_api_token(work, made.token.id),
    ):
        with pytest.raises(Denied) as refused, agency.acting(agency.dan) as work:
            attempt(work)
        assert refused.value.code is Code.INSUFFICIENT_SCOPE


def test_an_unknown_role_or_user_is_named(agency: Agency, hall: Hall) -> None:
    """An unknown role or user, or another organization's, is refused with the field (D4, S25)."""
    other = Agency(hall, "Other")
    before = agency.counts()
    for authority, subject in (
        ("role", other.roles["reader"].id),
        ("role", RoleId(7_000_000_000_000_000)),
        ("user", other.dan),
    ):
        with pytest.raises(Invalid) as refused:
            agency.api_token(authority=authority, subject=subject)
        assert refused.value.field == f"/data/relationships/{authority}/data/id"
    with pytest.raises(Invalid) as refused:
        agency.api_token(authority="role", subject=None)
    assert refused.value.field == "/data/relationships/role/data"
    assert agency.counts() == before


def test_delivery_is_on_by_default(agency: Agency) -> None:
    """An API token of which nothing else is said is let in at delivery alone (Q17)."""
    made = agency.api_token()
    assert agency.hall.verify(made.secret).grant.surfaces == Surface.DELIVERY.bit


def test_the_role_changes_under_the_token(agency: Agency) -> None:
    """An edit of the role acts on the next request, and no token is touched (G8, S19)."""
    role = agency.role("custom", Scope.CONTENT_READ)
    made = agency.api_token("custom")
    head = agency.head()

    with agency.acting(agency.ada) as work:
        edit_role(work, role.id, lambda was: replace(was, scopes=WRITE))
    assert agency.hall.verify(made.secret).grant.scopes == WRITE
    assert not any(isinstance(event, TokenRecorded) for event in agency.events(head))


@pytest.mark.parametrize("surface", list(Surface))
def test_every_token_reads_and_surrenders_itself(agency: Agency, surface: Surface) -> None:
    """Whoever holds a token can ask what it is and end it, at any surface (S17)."""
    made = agency.api_token(surfaces=surface.bit)
    caller, other = agency.bearing(made.secret), agency.api_token()
    with agency.office.read(caller, ORIGIN) as work:
        holder = show_self(work)
    assert holder.token is not None
    assert holder.token.id == made.token.id
    with pytest.raises(Denied), agency.office.work(caller, ORIGIN) as work:
        surrender(work, other.token.id)
    with agency.office.work(caller, ORIGIN) as work:
        surrender(work, made.token.id)
    assert agency.hall.refusal(made.secret) == Code.INVALID_TOKEN


def test_another_organizations_api_token_is_unknown(agency: Agency, hall: Hall) -> None:
    """Another organization's API token answers as one that never was, to every verb (S25)."""
    other = Agency(hall, "Other")
    made = agency.api_token()
    for id_ in (made.token.id, TokenId(6_000_000_000_000_000)):
        for attempt in (
            show_api_token,
            revoke_api_token,
            regenerate,
            lambda work, one: edit_api_token(work, one, Wish(name="x")),
        ):
            with pytest.raises(NotFound), other.acting(other.ada) as work:
                attempt(work, id_)
