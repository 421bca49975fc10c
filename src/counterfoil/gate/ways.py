"""Which route of an API a request takes, and whether it is open to everybody.

That is the same for everybody who asks, so it is remembered for one state of the books, of short
paths and not many, where a query has no say in it.
"""

from __future__ import annotations

from typing import Final

from counterfoil.gate.asked import Let, Wanted
from counterfoil.gate.replica.books import Books
from counterfoil.gate.replica.routes import Routed, Way
from counterfoil.gate.replica.txn import Txn
from counterfoil.gate.snapshot import Snapshot
from counterfoil.gate.tell import Tell
from counterfoil.kernel.errors import Code, Denied, Malformed
from counterfoil.kernel.ids import ApiId
from counterfoil.routing.address import METHOD, Address, UnreadableError, read, require_plain
from counterfoil.routing.table import asks_a_query, key_of


class Ways:
    """Finds routes in the books."""

    def __init__(self, books: Books) -> None:
        self._books: Final = books

    def way(self, txn: Txn, snapshot: Snapshot, wanted: Wanted) -> Way:
        """Return which route a request takes.

        Raises:
            Malformed: an address or a method that could be read in two ways.
            Denied: ROUTE_NOT_LISTED, of an API that has no table.
        """
        path, query = wanted.target, ""
        if "?" in path:
            path, _, query = path.partition("?")
        key = wanted.api, wanted.method, path
        way = snapshot.ways.get(key)
        if way is None:
            return self._found(txn, snapshot, wanted, key)
        if query:
            try:
                require_plain(wanted.target, query)
            except UnreadableError as error:
                raise unreadable(error) from None
        return way

    def routed(self, txn: Txn, snapshot: Snapshot, api: ApiId) -> Routed:
        """Return an API with its table.

        Raises:
            Denied: ROUTE_NOT_LISTED, for it has none.
        """
        routed = snapshot.routed.get(api)
        if routed is None:
            routed = self._books.routes.routed(txn, api, self._books.apis)
            if routed is None:
                raise Denied(Code.ROUTE_NOT_LISTED, "The gate knows no routes of this API.")
            snapshot.routed[api] = routed
        return routed

    def _found(
        self, txn: Txn, snapshot: Snapshot, wanted: Wanted, of_path: tuple[int, str, str]
    ) -> Way:
        address = _read(wanted)
        routed = self.routed(txn, snapshot, wanted.api)
        try:
            taken = routed.table.take(wanted.method, address)
            key = None if taken is None else key_of(taken, address)
        except UnreadableError as error:
            raise unreadable(error) from None
        way = Way(routed, taken, key, address)
        if taken is None or not asks_a_query(taken.place):
            snapshot.keep_way(of_path, way._replace(address=address._replace(query="")))
        return way


def open_to_all(way: Way, wanted: Wanted, tell: Tell) -> Let | None:
    """Return what passes whoever sent it; None if that matters.

    Raises:
        Malformed: as `Ways.way` says, of what a browser asks about.
    """
    taken = way.taken
    if wanted.preflight is not None and _may_ask(way, wanted.preflight):
        return Let(None, way.routed, None)
    if taken is None or taken.route.scope:
        return None
    tell("route", f"{taken.route.path} is open to everybody")
    return Let(None, way.routed, taken.route)


def _may_ask(way: Way, method: str) -> bool:
    routed = way.routed
    try:
        return routed.preflights and routed.table.take(method, way.address) is not None
    except UnreadableError as error:
        raise unreadable(error) from None


def _read(wanted: Wanted) -> Address:
    try:
        address = read(wanted.target)
    except UnreadableError as error:
        raise unreadable(error) from None
    if not METHOD.fullmatch(wanted.method):
        raise unreadable("the method is not spelled in capital letters")
    return address


def unreadable(why: object) -> Malformed:
    """Say that a request could be read in two ways, or in none."""
    return Malformed(
        Code.INVALID_REQUEST,
        f"The gate does not read this request: {why}.",
        meta={"error": "invalid_request"},
    )
