"""Counting what tokens are used for: cheap, together with all threads, and within bounds."""

from __future__ import annotations

import threading
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.access.caller import Caller, Method
from counterfoil.access.grant import Grant
from counterfoil.access.surface import Surface
from counterfoil.gate.record.usage import (
    OTHER,
    PER_TOKEN,
    REMEMBERED,
    Names,
    Outcome,
    Usage,
    client_of,
    prefix_of,
)
from counterfoil.kernel.entropy import system_entropy
from counterfoil.kernel.ids import OrganizationId, TokenId
from counterfoil.secret import Kind, Secret
from support.office import ACME, StandingClock

HERE, THERE = "192.0.2.7", "198.51.100.9"


def bearer(token: int = 1, parent: int | None = None) -> Caller:
    pair = None if parent is None else TokenId(parent)
    return Caller(ACME, None, Method.SERVICE, Grant(()), TokenId(token), parent=pair)


def use(usage: Usage, who: Caller, agent: str = "curl/8.5.0", address: str = HERE) -> None:
    usage.count(who, Surface.DELIVERY, Outcome.ALLOWED, agent, address)


def test_the_same_use_is_one_count(clock: StandingClock) -> None:
    """Token, outcome, surface, client and network are told apart, and the last time is kept."""
    usage = Usage(clock)
    use(usage, bearer())
    clock.move_on(seconds=5)
    use(usage, bearer(), "curl/8.5.0 (some machine)", "192.0.2.99")
    use(usage, bearer(), address=THERE)
    usage.count(bearer(), Surface.MANAGEMENT, Outcome.FORBIDDEN, "", "")
    counts = {tuple(one)[1:]: told for one, told in usage.take().items()}
    last = clock.seconds()
    first = last - 5
    assert counts == {
        (Surface.DELIVERY, "allowed", "curl/8.5.0", "192.0.2.0/24"): (2, last, first),
        (Surface.DELIVERY, "allowed", "curl/8.5.0", "198.51.100.0/24"): (1, last, last),
        (Surface.MANAGEMENT, "forbidden", OTHER, OTHER): (1, last, last),
    }
    assert usage.take() == {}


def test_a_pair_is_counted_for_its_tokens(clock: StandingClock) -> None:
    """What tokens do that were given for a pair counts as the pair's (A23)."""
    usage = Usage(clock)
    use(usage, bearer(1, parent=9))
    use(usage, bearer(2, parent=9))
    ((one, told),) = usage.take().items()
    assert (one.who, told.times) == ((ACME, 9), 2)


@given(st.lists(st.tuples(st.integers(1, 3), st.integers(0, 80), st.integers(0, 80)), max_size=300))
def test_hostile_clients_have_a_bound(seen: list[tuple[int, int, int]]) -> None:
    """Whatever clients call themselves, nothing is lost, and a token has so many names and no more.

    What others send costs a token none of its room (S42).
    """
    usage = Usage(StandingClock())
    for token, agent, network in seen:
        use(usage, bearer(token), f"agent-{agent}/1", f"10.0.{network}.1")
    found = usage.take()
    total: Counter[object] = Counter()
    named: Counter[object] = Counter()
    for one, told in found.items():
        total[one.who] += told.times
        named[one.who] += one.client != OTHER
    assert total == Counter((ACME, token) for token, _, _ in seen)
    assert all(count <= PER_TOKEN for count in named.values())
    asked = {(ACME, token): len({one for one in seen if one[0] == token}) for token, _, _ in seen}
    assert all(named[who] == min(PER_TOKEN, count) for who, count in asked.items())


def test_memory_has_a_bound(clock: StandingClock) -> None:
    """However many tokens are used in a turn, and secrets are tried, memory stops growing (S42)."""
    usage = Usage(clock, most=10, strangers=5)
    for token in range(100):
        use(usage, bearer(token))
        usage.count_refused(
            token.to_bytes(32), Surface.DELIVERY, Outcome.REVOKED, f"guess/{token}", HERE
        )
    found = usage.take()
    assert sum(isinstance(one.who, bytes) for one in found) == 5
    assert len(found) <= 20


def test_no_name_is_remembered_for_ever() -> None:
    """A client that invents a name for each request does not fill what is remembered (S42)."""
    names = Names(client_of)
    for number in range(3 * REMEMBERED):
        assert names[f"agent/{number} (x)"] == f"agent/{number}"
        assert len(names) <= REMEMBERED


def test_threads_count_together(clock: StandingClock) -> None:
    """Threads that count at once, while another takes, lose nothing and add nothing."""
    usage, taken = Usage(clock), Counter[str]()
    stop = threading.Event()

    def take() -> None:
        for one, told in usage.take().items():
            taken[one.client] += told.times

    def taker() -> None:
        while not stop.is_set():
            take()

    def work(name: str) -> None:
        for _ in range(2_000):
            use(usage, bearer(), name)

    threads = [threading.Thread(target=work, args=(f"client/{n % 2}",)) for n in range(4)]
    other = threading.Thread(target=taker)
    for thread in (*threads, other):
        thread.start()
    for thread in threads:
        thread.join()
    stop.set()
    other.join()
    take()
    assert taken == {"client/0": 4_000, "client/1": 4_000}


def test_what_is_given_back_counts_again(clock: StandingClock) -> None:
    """Counts that could not be written are added to those that came meanwhile."""
    usage = Usage(clock)
    use(usage, bearer())
    taken = usage.take()
    clock.move_on(seconds=3)
    use(usage, bearer())
    usage.give_back(taken)
    ((_, told),) = usage.take().items()
    assert told == (2, clock.seconds(), clock.seconds() - 3)


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        ("curl/8.5.0", "curl/8.5.0"),
        ("Mozilla/5.0 (X11; Linux x86_64) Firefox/130", "Mozilla/5.0"),
        ("@datocms/cma-client-node/3.4", "@datocms/cma-client-node/3.4"),
        ("  dx  ", "dx"),
        ("", OTHER),
        ("é", OTHER),
        ("x" * 49, OTHER),
        ("a\tb", "a"),
    ],
)
def test_clients(agent: str, name: str) -> None:
    """A client is the first product that its user agent names, if that can be one."""
    assert client_of(agent) == name


def test_a_token_is_no_name_of_a_client() -> None:
    """Who sends a token as their user agent finds a hint in the books, and no secret (S10)."""
    secret = Secret.mint(Kind.PERSONAL, system_entropy)
    assert client_of(secret.reveal()) in {secret.hint, OTHER}


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.0/24"),
        ("::ffff:192.0.2.7", "192.0.2.0/24"),
        ("2001:db8:1:2::3", "2001:db8:1::/48"),
        ("", OTHER),
        ("unix:", OTHER),
    ],
)
def test_networks(address: str, network: str) -> None:
    """A network is a /24 of IPv4 or a /48 of IPv6; no whole address is kept."""
    assert prefix_of(address) == network


def test_organizations_are_apart(clock: StandingClock) -> None:
    """A token that speaks in several organizations is counted where it acted (K13)."""
    usage, other = Usage(clock), OrganizationId(ACME + 1)
    use(usage, bearer())
    use(usage, Caller(other, None, Method.PERSONAL, Grant(()), TokenId(1)))
    assert {one.who for one in usage.take()} == {(ACME, 1), (other, 1)}
