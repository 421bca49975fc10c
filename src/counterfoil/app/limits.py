"""Rate limits at the office's doors: counted for each token, by all workers of a host together.

The Management API has a fixed window; delivery and preview have a pace, where the policy sets one.
The policy's figures hold on the next request.

What ends a token or a session is counted apart, each kind of it for itself: whoever abuses a token
up to its limit must not keep it alive by that (S42).
"""

from __future__ import annotations

from math import ceil
from pathlib import Path
from typing import Final

from counterfoil.access.caller import Caller
from counterfoil.access.surface import Surface
from counterfoil.app.rules import RulesOf
from counterfoil.gate.limits import Count, Counters
from counterfoil.jsonapi.route import Route
from counterfoil.kernel.clock import Clock
from counterfoil.kernel.errors import Limited
from counterfoil.kernel.ids import TokenId
from counterfoil.operation import OPERATIONS

_MILLI: Final = 1_000
_ENDING: Final = (
    "token.surrender",
    "token.revoke",
    "token.revoke_mine",
    "token.disable",
    "api_token.revoke",
    "key_pair.revoke",
    "key_pair.disable",
    "user.deactivate",
    "user.sign_out",
)
LANES: Final = {name: number for number, name in enumerate(_ENDING, start=1)}
_SWITCHING: Final = frozenset({"token.edit", "api_token.edit", "key_pair.edit"})
"""Edits by which a token may be switched off: where their window is full they have that lane."""

_PACED: Final = (Surface.DELIVERY, Surface.PREVIEW)


class Ledger:
    """Counts requests, and says in headers how they stand to their limit."""

    def __init__(self, path: Path, rules: RulesOf, clock: Clock) -> None:
        self._counters = Counters(path, clock)
        self._rules = rules

    def count(self, route: Route, caller: Caller | None, headers: dict[str, str]) -> None:
        """Count a request, and put into `headers` what is left.

        Raises:
            Limited: RATE_LIMIT_EXCEEDED.
        """
        who = None if caller is None else caller.counted_as
        if caller is None or who is None:
            return
        limit, window_ms, rate, _ = self._rules(caller.organization)
        doing = OPERATIONS.get(route.operation)
        if doing is None or doing.surface not in _PACED:
            count = self._in_window(route.operation, who, limit, window_ms)
            window_s = ceil(window_ms / _MILLI)
        elif rate > 0:
            count = self._counters.pace(who, rate, max(1, ceil(rate)))
            window_s = 1
        else:
            return
        headers.update(_told(count, window_s))
        if not count.allowed:
            headers["Retry-After"] = str(max(1, ceil(count.retry_s)))
            raise Limited(
                detail="This token makes more requests than its organization allows.",
                meta={"violated-policies": ["token"], "limit": count.limit},
            )

    def _in_window(self, doing: str, who: TokenId, limit: int, window_ms: int) -> Count:
        count = self._counters.window(who, limit, window_ms, LANES.get(doing, 0))
        if not count.allowed and doing in _SWITCHING:
            return self._counters.window(who, limit, window_ms, LANES["token.disable"])
        return count

    def close(self) -> None:
        """Give the counters back."""
        self._counters.close()


def _told(count: Count, window_s: int) -> dict[str, str]:
    """Say it as DatoCMS's clients read it (seconds to wait), and as the draft standard will."""
    reset_s = max(0, ceil(count.reset_s))
    return {
        "X-RateLimit-Limit": str(count.limit),
        "X-RateLimit-Remaining": str(count.remaining),
        "X-RateLimit-Reset": str(reset_s),
        "RateLimit-Policy": f'"token";q={count.limit};w={window_s}',
        "RateLimit": f'"token";r={count.remaining};t={reset_s}',
    }
