"""How the replica writes down a token: a row under each of its digests, and stubs under its id.

    token   HEAD, then bounds (records.py), then extras, then its name
    ids     the id (u64), and a stub: so much of a digest that it is found again

    extras  where a provider vouched for the person: organizations, and how many; parent, the
            person's last proof, the death of the secret (u64 each), if flagged
    name    who made it for the organization (u64), if flagged; then how it is called

All stubs stand under one key as a packed set: twelve bytes for a token, and nothing beside them. A
stub may begin many digests. Which of them is the token's is told by the id that stands in its row.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from struct import Struct
from typing import Final

from counterfoil.feed.event import GrantRecord, TokenRecorded
from counterfoil.gate.replica.records import (
    BOUNDS,
    ID,
    ID_BYTES,
    PAIR,
    STATES,
    pack_bounds,
    pack_grant,
    pack_ids,
    read_ids,
)
from counterfoil.gate.replica.txn import Database, Row, Txn, rows_under
from counterfoil.kernel.ids import UserId

HEAD: Final = Struct(">QQ4BHQQ")
"""expires, position; letter, authority, state, extras; bytes of the name; token, subject"""
read_token: Final = Struct(">QQ4BHQQQ").unpack_from
"""Reads what every look-up needs of a token: HEAD, and the organization of its bounds."""

AUTHORITY_AT: Final = 17
EXTRAS_AT: Final = 19
TOKEN_ID: Final = slice(22, 30)
SEAT: Final = slice(30, 46)
"""Subject and organization of a token: the key of a membership."""
BOUNDS_AT: Final = HEAD.size
HOME: Final = slice(BOUNDS_AT + BOUNDS.size, BOUNDS_AT + BOUNDS.size + ID.size)
"""Of a token that speaks in several organizations: where it was made, after bounds of nothing."""

PARENT: Final = 1
PROVED: Final = 2
DIES: Final = 4
MANY: Final = 8
"""It speaks in several organizations: its bounds stand in the grants, or are its user's own."""
VOUCHED: Final = 16
"""A provider vouched for the person behind a session, and counts everywhere."""
VOUCHED_IN: Final = 32
"""It counts in some organizations alone."""
ISSUED: Final = 64
"""Its name begins with who made it for the organization."""

NO_ONE: Final = 0
BY_USER: Final = 1
BY_ROLE: Final = 2
BY_TOKEN: Final = 3
_AUTHORITIES: Final = {"none": NO_ONE, "user": BY_USER, "role": BY_ROLE, "token": BY_TOKEN}

DIGEST_BYTES: Final = 32
STUB_BYTES: Final = 4
"""So much of a digest finds it again by the token's id, with hardly another beside it."""
STUBS: Final = b"\0"
"""The key under which all stubs stand."""
_STUB: Final = slice(ID_BYTES, None)

_NOTHING: Final = GrantRecord(organization=0, state="active", scopes=0, surfaces=0)


class Tokens:
    """What stands under the digests of tokens, and how these are found by a token's id.

    Args:
        rows: the book of the tokens.
        ids: the book of their stubs.
        grants: the book of what tokens may do that speak in several organizations.
    """

    def __init__(self, rows: Database, ids: Database, grants: Database) -> None:
        self._rows = rows
        self._ids = ids
        self._grants = grants

    def rows(self, event: TokenRecorded) -> list[Row]:
        """Return what stands in the books for a token.

        Raises:
            struct.error, ValueError: for a number or a digest that is none of ours.
        """
        token, rows, stubs = ID.pack(event.token), [], set()
        for secret in event.secrets:
            digest = secret.digest
            if len(digest) != DIGEST_BYTES:
                message = "that is no digest"
                raise ValueError(message)
            rows.append((self._rows, digest, pack_token(event, secret.dies_at)))
            stubs.add(digest[:STUB_BYTES])
        rows += [(self._ids, STUBS, token + stub) for stub in stubs]
        if len(event.grants) > 1:
            for grant in event.grants:
                key = PAIR.pack(event.token, grant.organization)
                rows.append((self._grants, key, pack_grant(grant)))
        return rows

    def strike(self, txn: Txn, id_: int, digests: Iterable[bytes]) -> None:
        """Forget a token: the digests named, and all others that stand under its id."""
        token = ID.pack(id_)
        for digest in digests:
            txn.delete(digest, db=self._rows)
        stubs = self._stubs(txn, token)
        for digest in [key for key, _ in self._under(txn, token, stubs)]:
            txn.delete(digest, db=self._rows)
        for stub in stubs:
            txn.delete(STUBS, token + stub, self._ids)
        for key, _ in rows_under(txn, self._grants, token):
            txn.delete(key, db=self._grants)

    def secrets_of(self, txn: Txn, token: bytes) -> list[bytes]:
        """Return what is written under the digests of a token, by its id."""
        return [value for _, value in self._under(txn, token, self._stubs(txn, token))]

    def digest_of(self, txn: Txn, token: bytes) -> bytes | None:
        """Return a digest of a token by its id, if a secret of it lives."""
        found = self._under(txn, token, self._stubs(txn, token))
        return next((key for key, _ in found), None)

    def _stubs(self, txn: Txn, token: bytes) -> list[bytes]:
        """Return with what the digests of a token begin."""
        stubs = []
        with txn.cursor(self._ids) as cursor:
            there = cursor.set_range_dup(STUBS, token)
            while there and (stub := cursor.value()).startswith(token):
                stubs.append(stub[_STUB])
                there = cursor.next_dup()
        return stubs

    def _under(self, txn: Txn, token: bytes, stubs: list[bytes]) -> Iterator[tuple[bytes, bytes]]:
        """Yield the digests of a token that begin so, with what they lead to."""
        with txn.cursor(self._rows) as cursor:
            for stub in stubs:
                there = cursor.set_range(stub)
                while there and cursor.key().startswith(stub):
                    if cursor.value()[TOKEN_ID] == token:
                        yield cursor.item()
                    there = cursor.next()


def pack_token(event: TokenRecorded, dies_at: int | None) -> bytes:
    """Return the value under one digest of a token, which dies then.

    Raises:
        struct.error: for a number that is none of ours.
    """
    if len(event.grants) == 1:
        flags, (grant,) = 0, event.grants
        body = pack_bounds(grant)
    else:
        flags, grant = MANY, _NOTHING
        body = pack_bounds(grant) + ID.pack(event.organization or 0)
    if event.vouched_in is None:
        flags |= VOUCHED
    elif event.vouched_in:
        places = pack_ids(event.vouched_in)
        flags, body = flags | VOUCHED_IN, body + places + ID.pack(len(places) // ID_BYTES)
    if event.parent is not None:
        flags, body = flags | PARENT, body + ID.pack(max(event.parent, 1))
    if event.authenticated_at is not None:
        flags, body = flags | PROVED, body + ID.pack(max(event.authenticated_at, 1))
    if dies_at is not None:
        flags, body = flags | DIES, body + ID.pack(max(dies_at, 1))
    name = event.name.encode()
    if event.issuer is not None:
        flags, name = flags | ISSUED, ID.pack(event.issuer) + name
    head = HEAD.pack(
        0 if event.expires_at is None else max(event.expires_at, 1),
        event.position,
        ord(event.letter),
        NO_ONE if event.subject is None else _AUTHORITIES[event.authority],
        STATES[grant.state],
        flags,
        len(name),
        event.token,
        event.subject or 0,
    )
    return head + body + name


def read_extras(
    value: bytes, flags: int, end: int
) -> tuple[bytes, int, int, int, tuple[int, ...] | None]:
    """Return a token's bounds, its parent, the last proof and the death of its secret.

    Beside them, where a provider vouched for its person: None for everywhere. At `end` its name
    begins.
    """
    found = [0, 0, 0]
    for place, flag in ((2, DIES), (1, PROVED), (0, PARENT)):
        if flags & flag:
            end -= ID_BYTES
            (found[place],) = ID.unpack_from(value, end)
    places: tuple[int, ...] | None = None if flags & VOUCHED else ()
    if flags & VOUCHED_IN:
        end -= ID_BYTES
        last, end = end, end - ID.unpack_from(value, end)[0] * ID_BYTES
        places = read_ids(value[end:last])
    return value[BOUNDS_AT:end], found[0], found[1], found[2], places


def read_name(value: bytes, flags: int, end: int) -> tuple[str, UserId | None]:
    """Read what a token is called, and who made it for the organization, if anybody did."""
    if not flags & ISSUED:
        return value[end:].decode(), None
    (issuer,) = ID.unpack_from(value, end)
    return value[end + ID_BYTES :].decode(), UserId(issuer)
