"""Whoever exchanges tokens in haste waits."""

from __future__ import annotations

from datetime import datetime, timedelta
from math import ceil
from typing import Final

from sqlalchemy import Connection

from counterfoil.kernel.errors import Limited
from counterfoil.kernel.sentence import sentence
from counterfoil.tokens.model import Token
from counterfoil.tokens.store import lists

A_MINUTE: Final = timedelta(minutes=1)
MOST_A_MINUTE: Final = 60
"""So often one is exchanged within a minute: each time is a row, an event and an audit entry."""


def require_patience(tx: Connection, parent: Token, now: datetime) -> None:
    """Return if a pair or a token may be exchanged once more, so soon after it last was.

    Raises:
        Limited: RATE_LIMIT_EXCEEDED, with the seconds until it may.
    """
    made, first = lists.count_exchanged(tx, parent, now - A_MINUTE)
    if made >= MOST_A_MINUTE and first is not None:
        raise Limited(
            detail=sentence(
                "This is exchanged %(most)s times a minute: use a token while it lives.",
                most=MOST_A_MINUTE,
            ),
            meta={
                "limit": MOST_A_MINUTE,
                "retry_after": ceil((first + A_MINUTE - now).total_seconds()),
            },
        )
