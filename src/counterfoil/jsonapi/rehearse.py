"""Trying a request: what would become of it if a caller with this power sent it.

What only looks is asked of its own door, which says what it would say, and is recorded nowhere: its
answer is thrown away. What changes things is judged by the first half of its way, which is the
gate's: the surface, the scope, and the node that the address names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPMethod
from typing import Final, NoReturn
from urllib.parse import unquote, urlsplit

from msgspec import structs

from counterfoil.access.caller import Caller, Origin
from counterfoil.access.roots import Lineage
from counterfoil.access.scope import Scope
from counterfoil.audit.record import Act
from counterfoil.jsonapi.aim import aim
from counterfoil.jsonapi.fault import status_of
from counterfoil.jsonapi.query import Query
from counterfoil.jsonapi.route import Answer, Asked, Route
from counterfoil.kernel import ids
from counterfoil.kernel.errors import Code, CounterfoilError, Denied, Malformed, NotFound, Refused
from counterfoil.kernel.ids import NodeId, Prefix
from counterfoil.office import Office
from counterfoil.operation import OPERATIONS, Operation, Work

METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")
_MOST_CHARS: Final = 2_000


@dataclass(frozen=True, slots=True)
class Verdict:
    """What would become of a request.

    Attributes:
        doing: the operation that it comes to; None for what no operation stands behind.
        error: why it would be refused; None if it would be let in.
    """

    method: str
    path: str
    doing: Operation | None = None
    error: CounterfoilError | None = None

    @property
    def allowed(self) -> bool:
        """Whether it would be let in."""
        return self.error is None

    @property
    def status(self) -> int:
        """The status of the refusal; 200 for none, which stands for whatever says success."""
        return 200 if self.error is None else status_of(self.error.code)


class Rehearsal(Office):
    """An office in which one only looks: nothing is on record, and no work begins."""

    def __init__(self, office: Office) -> None:
        vars(self).update(vars(office))

    @contextmanager
    def read(
        self, caller: Caller, origin: Origin, noted: list[Act] | None = None
    ) -> Iterator[Work]:
        """See one state of the database."""
        with self.database.reading() as tx:
            work = self._work(caller, origin, tx, self.clock(), noted if noted is not None else [])
            work.reading = True
            yield work

    def work(self, caller: Caller, origin: Origin) -> NoReturn:
        """Refuse: what changes things is not rehearsed."""
        del caller, origin
        message = "a rehearsal changes nothing"
        raise RuntimeError(message)

    def verify_again(self, caller: Caller, address: str | None) -> Caller:
        """Believe who is tried: nobody presented anything."""
        del address
        return caller


def rehearse(
    asked: Asked,
    holder: Caller,
    method: str,
    address: str,
    lineage: Callable[[NodeId], Lineage],
) -> Verdict:
    """Return what would become of a request to an address of ours.

    Args:
        asked: the request that asks, of whose table the routes are.
        holder: who would send it, with what they may do.
        method: such as GET.
        address: a path with its query; a whole URL loses its scheme and host.
        lineage: where a node of their organization stands.
    """
    path, query = "", ""
    try:
        path, query = _parted(address)
        route, params = found(asked.routes, method, path)
    except CounterfoilError as error:
        return Verdict(method, path, error=error)
    doing = OPERATIONS.get(route.operation)
    try:
        doing = _admitted(asked, holder, route)
        if doing is not None and _only_looks(route, doing):
            _look(asked, holder, route, params, query)
        else:
            _permit(holder, doing, aim(route.path, params), lineage)
    except CounterfoilError as error:
        return Verdict(method, path, doing, error)
    return Verdict(method, path, doing)


def found(routes: Sequence[Route], method: str, path: str) -> tuple[Route, dict[str, str]]:
    """Return the row of the table for an address, and what stands in its braces.

    As in the router, words win over braces, from the left.

    Raises:
        NotFound: if no row has such an address.
        Malformed: METHOD_NOT_ALLOWED if none has it with this method.
    """
    words = path.split("/")
    there = [(route, params) for route in routes if (params := _filled(route, words)) is not None]
    if not there:
        raise NotFound(Code.NOT_FOUND, "There is nothing at this address.")
    best = max(_exactness(route) for route, _ in there)
    for route, params in there:
        if route.method == method and _exactness(route) == best:
            return route, params
    raise Malformed(Code.METHOD_NOT_ALLOWED, "This address does not know this method.")


def _filled(route: Route, words: Sequence[str]) -> dict[str, str] | None:
    parts = route.path.split("/")
    if len(parts) != len(words):
        return None
    params: dict[str, str] = {}
    for part, word in zip(parts, words, strict=True):
        if part.startswith("{"):
            params[part[1:-1]] = word
        elif part != word:
            return None
    return params


def _exactness(route: Route) -> tuple[bool, ...]:
    return tuple(not part.startswith("{") for part in route.path.split("/"))


def _parted(address: str) -> tuple[str, str]:
    """Return path and query of what somebody typed."""
    try:
        parts = urlsplit(address.strip()[:_MOST_CHARS])
        path = unquote(parts.path, errors="strict")
    except ValueError:
        raise Malformed(Code.INVALID_REQUEST, "The address cannot be read.") from None
    if not path.startswith("/"):
        raise Malformed(Code.INVALID_REQUEST, "An address begins with a slash.")
    return path, parts.query


def _admitted(asked: Asked, holder: Caller, route: Route) -> Operation | None:
    """Return what a request comes to that is let in at the desk; None for what asks nobody.

    Raises:
        Denied, Refused: as the desk would.
    """
    if route.page == "person":
        raise Refused(Code.INVALID_TOKEN, "This is a page: it asks who is signed in, and no token.")
    if route.open or not route.operation:
        return None
    first: Denied | None = None
    for name in (route.operation, *route.instead):
        try:
            OPERATIONS[name].admit(holder, asked.office.clock())
        except Denied as error:
            first = first or error
        else:
            return OPERATIONS[name]
    assert first is not None  # noqa: S101 - the first of them was refused
    raise first


def _only_looks(route: Route, doing: Operation) -> bool:
    """Say whether a door can be asked for somebody who has no token yet to ask about."""
    return doing.reads and route.method == HTTPMethod.GET and doing.requires is not None


def _look(
    asked: Asked, holder: Caller, route: Route, params: Mapping[str, str], query: str
) -> None:
    """Ask the door itself, and throw away what it answers."""
    if route.place and ids.read(Prefix.ORGANIZATION, params[route.place]) != holder.organization:
        raise NotFound(Code.NOT_FOUND, "That is another organization.")
    rehearsed = Asked(
        anyone=holder,
        origin=structs.replace(asked.origin, aim=aim(route.path, params)),
        office=Rehearsal(asked.office),
        params=params,
        query=Query.parse(query, route.allowed),
        headers={"host": asked.headers.get("host", "localhost")},
        routes=asked.routes,
        versioned=route.conditional or route.versioned,
    )
    _close(route.handle(rehearsed))


def _permit(
    holder: Caller,
    doing: Operation | None,
    target: str | None,
    lineage: Callable[[NodeId], Lineage],
) -> None:
    """Ask whether the scope holds on the node that the address names, if it names one."""
    if doing is None or not isinstance(doing.requires, Scope) or target is None:
        return
    prefix, _, digits = target.partition("_")
    if prefix == Prefix.NODE:
        node = NodeId(ids.read(Prefix.NODE, digits))
        holder.grant.permit(doing.requires, lineage(node))


def _close(answer: Answer) -> None:
    close = getattr(answer.stream, "close", None)
    if close is not None:
        close()
