"""What the model of the lifecycle believes of tokens and people."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from counterfoil.access.scope import Scopes
from counterfoil.kernel.ids import TokenId, UserId
from counterfoil.secret import Secret
from counterfoil.tokens.request_model import Request

LAPSE = timedelta(days=14)


@dataclass
class Belief:
    """What the model believes of one token."""

    owner: UserId
    secret: Secret
    scopes: Scopes
    expires_at: datetime
    state: str
    cut: bool = False
    off_by: UserId | None = None
    wanted: Scopes = 0
    request: Request | None = None
    since: datetime | None = None

    def expired(self, now: datetime) -> bool:
        return now >= self.expires_at

    def over(self, now: datetime) -> bool:
        """Say whether it has come to its end by itself, which nobody undoes or does again."""
        return self.state != "dead" and not self.cut and self.expired(now)

    def waiting(self, now: datetime) -> bool:
        """Say whether somebody may approve what was asked: not once the token itself is over."""
        if self.request is None or self.since is None:
            return False
        return now < min(self.since + LAPSE, self.expires_at)


@dataclass
class Person:
    """What the model believes of one member."""

    role: str
    active: bool = True
    held: list[TokenId] = field(default_factory=list)
