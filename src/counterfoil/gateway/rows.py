"""What stands on record of one decision."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Final

from counterfoil.access.caller import Caller, Method
from counterfoil.gate.asked import About, Let, Wanted
from counterfoil.gate.record.decided import Decided
from counterfoil.routing.address import METHOD
from counterfoil.routing.table import SAFE
from counterfoil.secret import redacted

AGENT_CHARS: Final = 256
ADDRESS_CHARS: Final = 64
_MICRO: Final = 1_000_000
_REMEMBERED: Final = 256

_METHODS: Final = {method: method.value for method in Method}


def row(  # noqa: PLR0917 - all that a row is made of
    at: float,
    caller: Caller,
    known: Let | About,
    wanted: Wanted,
    outcome: str,
    id_: str,
    late: float,
) -> Decided:
    """Return the row of one decision.

    Args:
        at: when it was made, in seconds.
        caller: whose token it was.
        known: what the gate knows of what was asked.
        wanted: what was asked.
        outcome: as `Decided` says.
        id_: the request's.
        late: for how many seconds the gate had no lease then.
    """
    route, method = known.route, wanted.method
    if route is None:
        said = method if METHOD.fullmatch(method) else None
        changes = method not in SAFE
    else:
        said, changes = f"{method} {route.path}", route.changes or method not in SAFE
    return Decided(
        int(at * _MICRO),
        caller.organization,
        caller.user,
        caller.token,
        caller.token_name,
        caller.issuer,
        _METHODS[caller.method],
        wanted.api,
        said,
        changes,
        known.node,
        outcome,
        id_,
        wanted.address[:ADDRESS_CHARS],
        agent_of(wanted.agent),
        math.ceil(late) if late else 0,
    )


def late_s(known: Let | About | None) -> float:
    """Return for how long the gate had no lease, where it let something pass all the same."""
    return known.late_s if isinstance(known, Let) else 0.0


@lru_cache(maxsize=_REMEMBERED)
def agent_of(said: str) -> str:
    """Return what a client calls itself, without what may be a secret in it."""
    return redacted(said)[:AGENT_CHARS]
