"""When each token was last used: by what and from where, and the last on each kind of API.

Exactly it is known when a token was last let in, and when it was first refused after that.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import BigInteger, Column, Connection, String, Table, bindparam, case, select

from counterfoil.access.surface import Surface
from counterfoil.gate.record.usage import VERIFIED, Counts
from counterfoil.kernel.clock import instant
from counterfoil.kernel.ids import OrganizationId, TokenId
from counterfoil.runtime.database import Instant, insert_or, metadata
from counterfoil.runtime.prepared import Prepared
from counterfoil.tokens.usage_model import LastUse

_BELOW: Final = 500
_MICRO: Final = 1_000_000
_NEVER: Final = instant(0)
"""When a token was used of which only a refusal has been told: by another process, and first."""

used: Final = Table(
    "token_used",
    metadata,
    Column("organization_id", BigInteger, primary_key=True, autoincrement=False),
    Column("token_id", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("client", String(64), nullable=False),
    Column("network", String(64), nullable=False),
    Column("management_at", Instant),
    Column("delivery_at", Instant),
    Column("allowed_at", Instant),
    Column("refused_at", Instant),
)

_USED: Final = Prepared(
    select(used).where(
        used.c.organization_id == bindparam("organization"),
        used.c.token_id.in_(bindparam("ids", expanding=True)),
        used.c.at > bindparam("never"),
    )
)


def last_uses(
    tx: Connection, organization: OrganizationId, ids: Sequence[TokenId]
) -> dict[TokenId, LastUse]:
    """Return when these tokens were last used in an organization, of those that ever were."""
    found: dict[TokenId, LastUse] = {}
    for start in range(0, len(ids), _BELOW):
        some = [int(one) for one in ids[start : start + _BELOW]]
        for row in _USED.all(tx, {"organization": organization, "ids": some, "never": _NEVER}):
            found[TokenId(row.token_id)] = LastUse(
                row.at,
                row.client,
                row.network,
                row.management_at,
                row.delivery_at,
                row.allowed_at,
                row.refused_at,
            )
    return found


def note(tx: Connection, counts: Counts) -> None:
    """Note the last use of each token that verified, and its first refusal since.

    What is known to be later stays.
    """
    rows: dict[tuple[int, int], dict[str, Any]] = {}
    for use, told in sorted(counts.items(), key=lambda one: one[1].last):
        if use.outcome not in VERIFIED or isinstance(use.who, bytes):
            continue
        organization, token = use.who
        at = instant(int(told.last) * _MICRO)
        row = rows.setdefault(use.who, {"management_at": None, "delivery_at": None})
        row |= {
            "organization_id": organization,
            "token_id": token,
            "at": at,
            "client": use.client,
            "network": use.network,
            "allowed_at": _exactly(told.last),
        }
        if use.surface is not None:
            row[_column_of(use.surface)] = at
    if rows:
        tx.execute(_later(tx), [rows[who] for who in sorted(rows)])
    _note_refusals(tx, counts)


def _note_refusals(tx: Connection, counts: Counts) -> None:
    """Note when a token was first refused since it was last let in, of those that ever were."""
    allowed: dict[tuple[int, int], float] = defaultdict(float)
    for use, told in counts.items():
        if use.outcome in VERIFIED and not isinstance(use.who, bytes):
            allowed[use.who] = max(allowed[use.who], told.last)
    refused: dict[tuple[int, int], float] = {}
    for use, told in counts.items():
        if use.outcome in VERIFIED or isinstance(use.who, bytes):
            continue
        after = [at for at in (told.first, told.last) if at > allowed.get(use.who, 0.0)]
        if after:
            refused[use.who] = min(refused.get(use.who, after[0]), after[0])
    if refused:
        never = {"at": _NEVER, "client": "", "network": ""}
        rows = [
            {"organization_id": who[0], "token_id": who[1], "refused_at": _exactly(at), **never}
            for who, at in sorted(refused.items())
        ]
        tx.execute(_sooner(tx), rows)


def _exactly(seconds: float) -> datetime:
    return instant(int(seconds * _MICRO))


def _column_of(surface: Surface) -> str:
    return "management_at" if surface is Surface.MANAGEMENT else "delivery_at"


def _later(tx: Connection) -> Any:  # noqa: ANN401 - an insert of either engine
    new = insert_or(tx, used)
    is_later = case(
        (used.c.allowed_at.is_(None), new.excluded.at >= used.c.at),
        else_=new.excluded.allowed_at >= used.c.allowed_at,  # of one second, told by two processes
    )
    apart = ("at", "client", "network")
    return new.on_conflict_do_update(
        index_elements=list(used.primary_key.columns),
        set_={
            **{name: case((is_later, new.excluded[name]), else_=used.c[name]) for name in apart},
            **{
                name: case(
                    (used.c[name].is_(None), new.excluded[name]),
                    (new.excluded[name] > used.c[name], new.excluded[name]),
                    else_=used.c[name],
                )
                for name in ("management_at", "delivery_at", "allowed_at")
            },
        },
    )


def _sooner(tx: Connection) -> Any:  # noqa: ANN401 - an insert of either engine
    new = insert_or(tx, used)
    since, at = used.c.refused_at, new.excluded.refused_at
    return new.on_conflict_do_update(
        index_elements=list(used.primary_key.columns),
        set_={"refused_at": at},
        where=since.is_(None) | (since < used.c.allowed_at) | (since > at),
    )
