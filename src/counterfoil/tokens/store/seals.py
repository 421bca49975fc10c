"""The seal over a token: its row, its live grants and its living secrets, as one (S5).

It covers whatever opens a gate or says who stands behind it, so a part of one token fits no other,
and none can be added. What is over is not covered: of that nothing opens, and to bring it back
changes what is covered. `UNSEALED` names the columns that give nobody power.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, update

from counterfoil.feed.event import SecretRecord
from counterfoil.kernel.ids import TokenId
from counterfoil.runtime.prepared import Prepared
from counterfoil.runtime.seal import plain, seal_of
from counterfoil.tokens.store.tables import tokens

TOKEN: Final = (
    "id", "organization_id", "kind", "name", "authority", "subject_id", "expires_at", "position",
    "parent_id", "issuer_id", "owner_id", "issuer_token_id", "predecessor_id", "hardcoded_type",
    "spans_all", "created_at", "revoked_at", "revoked_position",
)  # fmt: skip
GRANT: Final = (
    "organization_id", "state", "scope_mode", "scopes", "custom", "roots", "surfaces", "ceiling",
    "conditions",
)  # fmt: skip
OF_JSON: Final = frozenset({"custom", "roots", "ceiling", "conditions"})

SECRET: Final = ("digest", "dies_at")

UNSEALED: Final = frozenset(
    {
        "token.description", "token.reminders", "token.version", "token.seal",
        "token_grant.token_id", "token_grant.disabled_by", "token_grant.on_since",
        "token_grant.version", "token_grant.seal",
        "token_secret.id", "token_secret.organization_id", "token_secret.token_id",
        "token_secret.scheme", "token_secret.hint", "token_secret.created_at",
        "token_secret.retired_at", "token_secret.shown_to", "token_secret.version",
        "token_secret.seal",
    }
)  # fmt: skip
"""Columns that a seal does not cover. To which token a secret or a grant belongs, and whether a
secret is retired, says with which token's seal it is covered."""

_RENEW: Final = Prepared(
    update(tokens)
    .where(tokens.c.id == bindparam("token"))
    .values(seal=bindparam("to_seal", type_=tokens.c.seal.type))
)


def renew(tx: Connection, id_: TokenId, said: list[Any]) -> None:
    """Seal a token as it now is."""
    seal = seal_of(tx)
    if seal is not None:
        _RENEW.run(tx, {"token": id_, "to_seal": seal.over(said)})


def holds(tx: Connection, kept: bytes | None, said: list[Any]) -> bool:
    """Say whether a token is as it was sealed; always so where rows are not sealed."""
    seal = seal_of(tx)
    return seal is None or seal.holds(kept, said)


def said_of(
    token: Mapping[str, Any], grants: Iterable[Mapping[str, Any]], living: Sequence[SecretRecord]
) -> list[Any]:
    """Return what a seal is over, out of columns by their names."""
    told = [[plain(grant[name]) for name in GRANT] for grant in grants]
    kept = [[one.digest, one.dies_at] for one in living]
    return [
        [plain(token[name]) for name in TOKEN],
        sorted(told, key=_first),
        sorted(kept, key=_first),
    ]


def said_in(
    token: Row[Any], grants: Iterable[Row[Any]], living: Sequence[SecretRecord]
) -> list[Any]:
    """Return the same out of rows."""
    return said_of(_named(token, TOKEN), [_named(grant, GRANT) for grant in grants], living)


@lru_cache(maxsize=1 << 14)
def parsed(text: str | None) -> Any:  # noqa: ANN401 - what JSON says
    """Read a column of JSON; remembered, for most tokens say the same. Nobody changes it."""
    return None if text is None else json.loads(text)


def _named(row: Row[Any], names: Sequence[str]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def _first(values: list[Any]) -> Any:  # noqa: ANN401 - an id or a digest
    return values[0]
