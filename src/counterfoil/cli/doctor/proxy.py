"""A proxy in front of an API, as a client sees it: whether it asks the gate about everything.

Each probe is a GET to the address that was named, or to one beside it that no table lists, with
headers that a client might try. What the gate itself refuses is known by its code.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from counterfoil.cli.doctor.finding import Finding, bad, doubtful, good
from counterfoil.cli.doctor.forged import DEPLOY, forged_address, forged_identity, taken_identity
from counterfoil.cli.doctor.stand_in import Arrivals
from counterfoil.cli.doctor.way import UnreachableError, Way
from counterfoil.kernel.errors import Code

_OK: Final = range(200, 300)
_UNAUTHORIZED: Final = 401
_FORBIDDEN: Final = 403
_TOO_FAST: Final = 429
_TO_HTTP2: Final = {
    "Connection": "Upgrade, HTTP2-Settings",
    "Upgrade": "h2c",
    "HTTP2-Settings": "AAMAAABkAAQAAP__",
}
_MOST: Final = 60
"""So many requests are sent at most to come to the end of a rate."""


class Worse(NamedTuple):
    """Tokens that shall be refused at the address, each for a reason of its own; None if not given.

    Attributes:
        expired: one whose time is over.
        outside: one that is restricted to other nodes.
        limited: one with a rate, of fewer than 60 requests.
    """

    expired: str | None = None
    outside: str | None = None
    limited: str | None = None


_NONE: Final = Worse()


def look(
    way: Way, token: str, worse: Worse = _NONE, arrivals: Arrivals | None = None
) -> Iterator[Finding]:
    """Yield what each probe found; the first ones say whether there is a gate at all.

    Args:
        way: through the proxy.
        token: a good one.
        worse: others, of which is known why they are refused.
        arrivals: what the API gets, if the doctor stands in for it.
    """
    try:
        yield _nobody(way)
        yield _stranger(way)
        yield from _worse(way, worse)
        yield _holder(way, token, arrivals)
        yield _unlisted(way, token)
        yield from forged_address(way, token)
        yield from forged_identity(way, token, arrivals)
        if arrivals is not None:
            yield from taken_identity(way, token, arrivals)
            yield _onward(way, token, arrivals)
        yield _two_readings(way, token)
        if arrivals is not None:
            yield _secret(token, arrivals)
    except UnreachableError as error:
        yield bad("proxy", f"nobody answers ({error})", "Start it, or see --proxy.")


def _nobody(way: Way) -> Finding:
    heard = way.ask(way.target, None)
    if heard.code == Code.MISSING_AUTHORIZATION_HEADER:
        return good("no token", str(heard))
    if heard.status in _OK:
        return bad("no token", f"{heard}: everybody is let in", f"It asks no gate there. {DEPLOY}")
    return bad("no token", f"{heard}: it is not the gate that answers", DEPLOY)


def _stranger(way: Way) -> Finding:
    return _refused(way, "unknown token", way.nobodys, _UNAUTHORIZED, Code.INVALID_TOKEN)


def _worse(way: Way, worse: Worse) -> Iterator[Finding]:
    if worse.expired is not None:
        what = "expired token"
        yield _refused(way, what, worse.expired, _UNAUTHORIZED, Code.TOKEN_EXPIRED)
    if worse.outside is not None:
        what = "other nodes"
        yield _refused(way, what, worse.outside, _FORBIDDEN, Code.OUTSIDE_ROOT_NODES)
    if worse.limited is not None:
        yield _too_fast(way, worse.limited)


def _refused(way: Way, what: str, token: str, status: int, code: Code) -> Finding:
    heard = way.ask(way.target, token)
    if (heard.status, heard.code) == (status, code):
        return good(what, str(heard))
    if heard.status in _OK:
        return bad(what, f"{heard}: it is let in", f"Expected is {status} {code}. {DEPLOY}")
    return bad(what, f"{heard}: {status} {code} does not arrive", DEPLOY)


def _too_fast(way: Way, token: str) -> Finding:
    what = "too fast"
    for _ in range(_MOST):
        heard = way.ask(way.target, token)
        if heard.status in _OK:
            continue
        if (heard.status, heard.code) != (_TOO_FAST, Code.RATE_LIMIT_EXCEEDED):
            return bad(what, f"{heard}: 429 {Code.RATE_LIMIT_EXCEEDED} does not arrive", DEPLOY)
        if not heard.retry_s:
            return bad(what, f"{heard}: without Retry-After", f"The proxy drops it. {DEPLOY}")
        return good(what, f"{heard}, again in {heard.retry_s} s")
    return doubtful(what, f"{_MOST} requests were let through", "Give it a lower rate.")


def _holder(way: Way, token: str, arrivals: Arrivals | None) -> Finding:
    heard = way.ask(way.target, token)
    if heard.code:
        return doubtful(
            "your token",
            f"{heard}: the gate does not let it through",
            "Name an address that this token may read, or use one that may: COUNTERFOIL_TOKEN.",
        )
    if arrivals is not None and not arrivals:
        return bad(
            "your token",
            f"{heard}: nothing arrives where the API should be",
            "Let --stand-in be the address that the proxy passes requests on to.",
        )
    return good("your token", f"{heard}, by the API")


def _unlisted(way: Way, token: str) -> Finding:
    heard = way.ask(way.beside, token)
    if heard.code:
        return good("unlisted path", str(heard))
    return doubtful(
        "unlisted path",
        f"{heard}: the API is reached where nothing should be listed",
        "If no route of its table fits every path, its proxy does not ask the gate there.",
    )


def _onward(way: Way, token: str, arrivals: Arrivals) -> Finding:
    """Look whether a client may turn its connection into one of HTTP/2 with the API (RFC 7540)."""
    heard = way.ask(way.target, token, _TO_HTTP2)
    if any("h2c" in value.lower() for value in arrivals.values_of("upgrade")):
        return bad(
            "Upgrade",
            f"{heard}: on a connection that becomes HTTP/2 no gate is asked any more",
            f"The proxy shall pass on no Upgrade but to websocket. {DEPLOY}",
        )
    return good("Upgrade", f"{heard}: no connection becomes HTTP/2")


def _two_readings(way: Way, token: str) -> Finding:
    path = way.target.partition("?")[0].rstrip("/")
    heard = way.ask(f"{path}/..%2f..", token)
    if heard.status in _OK:
        return bad(
            "two readings",
            f"{heard}: an address with an escaped slash reaches the API",
            f"The proxy shall tell the gate the address as it was sent. {DEPLOY}",
        )
    return good("two readings", str(heard))


def _secret(token: str, arrivals: Arrivals) -> Finding:
    """Say whether the API gets the token itself, by which it could do what its bearer may."""
    names = arrivals.names_of(token)
    if not names:
        return good("the secret", "it stops at the proxy")
    return doubtful(
        "the secret",
        f"the API gets it in {', '.join(names)}",
        "Unless the API needs it, the proxy shall drop Authorization after it asked the gate.",
    )
