"""All the tokens at once, for a replica that is built anew."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from operator import itemgetter
from typing import Final

import msgspec
import structlog
from sqlalchemy import Connection, String, cast, select

from counterfoil.kernel.ids import Prefix, spell
from counterfoil.runtime.seal import Seal, seal_of, spelled
from counterfoil.runtime.stream import Beside, Raw, bare, stream
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
    said = list(token)
    own, spans = said.pop(), said[_SPANS]
    if spans is not None:
        said[_SPANS] = bool(spans)  # of which SQLite makes a number
    if len(held) > 1:
        held = sorted(held, key=_SECOND)
    if len(kept) > 1:
        kept = sorted(kept, key=_SECOND)
    lists = [_as_said(grant[1:]) for grant in held]
    return None not in lists and seal.holds(own, [said, lists, [one[1:] for one in kept]])


_SPANS: Final = seals.TOKEN.index("spans_all")
_SECOND: Final = itemgetter(1)

_TOKENS: Final = select(*(bare(tokens.c[name]) for name in (*seals.TOKEN, "seal"))).where(
    tokens.c.kind != kind_name(Kind.CLIENT)
)

_GRANTS: Final = select(
    grants.c.token_id,
    *(
        cast(grants.c[name], String) if name in seals.OF_JSON else grants.c[name]
        for name in seals.GRANT
    ),
).where(grants.c.state.in_([str(state) for state in LIVE]))

_SECRETS: Final = select(
    secrets.c.token_id, *(bare(secrets.c[name]) for name in seals.SECRET)
).where(secrets.c.retired_at.is_(None))


@lru_cache(maxsize=1 << 14)
def _as_said(values: Raw) -> msgspec.Raw | None:
    """Return a grant as it was sealed, None if it cannot have been; most say the same."""
    try:
        return spelled(
            [
                seals.parsed(value) if name in seals.OF_JSON and isinstance(value, str) else value
                for name, value in zip(seals.GRANT, values, strict=True)
            ]
        )
    except (TypeError, ValueError, OverflowError):
        return None
