"""All that somebody is signed in by, or on the way there, taken out at one stroke."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection, delete

from counterfoil.signin.store.tables import (
    codes,
    devices,
    flows,
    invitations,
    questions,
    secrets,
    sessions,
)

_ON_THE_WAY: Final = (codes, devices, flows, invitations, questions, secrets)


def everything(tx: Connection) -> int:
    """Take out all sessions, codes and questions; return how many sessions there were."""
    for table in _ON_THE_WAY:
        tx.execute(delete(table))
    return tx.execute(delete(sessions)).rowcount
