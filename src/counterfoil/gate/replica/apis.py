"""Registered APIs in the books: what a custom scope's name means in an organization now.

A set of scopes holds the numbers of custom scopes, and a request names one by its spelling; between
the two stands the API that brings the scope along. What no API supports, nobody holds.
"""

from __future__ import annotations

from struct import Struct
from typing import Final

from counterfoil.access.scope import NO_SCOPES, CustomScope
from counterfoil.feed.event import ScopeRecord
from counterfoil.gate.replica.records import ID
from counterfoil.gate.replica.txn import Database, Txn, rows_under

_SCOPE: Final = Struct(">QI")
"""api, number"""
_LONGEST: Final = 400
"""A key of more bytes stands for no scope: the books could not even be asked for it."""


class Apis:
    """The scopes of all registered APIs: organization and spelling → API and number."""

    def __init__(self, scopes: Database) -> None:
        self._scopes = scopes

    def scope(self, txn: Txn, organization: int, name: str) -> CustomScope:
        """Return a scope as the organization numbers it; one that is nobody's if it has none."""
        key = ID.pack(organization) + name.encode(errors="replace")
        found = txn.get(key, None, self._scopes) if len(key) <= _LONGEST else None
        return CustomScope(name, NO_SCOPES if found is None else 1 << _SCOPE.unpack(found)[1])

    def home(self, txn: Txn, api: int) -> int | None:
        """Return whose an API is; None if the books know of no scope of its own."""
        with txn.cursor(self._scopes) as cursor:
            there = cursor.first()
            while there:
                if _SCOPE.unpack(cursor.value())[0] == api:
                    return int(ID.unpack_from(cursor.key())[0])
                there = cursor.next()
        return None

    def own(self, txn: Txn, organization: int, api: int, name: str) -> CustomScope:
        """Return a scope if this API brings it along; one that is nobody's if not."""
        key = ID.pack(organization) + name.encode(errors="replace")
        found = txn.get(key, None, self._scopes) if len(key) <= _LONGEST else None
        whose, number = (0, 0) if found is None else _SCOPE.unpack(found)
        return CustomScope(name, NO_SCOPES if whose != api else 1 << number)

    def of(self, txn: Txn, organization: int, api: int) -> tuple[CustomScope, ...]:
        """Return all scopes of an API, by their spelling."""
        home, found = ID.pack(organization), []
        with txn.cursor(self._scopes) as cursor:
            there = cursor.set_range(home)
            while there and cursor.key().startswith(home):
                whose, number = _SCOPE.unpack(cursor.value())
                if whose == api:
                    found.append(CustomScope(cursor.key()[len(home) :].decode(), 1 << number))
                there = cursor.next()
        return tuple(found)

    def put(self, txn: Txn, organization: int, api: int, scopes: tuple[ScopeRecord, ...]) -> None:
        """Let these be the scopes of an API, and no others."""
        self.strike(txn, organization, api)
        for scope in scopes:
            key = ID.pack(organization) + scope.name.encode()
            txn.put(key, _SCOPE.pack(api, scope.number), db=self._scopes)

    def strike(self, txn: Txn, organization: int, api: int) -> None:
        """Forget the scopes of an API."""
        home, of = ID.pack(organization), ID.pack(api)
        for key, value in rows_under(txn, self._scopes, home):
            if value.startswith(of):
                txn.delete(key, db=self._scopes)
