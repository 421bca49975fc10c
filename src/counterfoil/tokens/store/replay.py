"""All the tokens at once, for a replica that is built anew."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sqlalchemy import BigInteger, Connection, String, case, cast, select, type_coerce

from counterfoil.runtime.stream import Beside, Raw, stream
from counterfoil.secret import Kind
from counterfoil.tokens.model import LIVE
from counterfoil.tokens.store.rows import kind_name
from counterfoil.tokens.store.tables import grants, secrets, tokens


def known_to_gates(tx: Connection) -> Iterator[tuple[Raw, list[Raw], list[Raw]]]:
    """Yield every token that a gate must know of, with its live grants and its living secrets.

    The columns of each are those below, as they stand in the tables: instants are microseconds, and
    custom scopes, roots and conditions are JSON.
    """
    with (
        stream(tx, _TOKENS, tokens.c.id) as every,
        stream(tx, _GRANTS, grants.c.token_id) as live,
        stream(tx, _SECRETS, secrets.c.token_id) as living,
    ):
        held, kept = Beside(live), Beside(living)
        for token in every:
            its = held.of(token[0])
            if its:
                yield token, its, kept.of(token[0])


_TOKENS: Final = select(
    tokens.c.id,
    tokens.c.organization_id,
    tokens.c.kind,
    tokens.c.name,
    tokens.c.authority,
    tokens.c.subject_id,
    type_coerce(tokens.c.expires_at, BigInteger),
    tokens.c.position,
    tokens.c.parent_id,
    case((tokens.c.kind == kind_name(Kind.SERVICE), tokens.c.issuer_id)),
).where(tokens.c.kind != kind_name(Kind.CLIENT))

_GRANTS: Final = select(
    grants.c.token_id,
    grants.c.organization_id,
    grants.c.state,
    grants.c.scopes,
    cast(grants.c.custom, String),
    cast(grants.c.roots, String),
    grants.c.surfaces,
    cast(grants.c.ceiling, String),
    cast(grants.c.conditions, String),
).where(grants.c.state.in_([str(state) for state in LIVE]))

_SECRETS: Final = select(
    secrets.c.token_id, secrets.c.digest, type_coerce(secrets.c.dies_at, BigInteger)
).where(secrets.c.retired_at.is_(None))
