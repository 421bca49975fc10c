"""What is unlike a token, decided by rules alone: no clock, no table, no server."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.access.surface import Surface
from counterfoil.gate.record.usage import OTHER, Outcome
from counterfoil.tokens.suspicion import (
    BURST,
    LEARNING,
    RETRIES,
    ROAMING,
    attempts,
    is_burst,
    is_news,
    product_of,
    told_of_refusals,
)
from counterfoil.tokens.usage_model import HOUR, Bucket
from support.office import START

HOME = "192.0.2.0/24"


def refused(
    count: int,
    client: str = "curl/8",
    network: str = HOME,
    outcome: Outcome = Outcome.FORBIDDEN,
    ago: int = 0,
) -> Bucket:
    return Bucket(START - ago * HOUR, Surface.DELIVERY, outcome, client, network, count)


class TestNews:
    KNOWN = {HOME: START}  # noqa: RUF012 - nobody changes it

    def test_a_day_of_learning(self) -> None:
        """Within a day of its first use nothing is new, and from then on it is (G12h)."""
        assert not is_news("10.0.0.0/24", {}, START)
        assert not is_news("10.0.0.0/24", self.KNOWN, START + LEARNING - timedelta(seconds=1))
        assert is_news("10.0.0.0/24", self.KNOWN, START + LEARNING)

    def test_what_is_known_stays_so(self) -> None:
        """Where it came from before, and what has no name, is never new (G12h)."""
        late = START + timedelta(days=400)
        assert not is_news(HOME, self.KNOWN, late)
        assert not is_news(OTHER, self.KNOWN, late)

    def test_who_comes_from_everywhere(self) -> None:
        """A token that runs on many machines is not flagged for each one more (G12h)."""
        many = {f"10.0.{number}.0/24": START for number in range(ROAMING)}
        assert not is_news("10.9.9.0/24", many, START + timedelta(days=30))
        many.popitem()
        assert is_news("10.9.9.0/24", many, START + timedelta(days=30))

    @pytest.mark.parametrize(
        ("client", "product"),
        [
            ("curl/8.5.0", "curl"),
            ("@datocms/cma-client-node/3.4", "@datocms/cma-client-node"),
            ("@datocms/cma-client-node", "@datocms/cma-client-node"),
            ("dx", "dx"),
            ("/1", "/1"),
        ],
    )
    def test_an_upgrade_is_no_news(self, client: str, product: str) -> None:
        """A client is the same in its next version (G12h)."""
        assert product_of(client) == product


class TestBursts:
    def test_retries_are_one_attempt(self) -> None:
        """A client that asks four times before it gives up has tried once (G12h)."""
        assert attempts([refused(RETRIES)]) == 1
        assert attempts([refused(RETRIES + 1)]) == 2
        assert attempts([refused(2), refused(2, outcome=Outcome.EXPIRED)]) == 1
        assert attempts([refused(1), refused(1, "other/1"), refused(1, network="10.0.0.0/24")]) == 3

    @pytest.mark.parametrize("outcome", [Outcome.ALLOWED, Outcome.LIMITED, Outcome.PENDING])
    def test_what_is_no_refusal(self, outcome: Outcome) -> None:
        """Who is let in, comes too often or waits for approval tries nothing (G12h)."""
        assert attempts([refused(10_000, outcome=outcome)]) == 0

    def test_a_burst(self) -> None:
        """So many attempts within an hour are a burst, one fewer is none (G12h)."""
        assert is_burst([refused(BURST * RETRIES)], {})
        assert not is_burst([refused((BURST - 1) * RETRIES)], {})

    def test_what_always_fails(self) -> None:
        """A client that failed as often all week is no burst now, but thrice as often is (G12h)."""
        week = {START - ago * HOUR: [refused(200, ago=ago)] for ago in range(1, 100)}
        assert not is_burst([refused(200)], week)
        assert not is_burst([refused(599)], {START: [refused(800)]})
        assert is_burst([refused(600)], week)

    @given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 500)), max_size=20))
    def test_more_is_never_less(self, seen: list[tuple[str, int]]) -> None:
        """One more refusal never makes fewer attempts of them, and all are within the count."""
        buckets = [refused(count, client) for client, count in seen]
        total = sum(count for _, count in seen)
        assert total / RETRIES <= attempts(buckets) <= total
        assert attempts([*buckets, refused(1)]) >= attempts(buckets)

    def test_it_says_why(self) -> None:
        """The sentence names how many, the usual outcome, and who did most of it (G12h)."""
        count, said = told_of_refusals([
            refused(30, outcome=Outcome.REVOKED),
            refused(5, "dx/1", "10.0.0.0/24"),
            refused(900, outcome=Outcome.ALLOWED),
        ])  # fmt: skip
        assert count == 35
        assert said == (
            "35 requests were refused within an hour, most as revoked, "
            "and most of curl/8 from 192.0.2.0/24."
        )
