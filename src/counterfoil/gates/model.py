"""A gate on another host, as the office knows it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from counterfoil.kernel.ids import GateId


class Called(NamedTuple):
    """How an office is called.

    Attributes:
        prefix: how its tokens begin.
        address: its base URL; empty if it has none.
    """

    prefix: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class Gate:
    """One gate.

    Attributes:
        name: what its operator calls it.
        position: up to where it has said that it follows the feed.
        renewals: how many leases it was given; a lease is named by it.
        holds: whether the lease that it was given last may still run.
        heard_at: when it was last heard of; None if it never was.
    """

    id: GateId
    name: str
    enrolled_at: datetime
    position: int = 0
    renewals: int = 0
    holds: bool = False
    heard_at: datetime | None = None
