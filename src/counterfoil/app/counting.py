"""Which use of which token a request was, once it is answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeAlias

from counterfoil.access.caller import Caller, Method, Origin
from counterfoil.access.surface import Surface
from counterfoil.app.known import ELSEWHERE
from counterfoil.gate.credential import present
from counterfoil.gate.middleware_wsgi import CALLER
from counterfoil.gate.record.usage import REFUSED_AS, Outcome, Usage, outcome_of
from counterfoil.jsonapi.desk import FAILED, KNOWN, ORIGIN, REFUSAL, ROUTE
from counterfoil.jsonapi.route import Route
from counterfoil.kernel.errors import Code, CounterfoilError
from counterfoil.operation import Operation
from counterfoil.secret import DEFAULT_PREFIX, once_known_as

Counting: TypeAlias = Callable[[Mapping[str, Any]], None]
Verified: TypeAlias = Callable[[Surface, Code | None, Code | None], None]

SCRAPED: Final = "GET /metrics"
"""Where the credential is the operator's own, and no token."""

_COUNTED: Final = frozenset({Method.PERSONAL, Method.SERVICE, Method.EXCHANGED})
"""Sessions come and go in numbers, and nobody asks when one was last used."""


def counting(
    usage: Usage,
    routes: Sequence[Route],
    operations: Mapping[str, Operation],
    prefix: str = DEFAULT_PREFIX,
    verified: Verified | None = None,
) -> Counting:
    """Return what counts a request that was answered, by what its environment says.

    `verified` hears where a credential was shown, why it was refused, and why its request failed.
    """
    surfaces = {f"{one.method} {one.path}": _surface(one, operations) for one in routes}

    def count(environ: Mapping[str, Any]) -> None:
        caller: Caller | None = environ.get(CALLER)
        refusal: CounterfoilError | None = environ.get(REFUSAL)
        if caller is None and (refusal is None or environ.get(ROUTE) == SCRAPED):
            return
        surface = surfaces.get(environ.get(ROUTE, ""), Surface.MANAGEMENT)
        origin: Origin = environ[ORIGIN]
        if verified is not None:
            verified(surface, None if refusal is None else refusal.code, environ.get(FAILED))
        if refusal is not None:
            _count_refused(usage, environ, refusal.code, surface, prefix)
        elif caller is not None and caller.method in _COUNTED:
            failed: Code | None = environ.get(FAILED)
            outcome = Outcome.ALLOWED if failed is None else outcome_of(failed)
            usage.count(caller, surface, outcome, origin.agent, origin.address)

    return count


def _surface(route: Route, operations: Mapping[str, Operation]) -> Surface:
    """Return where a route is counted; what a token may do of itself counts as management."""
    doing = operations.get(route.operation)
    return (doing and doing.surface) or Surface.MANAGEMENT


def _count_refused(
    usage: Usage, environ: Mapping[str, Any], code: Code, surface: Surface, prefix: str
) -> None:
    """Count a token that the gate refused, also one that is good, but not there or from there."""
    origin: Origin = environ[ORIGIN]
    known: Caller | None = environ.get(KNOWN)
    if code in ELSEWHERE and known is not None and known.method in _COUNTED:
        usage.count(known, surface, Outcome.FORBIDDEN, origin.agent, origin.address)
    outcome = REFUSED_AS.get(code)
    key = None if outcome is None else _digest(environ, prefix)
    if outcome is not None and key is not None:
        usage.count_refused(key, surface, outcome, origin.agent, origin.address)


def _digest(environ: Mapping[str, Any], prefix: str) -> bytes | None:
    """Return what the books would know a refused token by; None for what never was one."""
    try:
        presented = present(environ, prefix)
        if presented is None:
            return None
    except CounterfoilError:
        return None
    return once_known_as(presented, prefix)
