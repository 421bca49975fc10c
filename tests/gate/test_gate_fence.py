"""At the gate: what an organization asks of all its tokens, beside what they say themselves."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import msgspec
import pytest

from counterfoil.access.scope import Scope
from counterfoil.access.surface import Surface
from counterfoil.feed.codec import UnknownEventError, decode, encode, version_of
from counterfoil.feed.event import MemberRecorded, OrganizationRecorded
from counterfoil.gate.replica import Replica
from counterfoil.gate.replica.fence import pack_fence, read_fence
from counterfoil.gate.verifier import Verifier
from counterfoil.kernel.errors import CounterfoilError, Denied
from counterfoil.kernel.ids import OrganizationId
from counterfoil.secret import Kind
from support.gate import (
    ACME,
    BEN,
    DEV,
    NOW,
    OTHER,
    OTHER_DEV,
    READ,
    RITA,
    SECOND,
    bounds,
    environ,
    mint,
    record,
    tell,
    under,
)

HERE = ("192.0.2.0/24", "2001:db8::/32")
INSIDE = "192.0.2.7"
OUTSIDE = "198.51.100.1"


def fence(
    ip_ranges: tuple[str, ...] | None = None,
    token_roles: tuple[int, ...] | None = None,
    organization: int = ACME,
    *,
    provider_only: bool = False,
) -> OrganizationRecorded:
    return OrganizationRecorded(
        organization=organization,
        name="Acme",
        management_limit=30,
        management_window_ms=3000,
        ip_ranges=ip_ranges,
        token_roles=token_roles,
        provider_only=provider_only,
    )


def verdict(verify: Callable[[], object]) -> str:
    """What becomes of a token: the code of its refusal, or `allowed`."""
    try:
        verify()
    except CounterfoilError as error:
        return str(error.code)
    return "allowed"


@pytest.mark.parametrize("kind", [Kind.PERSONAL, Kind.SERVICE, Kind.EXCHANGED])
def test_every_token_comes_from_there(verifier: Verifier, replica: Replica, kind: Kind) -> None:
    """A token of whatever kind is good from the organization's networks alone, at once (S12)."""
    text = mint(kind)
    tell(replica, record(text))
    sent = environ(text, REMOTE_ADDR=OUTSIDE)
    asked = lambda: verifier.decide(sent, Surface.DELIVERY, Scope.CONTENT_READ)  # noqa: E731
    caller = verifier.verify(text, None, OUTSIDE)
    assert verdict(asked) == "allowed"
    tell(replica, fence(HERE))
    for _ in range(2):  # the second time it may be remembered
        assert verdict(asked) == "IP_NOT_ALLOWED"
        assert verdict(lambda: verifier.again(caller, OUTSIDE)) == "IP_NOT_ALLOWED"
        assert verdict(lambda: verifier.verify(text, None, "")) == "IP_NOT_ALLOWED"
        assert verdict(lambda: verifier.verify(text, None, INSIDE)) == "allowed"
        assert verdict(lambda: verifier.verify(text, None, "2001:db8::1")) == "allowed"
    tell(replica, fence())
    assert verdict(asked) == "allowed"


def test_who_is_signed_in_is_not_bound(verifier: Verifier, replica: Replica) -> None:
    """No list of addresses and of roles shuts a session out: an admin mends what they typed."""
    text = mint(Kind.SESSION)
    tell(replica, record(text), fence((), ()))
    assert verdict(lambda: verifier.verify(text, OrganizationId(ACME), OUTSIDE)) == "allowed"


def test_both_hold(verifier: Verifier, replica: Replica) -> None:
    """What a token says of networks and what its organization says hold together (I2)."""
    text = mint()
    tell(replica, record(text, under(networks=("192.0.2.7/32", "203.0.113.0/24"))), fence(HERE))
    asked = (INSIDE, "192.0.2.8", "203.0.113.1", OUTSIDE)
    said = {at: verdict(partial(verifier.verify, text, None, at)) for at in asked}
    assert [at for at, code in said.items() if code == "allowed"] == [INSIDE]
    assert verifier.verify(text, None, INSIDE).grant.conditions.networks is not None


def test_what_a_token_makes_is_not_bound_by_it(verifier: Verifier, replica: Replica) -> None:
    """The fence is no condition of the token: what it hands on says nothing of it."""
    text = mint(Kind.SERVICE)
    tell(replica, record(text), fence(HERE))
    assert not verifier.verify(text, None, INSIDE).grant.conditions


def test_each_organization_its_own(verifier: Verifier, replica: Replica) -> None:
    """A token that speaks in several organizations meets the fence of the one it names (K13)."""
    text = mint()
    tell(
        replica,
        MemberRecorded(organization=OTHER, user=BEN, active=True, roles=(DEV,)),
        record(text, bounds(), bounds(OTHER)),
        fence(HERE),
    )
    acme, other = OrganizationId(ACME), OrganizationId(OTHER)
    assert verdict(lambda: verifier.verify(text, acme, OUTSIDE)) == "IP_NOT_ALLOWED"
    assert verdict(lambda: verifier.verify(text, other, OUTSIDE)) == "allowed"


def test_whose_tokens_rest(verifier: Verifier, replica: Replica) -> None:
    """A personal token rests while its owner holds none of the roles, and works after (I2)."""
    text = mint()
    tell(replica, record(text))
    sent = environ(text, REMOTE_ADDR=INSIDE)
    asked = lambda: verifier.decide(sent, Surface.DELIVERY, Scope.CONTENT_READ)  # noqa: E731
    caller = verifier.verify(text)
    tell(replica, fence(token_roles=(READ,)))
    for _ in range(2):
        assert verdict(asked) == "POLICY_BLOCKED"
        assert verdict(lambda: verifier.again(caller, INSIDE)) == "POLICY_BLOCKED"
        assert verdict(lambda: verifier.again(caller, None)) == "POLICY_BLOCKED"
        assert verifier.verify(text, None, None).user == BEN  # whose it is may be asked
    tell(replica, MemberRecorded(organization=ACME, user=BEN, active=True, roles=(DEV, READ)))
    assert verdict(asked) == "allowed"
    tell(replica, fence(token_roles=()))
    assert verdict(asked) == "POLICY_BLOCKED"
    tell(replica, fence())
    assert verdict(asked) == "allowed"


@pytest.mark.parametrize("kind", [Kind.SERVICE, Kind.EXCHANGED])
def test_only_personal_tokens_rest(verifier: Verifier, replica: Replica, kind: Kind) -> None:
    """An API token that speaks for a user is the organization's, whatever roles the user has."""
    text = mint(kind)
    tell(replica, record(text, subject=RITA), fence(token_roles=(DEV,)))
    assert verdict(lambda: verifier.verify(text)) == "allowed"


def test_who_signed_in_by_no_provider_is_kept_out(verifier: Verifier, replica: Replica) -> None:
    """A session opens such an organization only if a provider vouched for its person (S44, S48).

    It holds on the next request, at every door, and is over as soon as it is taken back. What the
    person has elsewhere stays open.
    """
    text = mint(Kind.SESSION)
    elsewhere = MemberRecorded(organization=OTHER, user=BEN, active=True, roles=(READ,))
    tell(replica, record(text), elsewhere)
    acme, other = OrganizationId(ACME), OrganizationId(OTHER)
    sent = environ(text, REMOTE_ADDR=INSIDE)
    caller = verifier.verify(text, acme, INSIDE)
    read = Surface.MANAGEMENT, Scope.CONTENT_READ
    ways: list[Callable[[], object]] = [
        lambda: verifier.verify(text, acme, INSIDE),
        lambda: verifier.decide(sent, *read, None, acme),
        lambda: verifier.again(caller, INSIDE),
        lambda: verifier.again(caller, None),
    ]
    assert {verdict(one) for one in ways} == {"allowed"}
    tell(replica, fence(provider_only=True))
    assert {verdict(one) for one in ways} == {"PROVIDER_REQUIRED"}
    assert verdict(lambda: verifier.verify(text, other, INSIDE)) == "allowed"
    tell(replica, fence())
    assert {verdict(one) for one in ways} == {"allowed"}


def test_who_came_by_a_provider_comes_in(verifier: Verifier, replica: Replica) -> None:
    """A provider vouched for them: that is what was asked, and the gate says so of them (S48)."""
    text = mint(Kind.SESSION)
    tell(replica, fence(provider_only=True), record(text, authenticated_at=NOW, vouched_in=None))
    acme = OrganizationId(ACME)
    caller = verifier.verify(text, acme, OUTSIDE)
    assert caller.is_vouched_in(acme)
    assert verdict(lambda: verifier.again(caller, None)) == "allowed"


@pytest.mark.parametrize("places", [(OTHER,), (DEV, OTHER), (ACME, OTHER), (ACME,), ()])
def test_a_provider_counts_where_it_is_named(
    verifier: Verifier, replica: Replica, places: tuple[int, ...]
) -> None:
    """A provider of some organizations lets nobody into another one that asks for one (S48).

    Not at any door, whatever stands beside it in the record; and an organization that asks for
    none is entered all the same.
    """
    text = mint(Kind.SESSION)
    elsewhere = MemberRecorded(organization=OTHER, user=BEN, active=True, roles=(OTHER_DEV,))
    came = record(text, authenticated_at=NOW, dies_at=NOW + SECOND, parent=DEV, vouched_in=places)
    tell(replica, elsewhere, came)
    read = Surface.MANAGEMENT, Scope.CONTENT_READ
    sent = environ(text, REMOTE_ADDR=INSIDE)
    for asks in (False, True):
        for one in (ACME, OTHER):
            tell(replica, fence(organization=one, provider_only=asks))
            where = OrganizationId(one)
            ways = [
                partial(verifier.verify, text, where, INSIDE),
                partial(verifier.decide, sent, *read, None, where),
            ]
            counts = one in places or not asks
            expected = "allowed" if counts else "PROVIDER_REQUIRED"
            assert {verdict(way) for way in ways} == {expected}
            caller = verifier.verify(text, where, None)
            assert caller.is_vouched_in(where) is (one in places)
            assert verdict(partial(verifier.again, caller, INSIDE)) == expected


def test_what_is_told_anew_holds_at_once(verifier: Verifier, replica: Replica) -> None:
    """As soon as a provider counts no more, whom it let in is kept out; and the other way (S48)."""
    text = mint(Kind.SESSION)
    tell(replica, fence(provider_only=True))
    asked = partial(verifier.verify, text, OrganizationId(ACME), INSIDE)
    for places, code in (
        (None, "allowed"),
        ((OTHER,), "PROVIDER_REQUIRED"),
        ((ACME,), "allowed"),
        ((), "PROVIDER_REQUIRED"),
    ):
        tell(replica, record(text, authenticated_at=NOW, vouched_in=places))
        assert verdict(asked) == code


def test_an_office_that_does_not_say_where_closes(verifier: Verifier, replica: Replica) -> None:
    """What is told by an office of another release, which knows of no such bound, lets nobody in.

    So does what a gate of another release makes of ours: neither needs a version of the wire (R3).
    """
    text = mint(Kind.SESSION)
    ours = record(text, authenticated_at=NOW, vouched_in=(ACME,))
    told = msgspec.json.decode(encode(ours))
    del told["vouched_in"]
    theirs = decode(1, msgspec.json.encode({**told, "vouched": True}))
    assert version_of(ours) == version_of(theirs) == 1
    tell(replica, fence(provider_only=True), theirs)
    asked = partial(verifier.verify, text, OrganizationId(ACME), INSIDE)
    assert verdict(asked) == "PROVIDER_REQUIRED"


@pytest.mark.parametrize("places", [(-1,), (2**64,)])
def test_a_place_that_cannot_be_kept_stops_the_gate(
    replica: Replica, places: tuple[int, ...]
) -> None:
    """A gate that cannot hold what it is told of a session stops (R3)."""
    with pytest.raises(UnknownEventError):
        tell(replica, record(mint(Kind.SESSION), vouched_in=places))


@pytest.mark.parametrize("kind", [Kind.PERSONAL, Kind.SERVICE, Kind.EXCHANGED])
def test_no_token_needs_a_provider(verifier: Verifier, replica: Replica, kind: Kind) -> None:
    """Tokens go on where people have to come by a provider."""
    text = mint(kind)
    tell(replica, record(text), fence(provider_only=True))
    assert verdict(lambda: verifier.verify(text, None, INSIDE)) == "allowed"


def test_what_is_final_is_said_first(verifier: Verifier, replica: Replica) -> None:
    """Disabled and expired are said whatever the fence is, and the address before the roles."""
    text = mint()
    tell(replica, fence((), ()), record(text, bounds(state="disabled")))
    assert verdict(lambda: verifier.verify(text, None, INSIDE)) == "TOKEN_DISABLED"
    tell(replica, record(text, expires_at=NOW))
    assert verdict(lambda: verifier.verify(text, None, INSIDE)) == "TOKEN_EXPIRED"
    tell(replica, record(text))
    assert verdict(lambda: verifier.verify(text, None, INSIDE)) == "IP_NOT_ALLOWED"
    tell(replica, fence(HERE, ()))
    with pytest.raises(Denied) as caught:
        verifier.verify(text, None, INSIDE)
    assert not caught.value.meta


@pytest.mark.parametrize("ranges", [None, (), HERE])
@pytest.mark.parametrize("roles", [None, (), (DEV, READ)])
@pytest.mark.parametrize("provider", [False, True])
def test_it_is_read_as_it_was_written(ranges: Any, roles: Any, *, provider: bool) -> None:
    """What stands in the books says what was told of it all, nothing and none too."""
    told = read_fence(pack_fence(fence(ranges, roles, provider_only=provider)))
    if ranges is None and roles is None and not provider:
        assert told is None
        return
    assert told is not None
    assert told.provider_only is provider
    where = told.conditions.networks
    assert (None if where is None else where.spelled) == ranges
    packed = None if roles is None else {role.to_bytes(8, "big") for role in roles}
    assert told.roles == packed


class TestWire:
    def test_an_older_gate_stops(self) -> None:
        """A fence is told in a version that an older gate does not read (R3)."""
        plain, fenced = fence(), fence(HERE)
        assert (version_of(plain), version_of(fenced)) == (1, 3)
        assert version_of(fence(token_roles=())) == 3
        assert version_of(fence(HERE, provider_only=True)) == 5
        assert decode(3, encode(fenced)) == fenced
        assert decode(1, encode(plain)) == plain

    @pytest.mark.parametrize(
        "wrong", [{"ip_ranges": ("192.0.2.7/24",)}, {"ip_ranges": ("all",)}, {"token_roles": (-1,)}]
    )
    def test_what_cannot_be_kept_stops_the_gate(
        self, replica: Replica, wrong: dict[str, Any]
    ) -> None:
        """A gate that cannot hold a fence stops: it never opens without it (R3)."""
        with pytest.raises(UnknownEventError):
            tell(replica, fence(**wrong))
