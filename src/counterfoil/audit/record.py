"""The audit log: append-only, one entry for every effect and every refusal (CONTRACT: audit).

An entry stands as the canonical bytes that were written, beside the columns by which it is found.
Entries name the token as it was called at the time (X3): the name is data of the entry, not a join.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import msgspec
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Index,
    LargeBinary,
    String,
    Table,
    Text,
    insert,
)

from counterfoil.access.caller import Caller, Origin
from counterfoil.access.surface import Surface
from counterfoil.kernel.clock import micros
from counterfoil.runtime.database import Instant, metadata
from counterfoil.secret import redacted

VERSION: Final = b"\x01"

entries: Final = Table(
    "audit_entry",
    metadata,
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("organization_id", BigInteger, nullable=False),
    Column("at", Instant, nullable=False),
    Column("user_id", BigInteger),
    Column("token_id", BigInteger),
    Column("token_name", Text),
    Column("issuer_id", BigInteger),
    Column("method", String(16), nullable=False),
    Column("operation", String(64), nullable=False),
    Column("target", Text),
    Column("outcome", String(40), nullable=False),
    Column("request_id", String(64), nullable=False),
    Column("address", String(64), nullable=False),
    Column("agent", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Index("ix_audit_entry_organization_id_position", "organization_id", "position"),
    Index("ix_audit_entry_token_id_position", "token_id", "position"),
)

AGENT_CHARS: Final = 256
ALLOWED: Final = "allowed"


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that a caller did or tried: the operation, what on (`tok_…`, `nod_…`), and where.

    `outcome` is `allowed`, or the code of the refusal. The surface is None for what every token may
    do of itself.
    """

    operation: str
    target: str | None = None
    outcome: str = ALLOWED
    surface: Surface | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """An act with all that the trail keeps of it."""

    caller: Caller
    origin: Origin
    act: Act
    at: datetime


_encoder: Final = msgspec.json.Encoder(order="sorted")


def write(tx: Connection, last: int, written: Sequence[Entry]) -> None:
    """Append entries whose positions end at `last`, allocated under the feed's lock."""
    first = last - len(written) + 1
    rows = [_row(position, entry) for position, entry in enumerate(written, first)]
    if rows:
        tx.execute(insert(entries), rows)


def _row(position: int, entry: Entry) -> dict[str, object]:
    caller, origin, act = entry.caller, entry.origin, entry.act
    columns: dict[str, object] = {
        "position": position,
        "organization_id": caller.organization,
        "user_id": caller.user,
        "token_id": caller.token,
        "token_name": caller.token_name,
        "issuer_id": caller.issuer,
        "method": str(caller.method),
        "operation": act.operation,
        "target": act.target,
        "outcome": act.outcome,
        "request_id": origin.request_id,
        "address": origin.address,
        "agent": redacted(origin.agent)[:AGENT_CHARS],
    }
    body = VERSION + _encoder.encode({**columns, "at": micros(entry.at)})
    return {**columns, "at": entry.at, "body": body}
