"""Where a person has a seat: the organizations in which they are active, and may act."""

from __future__ import annotations

from typing import Final

from counterfoil.gate.replica.books import Books
from counterfoil.gate.replica.records import ACTIVE_AT, ID, LIMITS, PAIR
from counterfoil.gate.replica.txn import Txn
from counterfoil.gate.verdicts import refused
from counterfoil.kernel.errors import Code, Malformed

ORGANIZATION_HEADER: Final = "Counterfoil-Organization"


def only_seat(txn: Txn, books: Books, user: bytes) -> int:
    """Return the one organization in which a user is active."""
    found = seats(txn, books, user)
    if not found:
        raise refused(Code.OWNER_DEACTIVATED)
    if len(found) > 1:
        raise _unnamed(txn, books, found)
    return found[0]


def seats(txn: Txn, books: Books, user: bytes) -> list[int]:
    """Return the organizations in which a user is active."""
    there = []
    with txn.cursor(books.members) as cursor:
        found = cursor.set_range(user)
        while found and cursor.key().startswith(user):
            if cursor.value()[ACTIVE_AT]:
                there.append(PAIR.unpack(cursor.key())[1])
            found = cursor.next()
    return there


def _unnamed(txn: Txn, books: Books, found: list[int]) -> Malformed:
    """Ask whoever signed in for one of their organizations, and say which they are."""
    told = []
    for one in found:
        kept = txn.get(ID.pack(one), None, books.organizations)
        name = "" if kept is None else bytes(kept[LIMITS.size :]).decode()
        told.append({"id": str(one), "name": name})
    return Malformed(
        Code.INVALID_REQUEST,
        f"This credential speaks in several organizations: name one in {ORGANIZATION_HEADER}.",
        meta={"header": ORGANIZATION_HEADER, "organizations": told},
    )
