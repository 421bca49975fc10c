r"""A copy of the whole audit trail in one file, which can be verified without the installation.

{"trail": "counterfoil.audit/5f0c…", "key": "counterfoil.audit/5f0c…+…"}
{"leaf": "…", "entry": {"address": "203.0.113.9", …}}           one line each, as it was written
{"checkpoint": "counterfoil.audit/5f0c…\\n1207\\n…"}             what was signed of it
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import msgspec
from msgspec import UNSET
from sqlalchemy import Connection, Row, select

from counterfoil.audit.record import VERSION, Body, entries, place_in, read
from counterfoil.audit.verify import Line
from counterfoil.kernel.clock import micros
from counterfoil.runtime.signing import PublicKey

_AT_ONCE = 1_000
_FOUND_BY = ("organization_id", "user_id", "token_id", "operation", "target", "outcome", "position")


class CopyError(ValueError):
    """A file that is no copy of an audit trail."""


class _Head(msgspec.Struct):
    trail: str
    key: str


class _Line(msgspec.Struct, omit_defaults=True):
    leaf: bytes | None = None
    entry: msgspec.Raw = msgspec.Raw(b"")
    checkpoint: str = ""


_encode = msgspec.json.Encoder().encode
_head = msgspec.json.Decoder(_Head).decode
_line = msgspec.json.Decoder(_Line).decode


class Copy:
    """A copy in a file: read from the front as often as it is asked for.

    Raises:
        CopyError: from whatever reads it, where it is none.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.key = self._key()

    def lines(self) -> Iterator[Line]:
        """Yield its entries."""
        for one in self._rest():
            if one.entry:
                body = VERSION + bytes(one.entry)
                yield Line(_position(body), body, one.leaf)

    def leaves(self) -> Iterator[bytes]:
        """Yield the hashes of its entries."""
        return (one.leaf for one in self._rest() if one.leaf is not None)

    def notes(self) -> list[str]:
        """Return what was signed of it."""
        return [one.checkpoint for one in self._rest() if one.checkpoint]

    def _key(self) -> PublicKey:
        with self._path.open("rb") as file, suppress(msgspec.MsgspecError, ValueError):
            return PublicKey.read(_head(file.readline()).key)
        raise self._none()

    def _rest(self) -> Iterator[_Line]:
        with self._path.open("rb") as file:
            file.readline()
            for text in file:
                try:
                    yield _line(text)
                except (msgspec.MsgspecError, UnicodeError):
                    raise self._none() from None

    def _none(self) -> CopyError:
        return CopyError(f"{self._path.name} is no copy of an audit trail")


def copied(tx: Connection, key: PublicKey, notes: Sequence[str]) -> Iterator[bytes]:
    """Yield the lines of a copy of the trail as it is."""
    yield _encode(_Head(key.name, str(key))) + b"\n"
    for row in _rows(tx):
        entry = msgspec.Raw(row.body.removeprefix(VERSION))
        yield _encode(_Line(row.leaf, entry)) + b"\n"
    for note in notes:
        yield _encode({"checkpoint": note}) + b"\n"


def lines_in(tx: Connection) -> Iterable[Line]:
    """Yield the entries in the database, in the order of their positions."""
    for row in _rows(tx):
        told = read(row.body)
        if told is None:
            yield Line(None, row.body, row.leaf)
        else:
            yield Line(told.position, row.body, row.leaf, _agrees(row, told))


def _rows(tx: Connection) -> Iterator[Row[tuple[object, ...]]]:
    last = -(1 << 62)
    query = select(entries).order_by(entries.c.position).limit(_AT_ONCE)
    while rows := tx.execute(query.where(entries.c.position > last)).all():
        yield from rows
        last = rows[-1].position


def _position(body: bytes) -> int | None:
    told = read(body)
    return None if told is None else told.position


def _agrees(row: Row[tuple[object, ...]], told: Body) -> bool:
    """Say whether the columns by which an entry is found say what its bytes say."""
    if (row.place, micros(row.at)) != (place_in(told.address), told.at):
        return False
    if row.api_id != (None if told.api_id is UNSET else told.api_id):
        return False
    return all(getattr(row, name) == getattr(told, name) for name in _FOUND_BY)
