"""From where, since when and how often: the laws that hold for all networks and rates."""

from __future__ import annotations

from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.access.conditions import NONE, Conditions, Rate
from counterfoil.access.networks import Networks, networks, read_networks
from counterfoil.kernel.errors import CounterfoilError, Denied, Invalid, Refused
from support.office import START

_NEAR_V4 = IPv4Network("192.0.2.0/24")
_NEAR_V6 = IPv6Network("2001:db8::/120")


@st.composite
def spelled_networks(draw: st.DrawFn) -> str:
    """A network, near to the others more often than not, so that sets of them overlap."""
    if draw(st.booleans()):
        first, bits = draw(st.integers(0, 255)), draw(st.integers(22, 32))
        return str(ip_network((int(_NEAR_V4[0]) + first, bits), strict=False))
    first, bits = draw(st.integers(0, 255)), draw(st.integers(116, 128))
    return str(ip_network((IPv6Network((int(_NEAR_V6[0]) + first, 128))[0], bits), strict=False))


addresses = st.one_of(
    st.integers(-300, 600).map(lambda n: str(_NEAR_V4[0] + n)),
    st.integers(-300, 600).map(lambda n: str(_NEAR_V6[0] + n)),
    st.ip_addresses().map(str),
)
sets = st.lists(spelled_networks(), max_size=6)
rates = st.builds(Rate, st.integers(1, 200), st.integers(1, 120))
instants = st.integers(0, 10).map(lambda hours: START + timedelta(hours=hours))
conditions = st.builds(
    Conditions, st.none() | sets.map(networks), st.none() | rates, st.none() | instants
)


def holds(one: Conditions, now: float, address: str) -> bool:
    """Say whether a request that comes now and from there meets conditions."""
    try:
        one.require(now, address)
    except CounterfoilError:
        return False
    return True


@given(sets, addresses)
def test_a_set_holds_what_the_library_says(spelled: list[str], address: str) -> None:
    """A set of networks holds an address exactly where one of its networks does."""
    known = any(ip_address(address) in ip_network(text) for text in spelled)
    assert networks(spelled).covers(address) is known


@given(sets, sets, addresses)
def test_sets_meet_and_lie_inside(one: list[str], other: list[str], address: str) -> None:
    """What is in both sets is in their meeting, and a set that lies inside holds nothing else."""
    mine, theirs = networks(one), networks(other)
    both = mine.meet(theirs)
    assert both.covers(address) is (mine.covers(address) and theirs.covers(address))
    assert both.lies_inside(mine)
    assert both.lies_inside(theirs)
    if mine.lies_inside(theirs) and mine.covers(address):
        assert theirs.covers(address)
    assert mine.lies_inside(theirs) is (both == mine)


@given(sets)
def test_a_set_is_written_in_one_way(spelled: list[str]) -> None:
    """However a set was written, it is written in one way from then on, and reads as itself."""
    found = networks(spelled)
    assert networks(found.spelled) == found == networks([*reversed(spelled), *spelled])
    assert hash(networks(found.spelled)) == hash(found)


@pytest.mark.parametrize("address", ["::ffff:192.0.2.7", "::ffff:c000:207", "192.0.2.7"])
def test_mapped_addresses_are_ipv4(address: str) -> None:
    """IPv4 in the dress of IPv6 is IPv4, on either side; all of IPv6 holds none of it."""
    assert networks(["192.0.2.0/24"]).covers(address)
    assert networks(["::ffff:192.0.2.0/120"]) == networks(["192.0.2.0/24"])
    assert not networks(["::/0"]).covers(address)


@pytest.mark.parametrize("address", ["", "unknown", "192.0.2", "1.2.3.4, 192.0.2.7", "fe80::1%a%b"])
def test_what_is_no_address_is_nowhere(address: str) -> None:
    """An address that cannot be read is in no network, not even in all of them (I7)."""
    assert not networks(["0.0.0.0/0"]).covers(address)
    assert not Networks().covers("192.0.2.7")


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "all", "192.0.2.0/33", "192.0.2.0/-1", "192.0.2.0/255.255.255.0", "192.0.2.0/",
        "192.0.2.7/24", "2001:db8::1/64", "2001:db8::/129", "192.0.2.0/24,192.0.3.0/24",
        "fe80::1%eth0/64", "3221225985", "192.000.002.000/24", "\uff11.0.2.0/24", "x" * 60,
    ],
)  # fmt: skip
def test_what_is_no_range_is_pointed_out(text: str) -> None:
    """What could be read in two ways is refused, and the answer points at it."""
    with pytest.raises(Invalid) as caught:
        read_networks(["192.0.2.0/24", text], "/ip_ranges")
    assert caught.value.field == "/ip_ranges/1"


def test_an_address_alone_is_a_range() -> None:
    """An address stands for itself alone, and networks that add up to one become it."""
    assert read_networks(["192.0.2.7"], "").spelled == ("192.0.2.7/32",)
    assert read_networks(["2001:DB8::7 "], "").spelled == ("2001:db8::7/128",)
    halves = read_networks(["192.0.2.128/25", "192.0.2.0/25", "192.0.2.9"], "")
    assert halves.spelled == ("192.0.2.0/24",)


@given(rates, rates)
def test_rates_only_narrow(one: Rate, other: Rate) -> None:
    """What two rates allow together is no more than either, at once and over time."""
    both = one.meet(other)
    for rate in (one, other):
        assert both.lies_inside(rate)
        assert both.requests <= rate.requests
        assert both.per_second <= rate.per_second * (1 + 1e-9)
    assert both.seconds <= max(one.seconds, other.seconds)
    if one.lies_inside(other):
        assert both == one


@given(conditions, conditions, addresses, st.integers(0, 11))
def test_conditions_only_narrow(
    one: Conditions, other: Conditions, address: str, hours: int
) -> None:
    """A request meets two conditions together where it meets each, and never more (I2)."""
    now = (START + timedelta(hours=hours)).timestamp()
    both = one.meet(other)
    assert holds(both, now, address) is (holds(one, now, address) and holds(other, now, address))
    assert both.lies_inside(one)
    assert both.lies_inside(other)
    assert one.lies_inside(NONE)
    assert NONE.lies_inside(one) is not bool(one)
    if one.lies_inside(other) and holds(one, now, address):
        assert holds(other, now, address)


def test_what_is_said_of_them() -> None:
    """Who comes too early is refused until that very instant; from elsewhere, denied for now."""
    later = Conditions(networks(["192.0.2.0/24"]), None, START)
    with pytest.raises(Refused) as early:
        later.require(START.timestamp() - 0.001, "192.0.2.7")
    assert early.value.code == "TOKEN_NOT_YET_VALID"
    later.require(START.timestamp(), "192.0.2.7")
    later.require(START.timestamp(), None)
    with pytest.raises(Denied) as elsewhere:
        later.require(START.timestamp(), "198.51.100.1")
    assert (elsewhere.value.code, elsewhere.value.meta) == (
        "IP_NOT_ALLOWED", {"address": "198.51.100.1"},
    )  # fmt: skip
