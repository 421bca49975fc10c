"""What a gate is asked about, for a table to be proposed of: its shapes, and none of its values.

It watches and decides nothing: what the table does not list is refused while it records, as ever.
A line is written for each shape that was not seen before, at once; so what is written is bounded,
several processes write one file, and a crash loses nothing.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

import lmdb
import msgspec

from counterfoil.gate.asked import Wanted
from counterfoil.gate.place import home_of
from counterfoil.gate.replica.txn import Txn
from counterfoil.gate.snapshot import Snapshot
from counterfoil.gateway.books import Books
from counterfoil.kernel.errors import CounterfoilError
from counterfoil.kernel.ids import OrganizationId, Prefix, spell
from counterfoil.routing.address import METHOD, Address, UnreadableError, parameter, read
from counterfoil.routing.propose import Observed, shape
from counterfoil.routing.table import Route, Taken, prefixes

MOST: Final = 10_000
"""So many shapes a process remembers, and writes, at most."""
STRANGERS: Final = 2_000
"""Of these, so many at most that came without a token in force: no scanner fills the file."""
_MOST_PARAMETERS: Final = 20


class Line(msgspec.Struct, frozen=True, omit_defaults=True):
    """One shape, as it stands in the file."""

    api: str
    method: str
    shape: tuple[str | None, ...]
    keys: tuple[int, ...] = ()
    asked: tuple[str, ...] = ()
    by_path: bool = False
    token: str | None = None
    listed: Route | None = None


_encoder: Final = msgspec.json.Encoder(order="deterministic")
_decoder: Final = msgspec.json.Decoder(Line)
_OWNED: Final = b'"token":"tok_'
"""Stands in the line of whoever came with a token in force: no word of a path has such signs."""


class Recorder:
    """Writes what a gate is asked about. Open it after the fork."""

    def __init__(self, path: Path, books: Books) -> None:
        self._books = books
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        self._seen = set(path.read_bytes().splitlines())
        self._strangers = sum(_OWNED not in line for line in self._seen)

    def note(self, wanted: Wanted) -> None:
        """Write the shape of a request, if it is new. Nothing that fails here is a failure."""
        if len(self._seen) >= MOST:
            return
        with suppress(CounterfoilError, UnreadableError, lmdb.Error, OSError):
            line = _encoder.encode(self._line(wanted))
            strange = _OWNED not in line
            if line not in self._seen and not (strange and self._strangers >= STRANGERS):
                self._seen.add(line)
                self._strangers += strange
                os.write(self._file, line + b"\n")

    def close(self) -> None:
        """Give the file back."""
        os.close(self._file)

    def _line(self, wanted: Wanted) -> Line:
        if not METHOD.fullmatch(wanted.method):
            raise UnreadableError(wanted.method)
        address, verifier = read(wanted.target), self._books.verifier
        found = verifier.look(lambda txn, snapshot: self._found(txn, snapshot, wanted, address))
        home, keys, asked, by_path, taken = found
        token = None
        if home is not None and isinstance(wanted.presented, str):
            with suppress(CounterfoilError):  # whose requests these are may be told or not
                token = verifier.verify(wanted.presented, home, address=None).token
        return Line(
            api=spell(Prefix.API, wanted.api),
            method=wanted.method,
            shape=shape(address.steps, keys),
            keys=tuple(sorted(keys)),
            asked=tuple(sorted(asked)),
            by_path=by_path,
            token=None if token is None else spell(Prefix.TOKEN, token),
            listed=None if taken is None else taken.route,
        )

    def _found(
        self, txn: Txn, snapshot: Snapshot, wanted: Wanted, address: Address
    ) -> tuple[OrganizationId | None, frozenset[int], frozenset[str], bool, Taken | None]:
        """Return whose the API is, and what of a request names a node; and its route.

        It is named by some steps, some parameters, or the path.
        """
        books = self._books.replica.books

        def is_key(text: str | None) -> bool:
            return bool(text) and books.routes.node(txn, wanted.api, str(text)) is not None

        routed = snapshot.routed.get(wanted.api)
        if routed is None:
            routed = books.routes.routed(txn, wanted.api, books.apis)
        keys = frozenset(at for at, step in enumerate(address.steps) if is_key(step))
        names = {piece.partition("=")[0] for piece in address.query.split("&")}
        asked = frozenset(
            name
            for name in sorted(names)[:_MOST_PARAMETERS]
            if name.isidentifier() and is_key(parameter(address.query, name))
        )
        by_path = any(is_key(one) for one in prefixes(address))
        if routed is None:
            return home_of(books, txn, snapshot, wanted.api), keys, asked, by_path, None
        taken = routed.table.take(wanted.method, address)
        return OrganizationId(routed.organization), keys, asked, by_path, taken


def recorded(path: Path, api: str = "") -> Iterator[tuple[str, Observed]]:
    """Yield what was recorded: of each request its API, and what was seen of it.

    Raises:
        ValueError: the file holds something else.
    """
    for line in path.read_bytes().splitlines():
        one = _decoder.decode(line)
        if api in {"", one.api}:
            yield (
                one.api,
                Observed(
                    one.method,
                    one.shape,
                    frozenset(one.keys),
                    frozenset(one.asked),
                    by_path=one.by_path,
                    token=one.token,
                    listed=one.listed,
                ),
            )
