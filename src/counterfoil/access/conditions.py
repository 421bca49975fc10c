"""Conditions: from where, since when and how often a grant may be used, whatever it allows.

They are judged at each request of a token that has any, before what it asks for is looked at. Like
all of a grant they only ever narrow (I2), and they are compared one by one.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final, Protocol, Self, TypeVar

import msgspec

from counterfoil.access.networks import Networks
from counterfoil.kernel.clock import micros, spell_instant
from counterfoil.kernel.errors import Code, Denied, Refused

MOST_REQUESTS: Final = 1_000_000
LONGEST_S: Final = 86_400
"""The largest figures of a rate: a million requests, a day."""

_MICRO: Final = 1_000_000


class _Bound(Protocol):
    def lies_inside(self, other: Self, /) -> bool: ...

    def meet(self, other: Self, /) -> Self: ...


B = TypeVar("B", bound=_Bound)


class Rate(msgspec.Struct, frozen=True):
    """So many requests in so many seconds, evenly: as many at once, then one every `gap_s`."""

    requests: int
    seconds: int

    @property
    def per_second(self) -> float:
        """How many requests a second it comes to."""
        return self.requests / self.seconds

    def lies_inside(self, other: Rate) -> bool:
        """Say whether it allows no more, neither at once nor over time."""
        return (
            self.requests <= other.requests
            and self.requests * other.seconds <= other.requests * self.seconds
        )

    def meet(self, other: Rate) -> Rate:
        """Return what both allow: the smaller number at once, and over time no more than either."""
        fewest = min(self.requests, other.requests)
        seconds = max(-(-fewest * one.seconds // one.requests) for one in (self, other))
        return Rate(fewest, seconds)


class Conditions(msgspec.Struct, frozen=True):
    """What a request must meet besides. Each is None where there is no such condition.

    Attributes:
        networks: the addresses it may come from; the empty set for none at all.
        rate: how often it may come, counted for each token on each host.
        not_before: the instant from which on the token works.
    """

    networks: Networks | None = None
    rate: Rate | None = None
    not_before: datetime | None = None

    def __bool__(self) -> bool:
        return self != NONE

    def require(self, now: float, address: str | None) -> None:
        """Return if a request may come now and from there. How often is counted where it is served.

        Args:
            now: Unix seconds.
            address: as the server knows it; None where nobody comes from anywhere, as when the
                office does later what was asked before.

        Raises:
            Refused: TOKEN_NOT_YET_VALID.
            Denied: IP_NOT_ALLOWED. It names the address, and never those that would do: whoever
                found a token need not hear from where to use it.
        """
        if self.not_before is not None and now < micros(self.not_before) / _MICRO:
            raise Refused(
                Code.TOKEN_NOT_YET_VALID,
                "The access token does not work yet.",
                meta={"not_before": spell_instant(self.not_before)},
            )
        if self.networks is None or address is None or self.networks.covers(address):
            return
        raise Denied(
            Code.IP_NOT_ALLOWED,
            "This token may not be used from your address.",
            meta={"address": address},
        )

    def begun(self, now: datetime) -> bool:
        """Say whether its time has come."""
        return self.not_before is None or now >= self.not_before

    def lies_inside(self, other: Conditions) -> bool:
        """Say whether what meets these meets the others too."""
        return (
            _inside(self.networks, other.networks)
            and _inside(self.rate, other.rate)
            and (
                other.not_before is None
                or (self.not_before is not None and self.not_before >= other.not_before)
            )
        )

    def meet(self, other: Conditions) -> Conditions:
        """Return the conditions that ask for both."""
        starts = [at for at in (self.not_before, other.not_before) if at is not None]
        return Conditions(
            networks=_both(self.networks, other.networks),
            rate=_both(self.rate, other.rate),
            not_before=max(starts, default=None),
        )


NONE: Final = Conditions()
"""No condition at all."""


def _inside(one: B | None, other: B | None) -> bool:
    return other is None or (one is not None and one.lies_inside(other))


def _both(one: B | None, other: B | None) -> B | None:
    if one is None or other is None:
        return other if one is None else one
    return one.meet(other)
