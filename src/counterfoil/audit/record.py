"""The audit log: append-only, one entry for every effect and every refusal (CONTRACT: audit).

An entry stands as the canonical bytes that were written, beside the columns by which it is found;
all that is shown of it is read from its bytes: what somebody writes into a column can hide it, and
make it say nothing else.
Entries name the token as it was called at the time (X3): the name is data of the entry, not a join.

The bytes of entry n are leaf n-1 of a Merkle log (R15), whose hash stands beside them.

Where its address stands among all addresses is kept too, spelled so that bytes compare as addresses
do: a network is a range of them, in every database (decision 90).
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from functools import lru_cache, partial
from typing import Any, Final

import msgspec
from msgspec import UNSET, UnsetType
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Index,
    LargeBinary,
    String,
    Table,
    Text,
    bindparam,
    select,
    text,
)

from counterfoil.access.caller import Caller, Origin
from counterfoil.access.networks import place_of
from counterfoil.access.surface import Surface
from counterfoil.audit import tree
from counterfoil.audit.changes import Change, Told, differences
from counterfoil.audit.merkle import leaf_hash
from counterfoil.kernel.ids import ApiId, OrganizationId, TokenId, UserId
from counterfoil.runtime.database import Instant, metadata
from counterfoil.runtime.loading import Loading
from counterfoil.secret import redacted

VERSION: Final = b"\x01"
PLACE_BYTES: Final = 17
"""Enough for every place on the one line of addresses: see `access.networks`."""

entries: Final = Table(
    "audit_entry",
    metadata,
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("organization_id", BigInteger, nullable=False),
    Column("at", Instant, nullable=False),
    Column("user_id", BigInteger),
    Column("token_id", BigInteger),
    Column("operation", String(64), nullable=False),
    Column("target", Text),
    Column("outcome", String(40), nullable=False),
    Column("api_id", BigInteger),
    Column("body", LargeBinary, nullable=False),
    Column("leaf", LargeBinary),
    Column("place", LargeBinary(PLACE_BYTES)),
    Index("ix_audit_entry_organization_id_position", "organization_id", "position"),
    Index("ix_audit_entry_token_id_position", "token_id", "position"),
    Index(
        "ix_audit_entry_api_id_position",
        "api_id",
        "position",
        sqlite_where=text("api_id IS NOT NULL"),
        postgresql_where=text("api_id IS NOT NULL"),
    ),
)

AGENT_CHARS: Final = 256
_AGENTS: Final = 256
"""So many claims of clients are known to hold no secret, at most."""
_PLACES: Final = 4_096
"""Of so many addresses it is known where they stand, at most."""
ALLOWED: Final = "allowed"
DAMAGED: Final = "damaged"
"""What is shown as the outcome of an entry whose bytes are not what was written there."""
EXPOSED: Final = "token.exposed"
"""What the trail calls it if a live token stands in an address (S11); no operation is."""
LOOKS: Final = "gate.look"
ACTS: Final = "gate.act"
"""What it calls a request through the gate to somebody else's API: one that reads, and one that may
change something there (X2). No operations are, for it is not we who perform them."""
BESIDE: Final = frozenset({EXPOSED, LOOKS, ACTS})
"""What stands in the trail and is no operation."""


class Act(msgspec.Struct, frozen=True, gc=False):
    """One thing that a caller did or tried: the operation, what on (`tok_…`, `nod_…`), and where.

    `outcome` is `allowed`, or the code of the refusal. The surface is None for what every token may
    do of itself. The note is what whoever did it wanted to have on record with it. The changes are
    those of what it was done on, if the operation tells any.
    """

    operation: str
    target: str | None = None
    outcome: str = ALLOWED
    surface: Surface | None = None
    note: str | None = None
    api: ApiId | None = None
    route: str | None = None
    changes: tuple[Change, ...] | UnsetType = UNSET


def with_changes(act: Act, told: Sequence[Told]) -> Act:
    """Return an act with what changed by it in the end."""
    return msgspec.structs.replace(act, changes=differences(told) or UNSET)


def undone(act: Act, outcome: str) -> Act:
    """Return an act that came to nothing after all: whatever it changed is as it was."""
    return msgspec.structs.replace(act, outcome=outcome, changes=UNSET)


class Entry(msgspec.Struct, frozen=True, gc=False):
    """An act with all that the trail keeps of it; `at` counts microseconds since 1970."""

    caller: Caller
    origin: Origin
    act: Act
    at: int


class Body(msgspec.Struct, gc=False):
    """An entry as its canonical bytes have it: its members stand in the order of their names."""

    address: str
    agent: str
    api_id: ApiId | UnsetType
    at: int
    changes: tuple[Change, ...] | UnsetType
    issuer_id: UserId | None
    method: str
    note: str | UnsetType
    operation: str
    organization_id: OrganizationId
    outcome: str
    position: int
    request_id: str
    route: str | UnsetType
    target: str | None
    token_id: TokenId | None
    token_name: str | None
    user_id: UserId | None


class _Read(Body, kw_only=True, gc=False):
    """The same as it is read: what an entry does not have is not in its bytes."""

    api_id: ApiId | UnsetType = UNSET
    changes: tuple[Change, ...] | UnsetType = UNSET
    note: str | UnsetType = UNSET
    route: str | UnsetType = UNSET


_NOWHERE: Final = OrganizationId(0)
UNREADABLE: Final = Body(
    "", "", UNSET, 0, UNSET, None, "", UNSET, "-", _NOWHERE, DAMAGED, 0, "", UNSET, None, None,
    None, None,
)  # fmt: skip
"""What is shown of an entry whose bytes somebody has damaged."""

_encoder: Final = msgspec.json.Encoder()
_decoder: Final = msgspec.json.Decoder(_Read)
_loading: Final = Loading(entries)
_LEAF: Final = entries.c.keys().index("leaf")
_LEAVES: Final = (
    select(entries.c.leaf)
    .where(entries.c.position > bindparam("first"), entries.c.position <= bindparam("last"))
    .order_by(entries.c.position)
)


def write(tx: Connection, last: int, written: Sequence[Entry]) -> None:
    """Append entries whose positions end at `last`, allocated under the feed's lock."""
    first = last - len(written) + 1
    rows = [_row(position, entry) for position, entry in enumerate(written, first)]
    _loading.add(tx, rows)
    tree.grow(tx, first - 1, [row[_LEAF] for row in rows], partial(leaves, tx))


def leaves(tx: Connection, first: int, last: int) -> list[bytes]:
    """Return the hashes of leaves, from `first` on and before `last`, counted from 0."""
    if first == last:
        return []
    return list(tx.scalars(_LEAVES, {"first": first, "last": last}))


def since(tx: Connection, position: int) -> datetime | None:
    """Return when the first entry after a position was written; None if none was."""
    first = select(entries.c.at).where(entries.c.position > position)
    return tx.scalar(first.order_by(entries.c.position).limit(1))


def read(body: bytes) -> Body | None:
    """Read an entry's bytes; None if they are none that we would have written."""
    if body.startswith(VERSION):
        with suppress(msgspec.MsgspecError, UnicodeError):
            return _decoder.decode(memoryview(body)[len(VERSION) :])
    return None


def _row(position: int, entry: Entry) -> tuple[Any, ...]:
    caller, origin, act = entry.caller, entry.origin, entry.act
    at, token, user = entry.at, caller.token, caller.user
    organization, api = caller.organization, act.api
    body = Body(
        origin.address,
        _agent(origin.agent),
        UNSET if api is None else api,
        at,
        act.changes,
        caller.issuer,
        caller.method,
        UNSET if act.note is None else act.note,
        act.operation,
        organization,
        act.outcome,
        position,
        origin.request_id,
        UNSET if act.route is None else act.route,
        act.target,
        token,
        caller.token_name,
        user,
    )
    written = VERSION + _encoder.encode(body)
    return (
        position,
        organization,
        at,
        user,
        token,
        act.operation,
        act.target,
        act.outcome,
        api,
        written,
        leaf_hash(written),
        place_in(origin.address),
    )


def spelled(place: int) -> bytes:
    """Return a place on the line of addresses as it is kept: in bytes that have its order."""
    return place.to_bytes(PLACE_BYTES, "big")


@lru_cache(maxsize=_PLACES)
def place_in(address: str) -> bytes | None:
    """Return where an address stands, as it is kept; None for what is none."""
    place = place_of(address)
    return None if place is None else spelled(place)


@lru_cache(maxsize=_AGENTS)
def _agent(said: str) -> str:
    return redacted(said)[:AGENT_CHARS]
