"""A row of a token, held: nobody else changes it, and who is gone holds it for a moment alone."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection, bindparam, select

from counterfoil.kernel.ids import TokenId
from counterfoil.runtime.postgres import HOLDING
from counterfoil.runtime.prepared import Prepared
from counterfoil.tokens.store.tables import tokens

_HELD: Final = Prepared(
    select(tokens.c.version, HOLDING)
    .where(tokens.c.id == bindparam("token"))
    .with_for_update(key_share=True)
)


def hold_row(tx: Connection, id_: TokenId) -> None:
    """Wait for whoever has it, and have it until this work commits."""
    if tx.dialect.name != "sqlite":  # which has one writer anyway
        _HELD.first(tx, {"token": id_})
