"""A personal token is exchanged for a narrower one, which loses whatever the token loses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from msgspec import structs
from sqlalchemy import select

from counterfoil import tokens
from counterfoil.access.caller import Method
from counterfoil.access.conditions import Rate
from counterfoil.access.networks import networks
from counterfoil.access.scope import Scope
from counterfoil.access.surface import ALL_SURFACES, Surface
from counterfoil.audit.record import entries
from counterfoil.content.tree import trash
from counterfoil.directory.define_role import edit_role
from counterfoil.directory.edit_policy import edit_policy
from counterfoil.directory.enroll import assign, deactivate
from counterfoil.kernel.errors import Code, CounterfoilError, Denied, Invalid, Limited
from counterfoil.kernel.ids import NodeId
from counterfoil.secret import Kind
from counterfoil.tokens.api_token import create_api_token
from counterfoil.tokens.edit import edit
from counterfoil.tokens.request import request_token
from counterfoil.tokens.revoke import revoke, revoke_mine, surrender
from counterfoil.tokens.steps.issue import Requested
from counterfoil.tokens.steps.patience import MOST_A_MINUTE
from counterfoil.tokens.steps.record import Issued
from counterfoil.tokens.switch import disable, enable
from counterfoil.tokens.wish import Wish
from support.gate import ancestry
from support.office import ORIGIN, START, StandingClock
from support.tokens import PUBLISH, READ, WRITE, Agency

pytestmark = pytest.mark.each_engine


def exchange(agency: Agency, parent: Requested | Issued, *less: Any, **more: Any) -> Issued:
    """Exchange a token for a narrower one, as the token endpoint does."""
    with agency.with_token(parent.secret) as work:
        return tokens.attenuate(work, *less, **more)


@pytest.fixture
def parent(agency: Agency) -> Requested:
    """Dan's token, good for an hour and a day, in all of the tree."""
    return agency.granted(
        agency.dan, scopes=READ | WRITE, surfaces=ALL_SURFACES, expires_at=START + timedelta(days=1)
    )


def test_a_personal_token_is_exchanged_for_less(agency: Agency, parent: Requested) -> None:
    """It is opaque, lives for an hour, reads below its root, and acts as the person (S50)."""
    child = exchange(agency, parent, READ, frozenset({agency.public}))
    assert child.secret.reveal().startswith("cfx_")
    caller = agency.hall.verify(child.secret)
    assert (caller.user, caller.token, caller.parent) == (
        agency.dan,
        child.token.id,
        parent.token.id,
    )
    assert caller.grant.scopes == READ
    assert caller.expires_at == START + timedelta(hours=1)
    assert agency.refusal_at(child.secret, agency.press) is None
    assert agency.refusal_at(child.secret, agency.internal) is Code.OUTSIDE_ROOT_NODES
    assert agency.hall.rebuilt() == agency.hall.replica.dump()


def test_it_has_all_if_nothing_is_said(agency: Agency, parent: Requested) -> None:
    """Without a wish it holds what its parent holds now, and shares its budget of requests."""
    caller = agency.hall.verify(exchange(agency, parent).secret)
    whole = agency.hall.verify(parent.secret)
    assert caller.grant == whole.grant
    assert caller.counted_as == whole.counted_as


def test_what_its_parent_gains_it_does_not(agency: Agency, parent: Requested) -> None:
    """It never holds more than its parent did when it was made (S24)."""
    child = exchange(agency, parent)
    with agency.acting(agency.ada) as work:
        edit_policy(work, 1, {"approval": "nobody"})
    with agency.acting(agency.dan) as work:
        edit(work, parent.token.id, Wish(scopes=READ | WRITE | PUBLISH))
    assert agency.hall.verify(parent.secret).grant.scopes == READ | WRITE | PUBLISH
    assert agency.hall.verify(child.secret).grant.scopes == READ | WRITE


Loss = Callable[[Agency, Requested], object]


def edited(**wish: Any) -> Loss:
    """Its owner changes the token."""

    def lose(agency: Agency, parent: Requested) -> None:
        with agency.acting(agency.dan) as work:
            edit(work, parent.token.id, Wish(**wish))

    return lose


def by_owner(verb: Callable[..., object]) -> Loss:
    """Its owner does this to the token."""

    def lose(agency: Agency, parent: Requested) -> None:
        with agency.acting(agency.dan) as work:
            verb(work, parent.token.id)

    return lose


def by_admin(verb: Callable[[Any, Agency], object]) -> Loss:
    """An admin does this in the organization."""

    def lose(agency: Agency, _parent: Requested) -> None:
        with agency.acting(agency.ada) as work:
            verb(work, agency)

    return lose


def surrendered(agency: Agency, parent: Requested) -> None:
    with agency.with_token(parent.secret) as work:
        surrender(work, parent.token.id)


def all_revoked(agency: Agency, _parent: Requested) -> None:
    with agency.acting(agency.dan) as work:
        assert len(revoke_mine(work)) == 1


def ended(agency: Agency, parent: Requested) -> None:
    edited(expires_at=START + timedelta(minutes=1))(agency, parent)
    agency.hall.clock.move_on(minutes=1)


def elsewhere(agency: Agency, parent: Requested) -> None:
    edited(roots=frozenset({agency.internal}))(agency, parent)


def demoted(agency: Agency, _parent: Requested) -> None:
    role = agency.role("auditor", Scope.AUDIT_READ)
    with agency.acting(agency.ada) as work:
        assign(work, agency.dan, [role.id])


def barred(**asked: Any) -> Loss:
    """The policy asks this of every token."""

    def lose(agency: Agency, _parent: Requested) -> None:
        told = {name: one(agency) if callable(one) else one for name, one in asked.items()}
        with agency.acting(agency.ada) as work:
            edit_policy(work, 1, told)

    return lose


LOSSES: dict[str, tuple[Loss, str]] = {
    "revoked": (by_owner(revoke), "INVALID_TOKEN"),
    "surrendered": (surrendered, "INVALID_TOKEN"),
    "all revoked": (all_revoked, "INVALID_TOKEN"),
    "disabled": (by_owner(disable), "TOKEN_DISABLED"),
    "ended earlier": (ended, "TOKEN_EXPIRED"),
    "fewer scopes": (edited(scopes=WRITE), "INSUFFICIENT_SCOPE"),
    "other roots": (elsewhere, "OUTSIDE_ROOT_NODES"),
    "fewer APIs": (edited(surfaces=Surface.PREVIEW.bit), "API_NOT_ENABLED_FOR_TOKEN"),
    "networks": (edited(networks=networks(["192.0.2.0/24"])), "IP_NOT_ALLOWED"),
    "not yet": (edited(not_before=START + timedelta(hours=2)), "TOKEN_NOT_YET_VALID"),
    "its owner is away": (by_admin(lambda w, a: deactivate(w, a.dan)), "OWNER_DEACTIVATED"),
    "no role for tokens": (
        barred(token_roles=lambda agency: (str(agency.roles["admin"].id),)),
        "POLICY_BLOCKED",
    ),
    "networks of all": (barred(ip_ranges=("192.0.2.0/24",)), "IP_NOT_ALLOWED"),
    "another role": (demoted, "INSUFFICIENT_SCOPE"),
}
"""What a parent may lose, with what is said from then on."""


def refusal(agency: Agency, made: Requested | Issued, node: NodeId) -> str:
    """Return why a token reads nothing at a node on delivery, from some address."""
    try:
        caller = agency.hall.verify(made.secret, None, "198.51.100.1")
        caller.grant.admit(Surface.DELIVERY)
        caller.grant.permit(
            Scope.CONTENT_READ, ancestry(agency.hall.verifier.replica, agency.id, node)
        )
    except CounterfoilError as error:
        return str(error.code)
    return "allowed"


@pytest.mark.parametrize("loss", sorted(LOSSES))
def test_what_its_parent_loses_it_loses(agency: Agency, parent: Requested, loss: str) -> None:
    """By whatever road the parent loses it, the child has lost it when the call returns (S24)."""
    lose, why = LOSSES[loss]
    child = exchange(agency, parent, READ, frozenset({agency.public}))
    assert refusal(agency, child, agency.press) == "allowed"
    lose(agency, parent)
    assert (refusal(agency, parent, agency.press), refusal(agency, child, agency.press)) == (
        why,
        why,
    )
    assert agency.hall.rebuilt() == agency.hall.replica.dump()


def test_a_smaller_role_is_smaller_at_once(agency: Agency) -> None:
    """What the role of its parent's owner loses it loses, and has again with the role (G8)."""
    agency.role("scribe", Scope.CONTENT_READ, Scope.CONTENT_WRITE)
    max_ = agency.hire("Max", "scribe")
    child = exchange(agency, agency.granted(max_, surfaces=ALL_SURFACES))
    for scopes, expected in ((WRITE, "INSUFFICIENT_SCOPE"), (READ | WRITE, "allowed")):
        with agency.acting(agency.ada) as work:
            edit_role(work, agency.roles["scribe"].id, partial(replace, scopes=scopes))
        assert refusal(agency, child, agency.press) == expected


def test_what_is_switched_on_again_works_again(agency: Agency, parent: Requested) -> None:
    """A child sleeps while its parent is disabled."""
    child = exchange(agency, parent)
    by_owner(disable)(agency, parent)
    by_owner(enable)(agency, parent)
    assert refusal(agency, child, agency.press) == "allowed"


def test_it_is_written_off_with_its_parent(agency: Agency, parent: Requested) -> None:
    """Whoever looks at what is in force finds no child of a revoked token (G11)."""
    child = exchange(agency, parent)
    by_owner(revoke)(agency, parent)
    assert agency.token(child.token.id).revoked_position is not None


def test_a_node_that_moves_away_is_out(agency: Agency, parent: Requested) -> None:
    """Its roots are nodes of the live tree, as its parent's are (S27)."""
    child = exchange(agency, parent, READ, frozenset({agency.press}))
    with agency.acting(agency.ada) as work:
        trash(work, agency.press)
    assert refusal(agency, child, agency.press) == "OUTSIDE_ROOT_NODES"


def test_it_never_outlives_its_parent(agency: Agency) -> None:
    """It ends with its parent, and never later than an hour from now, whatever is asked (S24)."""
    brief = agency.granted(agency.dan, expires_at=START + timedelta(minutes=20))
    child = exchange(agency, brief, life=timedelta(days=1))
    assert child.token.expires_at == START + timedelta(minutes=20)
    other = agency.granted(agency.dan, "other")
    assert exchange(agency, other, life=timedelta(days=1)).token.expires_at == START + timedelta(
        hours=1
    )


def test_it_is_not_exchanged_again(agency: Agency, parent: Requested) -> None:
    """What was exchanged, an API token and a session are exchanged for nothing (S17)."""
    child = exchange(agency, parent)
    before = agency.counts()
    for other in (child, agency.api_token(surfaces=ALL_SURFACES)):
        with pytest.raises(Denied) as refused:
            exchange(agency, other)
        assert refused.value.code is Code.CREDENTIAL_KIND_NOT_ADMITTED
    with pytest.raises(Denied), agency.acting(agency.dan) as work:
        tokens.attenuate(work)
    after = agency.counts()
    assert after["token"] == before["token"] + 1  # the API token
    assert agency.trail().count(("token.attenuate", "CREDENTIAL_KIND_NOT_ADMITTED")) == 3


def test_it_is_no_personal_token(agency: Agency, parent: Requested) -> None:
    """It makes no token, and is let in to nothing that admits no personal token (G4, S17)."""
    child = exchange(agency, parent)
    with pytest.raises(Denied) as refused, agency.with_token(child.secret) as work:
        request_token(work, Wish(name="x", scopes=READ))
    assert refused.value.code is Code.PAT_CANNOT_CREATE_PAT
    with pytest.raises(Denied), agency.with_token(child.secret) as work:
        create_api_token(work, Wish(name="x", authority="user", subject=None))
    caller = agency.hall.verify(child.secret)
    assert caller.method is Method.PERSONAL
    assert agency.token(child.token.id).kind is Kind.EXCHANGED


def test_no_quota_counts_it(agency: Agency) -> None:
    """Five tokens are five, however often they are exchanged (A4)."""
    for number in range(4):
        agency.granted(agency.dan, f"token {number}")
    last = agency.granted(agency.dan, "last")
    for _ in range(3):
        exchange(agency, last)
    with pytest.raises(CounterfoilError) as refused:
        agency.granted(agency.dan, "one more")
    assert refused.value.code is Code.TOKEN_QUOTA_EXCEEDED
    assert refused.value.meta["count"] == 5


@pytest.mark.parametrize("what", ["scope", "root", "unknown root"])
def test_more_than_its_parent_is_refused(agency: Agency, what: str) -> None:
    """A scope or a root beyond the parent's is named, and nothing is made (X4, S31)."""
    narrow = agency.granted(agency.dan, scopes=READ, roots=frozenset({agency.press}))
    asked: dict[str, tuple[Any, ...]] = {
        "scope": (READ | WRITE,),
        "root": (READ, frozenset({agency.public})),
        "unknown root": (READ, frozenset({NodeId(10**15 + 7)})),
    }
    before = agency.counts()
    with pytest.raises(Invalid):
        exchange(agency, narrow, *asked[what])
    assert agency.counts() == before


def test_a_policy_may_forbid_it(agency: Agency, parent: Requested) -> None:
    """Where the policy lets no token be exchanged none is, and that is on record."""
    with agency.acting(agency.ada) as work:
        edit_policy(work, 1, {"exchange_allowed": False})
    with pytest.raises(Denied) as refused:
        exchange(agency, parent)
    assert refused.value.code is Code.POLICY_BLOCKED
    assert ("token.attenuate", "POLICY_BLOCKED") in agency.trail()


def test_haste_is_refused(agency: Agency, parent: Requested) -> None:
    """A token is exchanged so often a minute (S42)."""
    for _ in range(MOST_A_MINUTE):
        exchange(agency, parent)
    with pytest.raises(Limited):
        exchange(agency, parent)


def test_conditions_hold_for_it(agency: Agency) -> None:
    """From where and how often its parent may be used is so for it, counted together."""
    office, slow = networks(["192.0.2.0/24"]), Rate(10, 60)
    bound = agency.granted(agency.dan, networks=office, rate=slow)
    caller = agency.hall.verify(bound.secret, None, "192.0.2.7")
    with agency.office.work(caller, structs.replace(ORIGIN, address="192.0.2.7")) as work:
        child = tokens.attenuate(work)
    found = agency.hall.verify(child.secret, None, "192.0.2.7")
    assert found.grant.conditions.rate == slow
    assert found.counted_as == bound.token.id
    assert refusal(agency, child, agency.press) == "IP_NOT_ALLOWED"


def test_the_trail_tells_both(agency: Agency, parent: Requested) -> None:
    """What it does is its person's deed, by its own id, beside that of its parent (X2)."""
    child = exchange(agency, parent)
    with agency.with_token(child.secret) as work:
        surrender(work, child.token.id)
    with agency.office.database.reading() as tx:
        made, gone = tx.execute(select(entries).order_by(entries.c.position.desc()).limit(2)).all()[
            ::-1
        ]
    assert (made.operation, made.token_id, made.target) == (
        "token.attenuate",
        parent.token.id,
        f"tok_{child.token.id}",
    )
    assert (gone.user_id, gone.token_id) == (agency.dan, child.token.id)
    assert agency.hall.refusal(parent.secret) == "allowed"


def test_it_is_swept(agency: Agency, parent: Requested, clock: StandingClock) -> None:
    """The gates forget it an hour after its end, as all that was exchanged."""
    child = exchange(agency, parent)
    clock.move_on(hours=2, seconds=1)
    assert tokens.sweep(agency.office) == 1
    assert agency.hall.refusal(child.secret) == "INVALID_TOKEN"
