"""What is fuzzed: each target reads one input by our reader and by the oracle, and compares.

A target returns if both agree. It raises `WrongReadingError` if they do not, and lets pass whatever
our reader raises that it has no right to raise: either ends the run with the input.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable
from typing import Final
from urllib.parse import parse_qsl, unquote, urlsplit

from counterfoil.access.scope import Scope
from counterfoil.access.surface import Surface
from counterfoil.gate.asked import Wanted
from counterfoil.gate.presented import presented_in
from counterfoil.kernel.errors import Malformed, Refused
from counterfoil.kernel.ids import TokenId
from counterfoil.routing import address as ours
from counterfoil.routing.pattern import PatternError
from counterfoil.routing.table import ClashError, Route, Table
from fuzz import oracle_address, oracle_credential, oracle_table
from fuzz.books import API, KNOWN, PATH, judge, verifier

Target = Callable[[bytes], object]

NAME: Final = "page"
"""The parameter that a route takes out of a query."""
_MOST_ROUTES: Final = 8


class WrongReadingError(AssertionError):
    """Our reader and the oracle do not agree."""


def address(data: bytes) -> None:
    """An address has the reading of the oracle, or none; and no lenient reader has another one."""
    target = data.decode("latin-1")
    try:
        read = ours.read(target)
    except ours.UnreadableError:
        read = None
    expected = oracle_address.steps(target)
    if (None if read is None else read.steps) != expected:
        raise WrongReadingError(target, read, expected)
    if read is None:
        return
    path = "/" + "/".join(read.steps)
    if _lenient(target) != path:
        raise WrongReadingError(target, read, _lenient(target))
    _query(read.query)


def table(data: bytes) -> None:
    """A request takes the route of the oracle; the last line is its address, the others paths."""
    *paths, target = data.decode("latin-1").split("\n")
    routes = [Route(frozenset({"GET"}), path, str(at)) for at, path in enumerate(paths)]
    try:
        steps = ours.read(target)
        routed = Table(routes[:_MOST_ROUTES])
    except (ours.UnreadableError, PatternError, ClashError):
        return
    ways = [oracle_table.way(path) for path in paths[:_MOST_ROUTES]]
    try:
        taken = routed.take("GET", steps)
    except ours.UnreadableError:
        if not oracle_table.is_nearly_listed(ways, steps.steps):
            raise WrongReadingError(data, "refused") from None
        return
    expected = oracle_table.best(ways, steps.steps)
    if taken is None or expected is None:
        if taken is not None or expected is not None:
            raise WrongReadingError(data, taken, expected)
        return
    if oracle_table.way(taken.route.path) != expected:
        raise WrongReadingError(data, taken, expected)
    if dict(taken.found) != oracle_table.found(expected, steps.steps):
        raise WrongReadingError(data, taken.found)
    if oracle_table.passes_by(expected, ways, steps.steps):
        raise WrongReadingError(data, taken, "nearly a listed word")


def credential(data: bytes) -> None:
    """A header opens what is known and nothing else; the second line is a query string.

    It goes the whole way of a request: through the verifier, to real books.
    """
    header, _, query = data.decode("latin-1").partition("\n")
    environ = {"HTTP_AUTHORIZATION": header, "QUERY_STRING": query}
    opened = None
    try:
        opened = verifier().decide(environ, Surface.DELIVERY, Scope.CONTENT_READ).token
    except Malformed:
        if "," not in header and not oracle_credential.shows_token(query):
            raise WrongReadingError(data, "malformed") from None
    except Refused:
        pass
    expected = oracle_credential.opens(header, query, KNOWN.keys())
    if opened != (None if expected is None else KNOWN[expected]):
        raise WrongReadingError(data, opened, expected)


def presented(data: bytes) -> None:
    """A gate opens to a header what the office does, and says the same no; the oracle agrees.

    The second line is the address as it was sent: a gate reads all of it, and the office the query
    that a server makes of it. An empty first line is tried as a header, and as none.
    """
    header, _, target = data.decode("latin-1").partition("\n")
    _both({"HTTP_AUTHORIZATION": header}, target)
    if not header:
        _both({}, target)


def _both(environ: dict[str, str], target: str) -> None:
    header, query = environ.get("HTTP_AUTHORIZATION", ""), target.partition("?")[2]
    office = _verdict(lambda: _at_office({**environ, "QUERY_STRING": query}))
    gate = _verdict(lambda: _at_gate(environ, target))
    if gate != office:
        raise WrongReadingError(environ, target, gate, office)
    expected = oracle_credential.opens(header, query, KNOWN.keys())
    if (gate if isinstance(gate, int) else None) != (expected and KNOWN[expected]):
        raise WrongReadingError(environ, target, gate, expected)


def _at_office(environ: dict[str, str]) -> TokenId | None:
    return verifier().decide(environ, Surface.DELIVERY, Scope.CONTENT_READ).token


def _at_gate(environ: dict[str, str], target: str) -> TokenId | None:
    """Return which token a gate lets pass, by the way of its server and of the middleware."""
    text, digest = presented_in(environ, target, verifier())
    if isinstance(text, str) and text != environ["HTTP_AUTHORIZATION"][len("Bearer ") :]:
        raise WrongReadingError(environ, text)
    let = judge().judge(Wanted(API, "GET", PATH, text, digest=digest))
    return None if let.caller is None else let.caller.token


def _verdict(ask: Callable[[], TokenId | None]) -> TokenId | tuple[str, str] | None:
    """Return the token that something opens to, or by which code it says no."""
    try:
        return ask()
    except (Malformed, Refused) as error:
        return type(error).__name__, str(error.code)


def _query(query: str) -> None:
    """One parameter of a query is what the oracle says, and what the library's reader says."""
    try:
        said = True, ours.parameter(query, NAME)
    except ours.UnreadableError:
        said = False, None
    expected = oracle_address.value(query, NAME)
    if said != expected:
        raise WrongReadingError(query, said, expected)
    if said[0]:
        pairs = parse_qsl(query, keep_blank_values=True)
        lenient = [value for name, value in pairs if name == NAME]
        if lenient != ([] if said[1] is None else [said[1]]):
            raise WrongReadingError(query, said, lenient)


def _lenient(target: str) -> str:
    """Return the path as a reader has it who decodes twice, repairs dots and slashes."""
    path = unquote(unquote(urlsplit("http://api.test" + target).path)).replace("\\", "/")
    plain = posixpath.normpath(path.partition(";")[0].partition("\0")[0])
    return plain + "/" if path.endswith("/") and plain != "/" else plain


TARGETS: Final[dict[str, Target]] = {
    "address": address,
    "table": table,
    "credential": credential,
    "presented": presented,
}
