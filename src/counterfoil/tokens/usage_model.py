"""How a token was used: when last, and how often in the hours of a range."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from counterfoil.access.surface import Surface
from counterfoil.gate.usage import Outcome


@dataclass(frozen=True, slots=True)
class LastUse:
    """The last time that a token verified, in one organization.

    Attributes:
        at: when, to within a minute.
        client: the first product of its user agent, or `other`.
        network: from which /24 or /48 it came, or `other`.
        management_at: when it was last used on the Management API.
        delivery_at: when on the delivery APIs, drafts or not.
    """

    at: datetime
    client: str
    network: str
    management_at: datetime | None = None
    delivery_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Bucket:
    """How often it was used within an hour, in one way."""

    hour: datetime
    surface: Surface
    outcome: Outcome
    client: str
    network: str
    count: int


def hour_of(at: datetime) -> datetime:
    """Return the beginning of the hour."""
    return at.replace(minute=0, second=0, microsecond=0)
