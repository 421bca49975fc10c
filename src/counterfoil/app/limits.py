"""Rate limits at the office's doors: counted for each token, by all workers of a host together.

The Management API has a fixed window; delivery and preview have a pace, where the policy sets one.
A token may have a pace of its own besides. The figures of either hold on the next request.

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
from counterfoil.gate import pace
from counterfoil.gate.limits import Count, Counters
from counterfoil.gate.pace import Told
from counterfoil.jsonapi.route import Route
from counterfoil.kernel.clock import Clock
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
        own = self._own(route, caller)
        organizations = self._organizations(route, caller, who)
        if own is None and organizations is None:
            return
        told = [one for one in (own, organizations) if one is not None]
        headers.update(pace.headers(told))
        pace.require_patience(told)

    def _own(self, route: Route, caller: Caller) -> Told | None:
        """Count it in the token's own rate, which never keeps anybody from ending something."""
        if caller.grant.conditions.rate is None:
            return None
        if route.operation in LANES or route.operation in _SWITCHING:
            return None
        return pace.counted(self._counters, caller)

    def _organizations(self, route: Route, caller: Caller, who: TokenId) -> Told | None:
        """Count it in what the organization allows each of its tokens."""
        limit, window_ms, rate, _ = self._rules(caller.organization)
        doing = OPERATIONS.get(route.operation)
        if doing is None or doing.surface not in _PACED:
            count = self._in_window(route.operation, who, limit, window_ms)
            return Told(pace.ORGANIZATIONS, count, ceil(window_ms / _MILLI))
        if rate > 0:
            return pace.counted_by_policy(self._counters, caller, rate)
        return None

    def _in_window(self, doing: str, who: TokenId, limit: int, window_ms: int) -> Count:
        count = self._counters.window(who, limit, window_ms, LANES.get(doing, 0))
        if not count.allowed and doing in _SWITCHING:
            return self._counters.window(who, limit, window_ms, LANES["token.disable"])
        return count

    def close(self) -> None:
        """Give the counters back."""
        self._counters.close()
