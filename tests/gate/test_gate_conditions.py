"""At the gate: from where a token may be used, since when, and how often."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from counterfoil.access.scope import Scope
from counterfoil.access.surface import Surface
from counterfoil.feed.codec import VERSION, UnknownEventError, decode, encode, version_of
from counterfoil.feed.event import TokenRecorded
from counterfoil.gate import grants
from counterfoil.gate.replica import Replica
from counterfoil.gate.verifier import Verifier
from counterfoil.kernel.errors import CounterfoilError
from counterfoil.kernel.ids import NodeId
from counterfoil.secret import Kind
from support.gate import (
    ACME,
    BASE,
    NOW,
    OTHER,
    POST,
    PRESS,
    PUBLIC,
    SECOND,
    ListFeed,
    bounds,
    environ,
    everything,
    mint,
    record,
    tell,
    under,
)  # fmt: skip
from support.office import StandingClock

HERE = ("192.0.2.0/24", "2001:db8::/32")
INSIDE = "192.0.2.7"
OUTSIDE = "198.51.100.1"


def verdict(verify: Callable[[], object]) -> str:
    """What becomes of a token: the code of its refusal, or `allowed`."""
    try:
        verify()
    except CounterfoilError as error:
        return str(error.code)
    return "allowed"


@pytest.mark.parametrize(
    ("address", "said"),
    [
        (INSIDE, "allowed"), ("::ffff:192.0.2.7", "allowed"), ("2001:db8:1::1", "allowed"),
        (OUTSIDE, "IP_NOT_ALLOWED"), ("2001:db9::1", "IP_NOT_ALLOWED"), ("", "IP_NOT_ALLOWED"),
        ("nonsense", "IP_NOT_ALLOWED"),
    ],
)  # fmt: skip
def test_from_where(verifier: Verifier, replica: Replica, address: str, said: str) -> None:
    """A token bound to networks is good from there alone, whichever way it is asked for (S12)."""
    text = mint()
    tell(replica, record(text, under(networks=HERE)))
    sent = environ(text, REMOTE_ADDR=address, HTTP_X_FORWARDED_FOR=INSIDE)
    for _ in range(2):  # the second time it may be remembered
        assert verdict(lambda: verifier.verify(text, None, address)) == said
        assert verdict(lambda: verifier.decide(sent, Surface.DELIVERY, Scope.CONTENT_READ)) == said
        assert verdict(lambda: verifier.decide_custom(sent, "content:read")) in {
            said, "INSUFFICIENT_SCOPE", "allowed" if said == "allowed" else said,
        }  # fmt: skip
    assert verifier.verify(text, None, None).token == BASE + 101


def test_it_is_said_before_what_it_asks_for(verifier: Verifier, replica: Replica) -> None:
    """From elsewhere nobody learns what a token could do: not even a node is looked at (I6)."""
    text = mint()
    tell(replica, record(text, under(bounds(scopes=0, surfaces=0), networks=HERE)))
    sent = environ(text, REMOTE_ADDR=OUTSIDE)
    for node in (None, NodeId(POST), NodeId(BASE)):
        asked = lambda node=node: verifier.decide(  # noqa: E731
            sent, Surface.MANAGEMENT, Scope.CONTENT_WRITE, node
        )
        assert verdict(asked) == "IP_NOT_ALLOWED"


def test_not_before(verifier: Verifier, replica: Replica, clock: StandingClock) -> None:
    """A token works from its very instant on, not one microsecond before, also set back again."""
    text = mint()
    tell(replica, record(text, under(not_before=NOW + 10 * SECOND)))
    sent = environ(text)

    def now() -> str:
        said = verdict(lambda: verifier.verify(text))
        decided = lambda: verifier.decide(sent, Surface.DELIVERY, Scope.CONTENT_READ)  # noqa: E731
        assert verdict(decided) == said
        return said

    clock.move_on(microseconds=10 * SECOND - 1)
    assert now() == "TOKEN_NOT_YET_VALID"
    clock.move_on(microseconds=1)
    assert now() == "allowed"
    clock.move_on(seconds=-5)
    assert now() == "TOKEN_NOT_YET_VALID"


def test_what_is_final_is_said_first(verifier: Verifier, replica: Replica) -> None:
    """Pending, disabled and expired are said whatever the conditions are."""
    text = mint()
    grant = under(bounds(state="disabled"), networks=(), not_before=NOW + SECOND)
    tell(replica, record(text, grant))
    assert verdict(lambda: verifier.verify(text)) == "TOKEN_DISABLED"
    tell(replica, record(text, under(networks=()), expires_at=NOW))
    assert verdict(lambda: verifier.verify(text)) == "TOKEN_EXPIRED"


def test_narrowed_at_once(verifier: Verifier, replica: Replica) -> None:
    """Networks that are taken away are gone at the next look, of whoever was verified before."""
    text = mint()
    tell(replica, record(text, under(networks=HERE)))
    caller = verifier.verify(text, None, INSIDE)
    tell(replica, record(text, under(networks=("203.0.113.0/24",))))
    assert verdict(lambda: verifier.again(caller, INSIDE)) == "IP_NOT_ALLOWED"
    assert verdict(lambda: verifier.verify(text, None, INSIDE)) == "IP_NOT_ALLOWED"
    assert verdict(lambda: verifier.verify(text, None, "203.0.113.9")) == "allowed"


def test_each_organization_its_own(verifier: Verifier, replica: Replica) -> None:
    """A token that speaks in several organizations has the conditions of the one it names (K13)."""
    text = mint(Kind.PERSONAL)
    tell(replica, record(text, under(networks=HERE), under(bounds(OTHER), networks=None)))
    assert verdict(lambda: verifier.verify(text, ACME, OUTSIDE)) == "IP_NOT_ALLOWED"  # type: ignore[arg-type]
    assert verdict(lambda: verifier.verify(text, ACME, INSIDE)) == "allowed"  # type: ignore[arg-type]


def test_beside_all_other_bounds(replica: Replica, clock: StandingClock) -> None:
    """Conditions stand beside roots, a ceiling and custom scopes, and change none of them."""
    text, plain = mint(), mint()
    told = bounds(roots=(PUBLIC, PRESS), custom=(70, 71), ceiling=(PUBLIC,), scopes=7)
    tell(replica, record(plain, told, token=BASE + 102))
    tell(replica, record(text, under(told, networks=HERE, rate=(9, 60), not_before=NOW)))
    verifier = Verifier(replica, clock)
    conditioned = verifier.verify(text, None, INSIDE).grant
    assert (
        msgspec.structs.replace(conditioned, conditions=verifier.verify(plain).grant.conditions)
        == verifier.verify(plain).grant
    )
    assert conditioned.conditions.rate is not None
    assert conditioned.conditions.networks is not None
    assert conditioned.conditions.networks.spelled == HERE


def test_a_rebuilt_replica_is_the_same(tmp_path: Path, replica: Replica) -> None:
    """A replica that was built anew holds the conditions byte for byte as one that followed."""
    event = record(mint(), under(networks=HERE, rate=(100, 60), not_before=NOW))
    tell(replica, event)
    fresh = Replica(tmp_path / "fresh")
    fresh.rebuild(ListFeed(records=everything([event])))
    before, after = replica.dump(), fresh.dump()
    fresh.close()
    assert before["tokens"] == after["tokens"]


class TestWire:
    def test_an_older_event_is_read(self) -> None:
        """What an office wrote before there were conditions is read, and holds none."""
        body = json.loads(encode(record(mint())))
        for name in ("networks", "rate", "not_before"):
            for grant in body["grants"]:
                del grant[name]
        event = decode(1, json.dumps(body).encode())
        assert isinstance(event, TokenRecorded)
        assert not event.grants[0].conditional

    def test_an_older_gate_stops(self) -> None:
        """A token with conditions is told in a version that an older gate does not read (R3)."""
        plain, later = record(mint()), record(mint(), under(not_before=NOW))
        assert (version_of(plain), version_of(later)) == (1, 2)
        assert decode(2, encode(later)) == later
        with pytest.raises(UnknownEventError):
            decode(VERSION + 1, encode(later))
        with pytest.raises(UnknownEventError):
            decode(0, encode(plain))

    @pytest.mark.parametrize(
        "wrong",
        [{"networks": ("192.0.2.7/24",)}, {"networks": ("all",)}, {"rate": (0, 60)},
         {"rate": (1, 0)}, {"rate": (1, 2**32)}],
    )  # fmt: skip
    def test_what_cannot_be_kept_stops_the_gate(
        self, replica: Replica, wrong: dict[str, Any]
    ) -> None:
        """A gate that cannot hold a condition stops: it never keeps the token without it (R3)."""
        with pytest.raises(UnknownEventError):
            tell(replica, record(mint(), under(**wrong)))


def test_networks_are_read_once(replica: Replica, clock: StandingClock) -> None:
    """Fifty networks are read when a process first meets them, and not at each request."""
    text = mint()
    many = tuple(f"10.{n}.0.0/24" for n in range(50))
    tell(replica, record(text, under(networks=many)))
    verifier = Verifier(replica, clock)
    verifier.verify(text, None, "10.3.0.9")
    read = grants.grant.cache_info().misses
    for n in range(50):
        verifier.verify(text, None, f"10.{n}.0.9")
        tell(replica, record(mint(), token=BASE + 500 + n))  # another state each time
    assert grants.grant.cache_info().misses <= read + 1
