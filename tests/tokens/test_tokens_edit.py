"""A personal token's own life: edited, switched, revoked, succeeded."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from counterfoil.access.caller import Method
from counterfoil.access.surface import Surface
from counterfoil.audit.record import entries
from counterfoil.content.tree import move
from counterfoil.feed.event import TokenRecorded
from counterfoil.kernel.errors import Code, Denied, Invalid, NotFound, Stale
from counterfoil.kernel.ids import TokenId
from counterfoil.kernel.page import Wanted
from counterfoil.operation import Work
from counterfoil.tokens.approve import approve, deny
from counterfoil.tokens.bounds import Bounds
from counterfoil.tokens.edit import edit
from counterfoil.tokens.renew import renew
from counterfoil.tokens.request_model import RequestState
from counterfoil.tokens.revoke import revoke, revoke_mine
from counterfoil.tokens.show import list_tokens, show_request, show_self, show_token
from counterfoil.tokens.switch import disable, enable
from counterfoil.tokens.wish import Wish
from support.office import ORIGIN, START, StandingClock
from support.tokens import PUBLISH, READ, WRITE, Agency, Hall, request_of
from support.trail import bodies

UNKNOWN = TokenId(6_000_000_000_000_000)


@pytest.mark.each_engine
def test_a_member_manages_their_own_tokens(agency: Agency) -> None:
    """List, open, rename, narrow and delete need no admin and no approval (A21)."""
    made = agency.granted(agency.dan, scopes=READ | WRITE)
    with agency.acting(agency.dan) as work:
        edited = edit(work, made.token.id, Wish(name="desk", scopes=READ))
    assert (edited.request, edited.token.name) == (None, "desk")
    caller = agency.hall.verify(made.secret)
    assert (caller.grant.scopes, caller.token_name) == (READ, "desk")
    with agency.looking(agency.dan) as work:
        assert [seen.token.id for seen in list_tokens(work, Wanted(), agency.dan).items] == [
            made.token.id
        ]
        assert show_token(work, made.token.id).token.name == "desk"
    with agency.acting(agency.dan) as work:
        revoke(work, made.token.id)
    assert agency.hall.refusal(made.secret) == Code.INVALID_TOKEN


@pytest.mark.each_engine
def test_a_wider_grant_waits_where_the_policy_asks_it(agency: Agency) -> None:
    """A member's widening waits and the old grant stays; an admin's acts at once (X14, K8)."""
    member, admin = agency.granted(agency.dan), agency.ask(agency.ada)
    with agency.acting(agency.dan) as work:
        assert edit(work, member.token.id, Wish(scopes=READ | WRITE)).request is not None
    assert agency.hall.verify(member.secret).grant.scopes == READ
    with agency.acting(agency.ada) as work:
        assert edit(work, admin.token.id, Wish(scopes=READ | WRITE)).request is None
    assert agency.hall.verify(admin.secret).grant.scopes == READ | WRITE


@pytest.mark.parametrize("wider", ["scopes", "inherit", "roots", "other roots", "surfaces"])
def test_every_kind_of_widening_is_seen(agency: Agency, wider: str) -> None:
    """More scopes, inherit, no or other roots, more surfaces: each widens and waits (X14, S24)."""
    made = agency.granted(
        agency.dan, roots=frozenset({agency.press}), surfaces=Surface.DELIVERY.bit
    )
    wish = {
        "scopes": Wish(scopes=READ | WRITE),
        "inherit": Wish(inherit=True),
        "roots": Wish(roots=None),
        "other roots": Wish(roots=frozenset({agency.press, agency.internal})),
        "surfaces": Wish(surfaces=Surface.DELIVERY.bit | Surface.PREVIEW.bit),
    }[wider]
    with agency.acting(agency.dan) as work:
        assert edit(work, made.token.id, wish).request is not None
    assert agency.token(made.token.id).grants == agency.token(made.token.id).live_grants
    assert agency.token(made.token.id).grant_in(agency.id).bounds.surfaces == 1


@pytest.mark.each_engine
def test_what_an_edit_takes_away_does_not_wait(agency: Agency) -> None:
    """Of an edit that widens and narrows only the widening waits, and may be denied (X14, S24)."""
    made = agency.granted(
        agency.dan,
        scopes=READ | WRITE,
        roots=frozenset({agency.public, agency.internal}),
        surfaces=Surface.DELIVERY.bit | Surface.MANAGEMENT.bit,
    )
    roots = frozenset({agency.press, agency.root})
    surfaces = Surface.DELIVERY.bit | Surface.PREVIEW.bit
    wish = Wish(scopes=READ | PUBLISH, roots=roots, surfaces=surfaces)
    with agency.acting(agency.dan) as work:
        asked = edit(work, made.token.id, wish).request
    assert asked is not None
    assert asked.bounds == Bounds(READ | PUBLISH, roots, surfaces)
    approved = frozenset({agency.public, agency.internal})
    kept = Bounds(READ, approved | {agency.press}, 1, ceiling=approved)
    assert agency.token(made.token.id).grant_in(agency.id).bounds == kept
    assert agency.hall.verify(made.secret).grant.scopes == READ
    with agency.acting(agency.ada) as work:
        deny(work, asked.id, asked.version, "no")
    assert agency.token(made.token.id).grant_in(agency.id).bounds == kept


def test_a_swap_leaves_nothing_until_it_is_approved(agency: Agency) -> None:
    """Who gives up the one scope for another has neither until somebody agrees (X14)."""
    made = agency.granted(agency.dan, scopes=READ)
    with agency.acting(agency.dan) as work:
        asked = edit(work, made.token.id, Wish(scopes=WRITE)).request
    assert asked is not None
    assert agency.hall.verify(made.secret).grant.scopes == 0
    with agency.acting(agency.ada) as work:
        approve(work, asked.id, asked.version, Wish())
    assert agency.hall.verify(made.secret).grant.scopes == WRITE


def test_a_root_below_a_root_narrows(agency: Agency) -> None:
    """A deeper root narrows at once, by where the nodes stand now (S27, Q13)."""
    made = agency.granted(agency.dan, roots=frozenset({agency.public}))
    with agency.acting(agency.dan) as work:
        assert edit(work, made.token.id, Wish(roots=frozenset({agency.press}))).request is None
    again = agency.granted(agency.dan, roots=frozenset({agency.public}))
    with agency.acting(agency.ada) as work:
        move(work, agency.press, agency.internal)
    with agency.acting(agency.dan) as work:
        assert edit(work, again.token.id, Wish(roots=frozenset({agency.press}))).request
    assert agency.refusal_at(made.secret, agency.press) is Code.OUTSIDE_ROOT_NODES


def test_a_move_there_and_back_widens_nothing(agency: Agency) -> None:
    """A node moved below an approved root, made a root and moved back is out again (X14, S27)."""
    made = agency.granted(agency.dan, roots=frozenset({agency.public}))
    roots = frozenset({agency.public, agency.internal})
    with agency.acting(agency.ada) as work:
        move(work, agency.internal, agency.public)
    with agency.acting(agency.dan) as work:
        assert edit(work, made.token.id, Wish(roots=roots)).request is None
    assert agency.refusal_at(made.secret, agency.internal) is None
    with agency.acting(agency.ada) as work:
        move(work, agency.internal, agency.root)
    assert agency.refusal_at(made.secret, agency.internal) is Code.OUTSIDE_ROOT_NODES
    assert agency.refusal_at(made.secret, agency.press) is None
    assert agency.hall.rebuilt() == agency.hall.replica.dump()
    with agency.acting(agency.dan) as work:
        asked = edit(work, made.token.id, Wish(inherit=True)).request
    assert asked is not None
    with agency.acting(agency.ada) as work:
        approve(work, asked.id, asked.version, Wish())
    assert agency.refusal_at(made.secret, agency.internal) is Code.OUTSIDE_ROOT_NODES
    with agency.acting(agency.dan) as work:
        asked = edit(work, made.token.id, Wish(roots=frozenset({agency.internal}))).request
    assert asked is not None
    with agency.acting(agency.ada) as work:
        approve(work, asked.id, asked.version, Wish())
    assert agency.refusal_at(made.secret, agency.internal) is None


def test_an_edit_that_changes_nothing_says_nothing(agency: Agency) -> None:
    """The same settings again: no event, no new version (CONTRACT: feed)."""
    made = agency.granted(agency.dan)
    head, version = agency.head(), agency.token(made.token.id).version
    with agency.acting(agency.dan) as work:
        edit(work, made.token.id, Wish(name="laptop", scopes=READ))
    assert (agency.head(), agency.token(made.token.id).version) == (head, version)


@pytest.mark.each_engine
def test_a_new_wish_replaces_the_waiting_one(agency: Agency) -> None:
    """A token has one open request at most; another edit of its bounds closes it (A10c)."""
    made = agency.granted(agency.dan)
    with agency.acting(agency.dan) as work:
        first = edit(work, made.token.id, Wish(scopes=READ | WRITE)).request
    with agency.acting(agency.dan) as work:
        second = edit(work, made.token.id, Wish(scopes=READ | PUBLISH)).request
    assert first is not None
    assert second is not None
    with agency.looking(agency.dan) as work:
        assert show_request(work, first.id).request.state is RequestState.CANCELLED
        assert show_request(work, second.id).request.state is RequestState.OPEN


@pytest.mark.each_engine
def test_editing_a_pending_token_asks_anew(agency: Agency) -> None:
    """An edit before the approval is a new request, of the same token and secret (A10c)."""
    asked = agency.ask(agency.dan, justification="first")
    with agency.acting(agency.dan) as work:
        renamed = edit(work, asked.token.id, Wish(name="better"))
        unchanged = edit(work, asked.token.id, Wish(name="better"))
    assert renamed.request is not None
    assert renamed.request.id != request_of(asked)
    assert renamed.request.justification == "first"
    assert unchanged.request == renamed.request
    assert agency.hall.refusal(asked.secret) == Code.TOKEN_PENDING_APPROVAL


@pytest.mark.parametrize(
    "asked", [START + timedelta(days=31), START + timedelta(days=900), None], ids=str
)
def test_an_expiration_is_never_extended(agency: Agency, asked: object) -> None:
    """No edit moves the end out, not even by approval (X16, S24, G11)."""
    for owner in (agency.ada, agency.dan):
        made = agency.granted(owner)
        with pytest.raises(Invalid) as refused, agency.acting(owner) as work:
            edit(work, made.token.id, Wish(expires_at=asked))  # type: ignore[arg-type]
        assert refused.value.code is Code.EXPIRATION_CANNOT_BE_EXTENDED
        assert agency.token(made.token.id).expires_at == made.token.expires_at


@pytest.mark.each_engine
def test_an_expiration_may_come_earlier(agency: Agency, clock: StandingClock) -> None:
    """Shortening is allowed and acts at once; the past is refused (X16)."""
    made = agency.granted(agency.dan)
    with agency.acting(agency.dan) as work:
        edit(work, made.token.id, Wish(expires_at=START + timedelta(hours=1)))
    with pytest.raises(Invalid) as refused, agency.acting(agency.dan) as work:
        edit(work, made.token.id, Wish(expires_at=START))
    assert refused.value.code is Code.INVALID_FIELD
    clock.move_on(hours=1)
    assert agency.hall.refusal(made.secret) == Code.TOKEN_EXPIRED


def test_expiry_is_exact(agency: Agency, clock: StandingClock) -> None:
    """A token works a second before its end and is refused at its very instant (X17)."""
    made = agency.ask(agency.ada, expires_at=START + timedelta(days=1))
    clock.move_on(days=1, seconds=-1)
    assert agency.hall.refusal(made.secret) == "allowed"
    clock.move_on(seconds=1)
    assert agency.hall.refusal(made.secret) == Code.TOKEN_EXPIRED


def test_a_members_reach_ends_at_their_own_tokens(agency: Agency) -> None:
    """A member neither sees, edits, switches nor revokes somebody else's token (A24, S25)."""
    made = agency.ask(agency.ada)
    for attempt in (disable, enable, revoke, lambda work, id_: edit(work, id_, Wish(name="x"))):
        with pytest.raises(NotFound), agency.acting(agency.dan) as work:
            attempt(work, made.token.id)
    with pytest.raises(NotFound), agency.looking(agency.dan) as work:
        show_token(work, made.token.id)
    with pytest.raises(Denied), agency.looking(agency.dan) as work:
        list_tokens(work, Wanted(), None)
    with pytest.raises(Denied), agency.looking(agency.dan) as work:
        list_tokens(work, Wanted(), agency.ada)
    assert agency.hall.refusal(made.secret) == "allowed"


def test_only_the_owner_edits(agency: Agency) -> None:
    """An admin switches and revokes, but does not rewrite somebody else's token (A24)."""
    made = agency.granted(agency.dan)
    with pytest.raises(Denied), agency.acting(agency.ada) as work:
        edit(work, made.token.id, Wish(scopes=READ | WRITE))
    with pytest.raises(Denied), agency.acting(agency.ada) as work:
        renew(work, made.token.id, Wish())


@pytest.mark.parametrize("verb", ["edit", "revoke", "disable", "enable", "renew"])
def test_another_organizations_token_is_unknown(agency: Agency, hall: Hall, verb: str) -> None:
    """Another organization's id answers as one that never was (S25)."""
    other = Agency(hall, "Other")
    made = agency.ask(agency.ada)
    attempts: dict[str, Callable[[Work, TokenId], object]] = {
        "edit": lambda work, id_: edit(work, id_, Wish(name="x")),
        "revoke": revoke,
        "disable": disable,
        "enable": enable,
        "renew": lambda work, id_: renew(work, id_, Wish()),
    }
    for id_ in (made.token.id, UNKNOWN):
        with pytest.raises(NotFound), other.acting(other.ada) as work:
            attempts[verb](work, id_)
    assert agency.hall.refusal(made.secret) == "allowed"


@pytest.mark.parametrize("verb", ["edit", "revoke", "disable", "enable", "renew", "revoke_mine"])
def test_a_token_manages_no_personal_token(agency: Agency, verb: str) -> None:
    """Tokens cannot create or manage personal tokens, not even their owner's (S17, G4)."""
    made = agency.ask(agency.ada)
    attempts = {
        "edit": lambda work: edit(work, made.token.id, Wish(name="x")),
        "revoke": lambda work: revoke(work, made.token.id),
        "disable": lambda work: disable(work, made.token.id),
        "enable": lambda work: enable(work, made.token.id),
        "renew": lambda work: renew(work, made.token.id, Wish()),
        "revoke_mine": revoke_mine,
    }
    for method in (Method.PERSONAL, Method.SERVICE, Method.EXCHANGED):
        with pytest.raises(Denied), agency.acting(agency.ada, method) as work:
            attempts[verb](work)


@pytest.mark.each_engine
def test_an_edit_names_the_version_it_is_based_on(agency: Agency) -> None:
    """An edit based on an older version is refused, if it says so (S22)."""
    made = agency.granted(agency.dan)
    version = agency.token(made.token.id).version
    with agency.acting(agency.dan) as work:
        edit(work, made.token.id, Wish(name="first"), version)
    with pytest.raises(Stale), agency.acting(agency.dan) as work:
        edit(work, made.token.id, Wish(name="second"), version)


@pytest.mark.each_engine
def test_the_trail_keeps_the_name_of_then(agency: Agency) -> None:
    """After a rename older entries keep the old name, and the id joins them (X2, X3)."""
    made = agency.ask(agency.ada, "first", inherit=True)
    for name in ("second", None):
        with agency.office.read(agency.bearing(made.secret), ORIGIN) as work:
            show_self(work)
        if name:
            with agency.acting(agency.ada) as work:
                edit(work, made.token.id, Wish(name=name))
    with agency.office.database.reading() as tx:
        rows = bodies(tx, entries.c.token_id == made.token.id)
    assert [row.token_name for row in rows] == ["first", "second"]
    assert {row.user_id for row in rows} == {agency.ada}
    assert {row.target for row in rows} == {f"tok_{made.token.id}"}


def test_a_rename_reaches_the_gate(agency: Agency) -> None:
    """A rename is told to the gates and changes neither secret nor access (Q4)."""
    made = agency.granted(agency.dan)
    head = agency.head()
    with agency.acting(agency.dan) as work:
        edit(work, made.token.id, Wish(name="renamed"))
    (event,) = agency.events(head)
    assert isinstance(event, TokenRecorded)
    assert (event.name, event.struck) == ("renamed", ())
    assert agency.hall.verify(made.secret).token_name == "renamed"
