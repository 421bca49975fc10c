"""Filling the books with a whole state: sorted runs, so that a million tokens take seconds."""

from __future__ import annotations

from operator import itemgetter
from typing import Final

from counterfoil.feed.event import AnyEvent, TokenRecorded
from counterfoil.gate.books import Books
from counterfoil.gate.records import ID, pack_name, pack_token
from counterfoil.gate.txn import Txn

_KEY: Final = itemgetter(0)
RUN: Final = 1 << 18
"""So many tokens are held in memory and sorted at a time, about a hundred bytes each."""


class Bulk:
    """Writes records into empty books.

    A token of one organization, as nearly all are, goes into a run; the rest as the feed writes it.
    """

    def __init__(self, books: Books, txn: Txn) -> None:
        self._books = books
        self._txn = txn
        self._tokens: list[tuple[bytes, bytes]] = []
        self._names: list[tuple[bytes, bytes]] = []

    def write(self, event: AnyEvent) -> None:
        """Write one record."""
        if type(event) is not TokenRecorded or len(event.grants) > 1 or len(event.secrets) != 1:
            self._books.write(self._txn, event)
            return
        (secret,) = event.secrets
        self._tokens.append((secret.digest, pack_token(event, secret.dies_at)))
        self._names.append((ID.pack(event.token), pack_name(event.name, (secret.digest,))))
        if len(self._tokens) == RUN:
            self.flush()

    def flush(self) -> None:
        """Write what is held."""
        for rows, database in (
            (self._tokens, self._books.tokens),
            (self._names, self._books.names),
        ):
            rows.sort(key=_KEY)
            with self._txn.cursor(database) as cursor:
                cursor.putmulti(rows)
            rows.clear()
