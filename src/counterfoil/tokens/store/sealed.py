"""Tokens sealed as they are, and those found that are not as they were sealed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Select, select

from counterfoil.feed.event import SecretRecord
from counterfoil.tokens.model import LIVE, Token
from counterfoil.tokens.store import rows, seals
from counterfoil.tokens.store.secrets import kept_of
from counterfoil.tokens.store.tables import grants, tokens


def sealed(tx: Connection, token: Token, living: Sequence[SecretRecord]) -> None:
    """Seal a token as it now is, with its secrets that are not retired.

    One that somebody else changed in the database stays so as long as anything of it is live.
    """
    if token.is_sound or not token.live_grants:
        said = [rows.grant_columns(token, grant) for grant in token.live_grants]
        seals.renew(tx, token.id, seals.said_of(rows.columns(token), said, living))


def reseal(tx: Connection) -> int:
    """Seal all live tokens as they stand; return how many. Whoever asks says that they may."""
    count, last = 0, 0
    while found := rows.load(tx, _live_after(last).limit(rows.BELOW)):
        kept = kept_of(tx, [one.id for one in found])
        for one in found:
            sealed(tx, replace(one, is_sound=True), kept[one.id].living)
        count, last = count + len(found), found[-1].id
    return count


def live_after(tx: Connection, last: int, most: int) -> list[Token]:
    """Return tokens with a live grant, in the order of their ids, after one."""
    return rows.load(tx, _live_after(last).limit(most))


def _live_after(last: int) -> Select[Any]:
    live = select(grants.c.token_id).where(
        grants.c.token_id == tokens.c.id, grants.c.state.in_([str(state) for state in LIVE])
    )
    return select(tokens).where(tokens.c.id > last, live.exists()).order_by(tokens.c.id)
