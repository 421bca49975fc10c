"""Tables: the routes of one API, and the one of them that a request takes.

What is listed is open to whoever holds the scope; what is not is closed. Where several paths fit,
the most exact one decides, read from the left: a word before a parameter, a parameter before the
rest. It decides alone: a method that it does not list is closed, whatever a wider path lists.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from counterfoil.routing.address import Address, UnreadableError, alike, parameter
from counterfoil.routing.pattern import Place, Step, Template, pattern, place

MOST_ROUTES: Final = 500
METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "QUERY")
SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS", "QUERY"})

Found: TypeAlias = Mapping[str, str]
"""What the parameters of a path said."""


@dataclass(frozen=True, slots=True)
class Route:
    """One line of a table.

    Attributes:
        methods: which it is for; HEAD goes with a GET that changes nothing.
        path: which addresses it is for, as a pattern is written.
        scope: what the caller must hold; empty for a route that is open to everybody.
        node: which node a request on it is about, as a place is written.
        changes: whether a request on it changes something, also by GET: declared, never guessed.
    """

    methods: frozenset[str]
    path: str
    scope: str
    node: str = ""
    changes: bool = False

    def listed(self) -> frozenset[str]:
        """Return the methods that it lists, with HEAD where that goes without saying."""
        if "GET" in self.methods and not self.changes:
            return self.methods | {"HEAD"}
        return self.methods


@dataclass(frozen=True, slots=True)
class Taken:
    """The route that a request takes, and what its parameters say."""

    route: Route
    place: Place
    found: Found


class ClashError(ValueError):
    """Two routes that the same request would take; `at` is the second one's place."""

    def __init__(self, at: int, other: Route) -> None:
        super().__init__(f"{other.path} lists this method for the same addresses already.")
        self.at = at


@dataclass(slots=True)
class _Branch:
    """Where a table stands after some steps."""

    words: dict[str, _Branch] = field(default_factory=dict)
    alike: Counter[str] = field(default_factory=Counter)
    one: _Branch | None = None
    rest: _Branch | None = None
    ends: dict[str, tuple[Route, tuple[str, ...], Place]] = field(default_factory=dict)


class Table:
    """The routes of one API.

    Raises:
        PatternError: for a path or a node that cannot be read.
        ClashError: if two routes list a method for the same addresses.
    """

    def __init__(self, routes: Iterable[Route]) -> None:
        self._top = _Branch()
        for at, route in enumerate(routes):
            self._add(at, route)

    def take(self, method: str, address: Address) -> Taken | None:
        """Return the route that a request takes; None if none is listed for it."""
        there = _end(self._top, address.steps, 0, ())
        end = None if there is None else there[0].ends.get(method)
        if there is None or end is None:
            return None
        route, names, where = end
        return Taken(route, where, dict(zip(names, there[1], strict=True)))

    def lists(self, address: Address) -> bool:
        """Say whether any method is listed for an address."""
        return _end(self._top, address.steps, 0, ()) is not None

    def _add(self, at: int, route: Route) -> None:
        path = pattern(route.path)
        branch = self._top
        for one in path.steps:
            branch = _next(branch, one)
        end = (route, path.names, place(route.node, path.names))
        for method in route.listed():
            there = branch.ends.setdefault(method, end)
            if there is not end and not _yields(there[0], route, method):
                raise ClashError(at, there[0])
            if method in route.methods:
                branch.ends[method] = end


def key_of(taken: Taken, address: Address) -> str | None:
    """Return the key of the node that a request is about; None if it names none.

    Raises:
        UnreadableError: if its query says so in two ways.
    """
    return key(taken.place, taken.found, address.query)


def asks_a_query(place_: Place) -> bool:
    """Say whether a request's query has a say in which node it is about."""
    return isinstance(place_, Template) and any(
        not isinstance(part, str) and part[0] for part in place_.parts
    )


def key(template: Place, found: Found, query: str) -> str | None:
    """Return the key that a template makes of what parameters said; None if one said nothing.

    Raises:
        UnreadableError: if the query says so in two ways.
    """
    if not isinstance(template, Template):
        return None
    said = []
    for part in template.parts:
        if isinstance(part, str):
            said.append(part)
            continue
        of_query, name = part
        value = parameter(query, name) if of_query else found[name]
        if not value:
            return None
        said.append(value)
    return "".join(said)


def prefixes(address: Address) -> Iterator[str]:
    """Yield an address and all its beginnings, the longest first: `/a/b`, `/a`, `/`."""
    steps = address.steps if address.steps[-1] else address.steps[:-1]
    for end in range(len(steps), -1, -1):
        yield "/" + "/".join(steps[:end])


def _next(branch: _Branch, one: Step) -> _Branch:
    if isinstance(one, str):
        if one not in branch.words:
            branch.words[one] = _Branch()
            branch.alike[alike(one)] += 1
        return branch.words[one]
    if one.rest:
        branch.rest = branch.rest or _Branch()
        return branch.rest
    branch.one = branch.one or _Branch()
    return branch.one


def _yields(present: Route, new: Route, method: str) -> bool:
    """Say whether one of two routes has the method only because HEAD goes with GET."""
    return method == "HEAD" and (method in present.methods) != (method in new.methods)


def _end(
    branch: _Branch, steps: tuple[str, ...], at: int, values: tuple[str, ...]
) -> tuple[_Branch, tuple[str, ...]] | None:
    """Return where these steps lead by the most exact way, and what the parameters on it say.

    A step that differs from a listed word in nothing that every reader heeds (its case, say) leads
    nowhere: an API that reads it as that word must not be reached by a wider route. It may be a
    listed word itself, by which this request finds no end.
    """
    if at == len(steps):
        return (branch, values) if branch.ends else None
    text, found = steps[at], None
    word = branch.words.get(text)
    if word is not None:
        found = _end(word, steps, at + 1, values)
    if found is None and branch.words and branch.alike[alike(text)] > (word is not None):
        raise UnreadableError("a step of the path is nearly a listed one, but for its case")
    if found is None and text and branch.one is not None:
        found = _end(branch.one, steps, at + 1, (*values, text))
    if found is None and branch.rest is not None:
        return branch.rest, (*values, "/".join(steps[at:]))
    return found
