"""The books of the office as a replica is built from them, out of every slice."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from sqlalchemy import Connection

from counterfoil import content, directory, signin, tokens
from counterfoil.feed import quarantine
from counterfoil.feed.event import AnyEvent


def records(tx: Connection) -> Iterator[AnyEvent]:
    """Return all that a gate must know of the present state, from every slice."""
    return chain(
        quarantine.records(tx),
        directory.records(tx),
        content.records(tx),
        tokens.records(tx),
        signin.records(tx),
    )
