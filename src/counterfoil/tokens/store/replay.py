"""All the tokens at once, for a replica that is built anew."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

import structlog
from sqlalchemy import BigInteger, Connection, String, cast, select, type_coerce

from counterfoil.kernel.ids import Prefix, spell
from counterfoil.runtime.seal import Seal, seal_of
from counterfoil.runtime.stream import Beside, Raw, stream
from counterfoil.secret import Kind
from counterfoil.tokens.model import LIVE
from counterfoil.tokens.store import seals
from counterfoil.tokens.store.rows import kind_name
from counterfoil.tokens.store.tables import grants, secrets, tokens

log = structlog.get_logger(__name__)


def known_to_gates(tx: Connection) -> Iterator[tuple[Raw, list[Raw], list[Raw]]]:
    """Yield every token that a gate must know of, with its live grants and its living secrets.

    The columns of each are those below, as they stand in the tables: instants are microseconds, and
    custom scopes, roots and conditions are JSON. What somebody else has written is left out (S5).
    """
    seal = seal_of(tx)
    with (
        stream(tx, _TOKENS, tokens.c.id) as every,
        stream(tx, _GRANTS, grants.c.token_id) as live,
        stream(tx, _SECRETS, secrets.c.token_id) as living,
    ):
        held, kept = Beside(live), Beside(living)
        for token in every:
            its = held.of(token[0])
            if not its:
                continue
            secrets_of = kept.of(token[0])
            if seal is None or _is_sound(seal, token, its, secrets_of):
                yield token, its, secrets_of
            else:
                log.error(
                    "a token was changed in the database", token=spell(Prefix.TOKEN, token[0])
                )


def _is_sound(seal: Seal, token: Raw, held: list[Raw], kept: list[Raw]) -> bool:
    *said, own = token
    lists = [_as_said(*grant[1:]) for grant in held]
    return seal.holds(own, seals.said_plainly(said, lists, [[*one[1:]] for one in kept]))


_TOKENS: Final = select(
    *(
        type_coerce(tokens.c[name], BigInteger) if name.endswith("_at") else tokens.c[name]
        for name in seals.TOKEN
    ),
    tokens.c.seal,
).where(tokens.c.kind != kind_name(Kind.CLIENT))

_GRANTS: Final = select(
    grants.c.token_id,
    *(
        cast(grants.c[name], String) if name in seals.OF_JSON else grants.c[name]
        for name in seals.GRANT
    ),
).where(grants.c.state.in_([str(state) for state in LIVE]))

_SECRETS: Final = select(
    secrets.c.token_id, secrets.c.digest, type_coerce(secrets.c.dies_at, BigInteger)
).where(secrets.c.retired_at.is_(None))


@lru_cache(maxsize=1 << 14)
def _as_said(*values: object) -> list[object]:
    """Return a grant as it was sealed; remembered, for most say the same. Nobody changes it."""
    return [
        seals.parsed(value) if name in seals.OF_JSON and isinstance(value, str) else value
        for name, value in zip(seals.GRANT, values, strict=True)
    ]
