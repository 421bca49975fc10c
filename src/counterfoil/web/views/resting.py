"""What nobody has used for 90 days: how much of each kind, and where it is listed (G12e)."""

from __future__ import annotations

from dataclasses import dataclass

from counterfoil.access.scope import Scope
from counterfoil.operation import Work
from counterfoil.secret import Kind
from counterfoil.tokens.sought import idle
from counterfoil.tokens.steps.resting import resting


@dataclass(frozen=True, slots=True)
class Way:
    """To the list of one kind, of those alone that nobody has used."""

    kind: str
    path: str


@dataclass(frozen=True, slots=True)
class Resting:
    """How many live ones nobody has used for 90 days; none of a kind that one may not list.

    Attributes:
        everybody: whether the personal tokens are everybody's.
    """

    personal: int
    api: int
    pairs: int
    everybody: bool

    @classmethod
    def of(cls, work: Work, *, everybody: bool = True) -> Resting:
        """Count them for who looks; everybody's personal tokens for none but who approves them."""
        everybody = everybody and bool(work.caller.grant.scopes & Scope.TOKENS_APPROVE.bit)
        found = resting(work, idle(work.now), everybody=everybody)
        return cls(
            personal=found[Kind.PERSONAL],
            api=found.get(Kind.SERVICE, 0),
            pairs=found.get(Kind.CLIENT, 0),
            everybody=everybody,
        )

    @property
    def ways(self) -> tuple[Way, ...]:
        """The way to each kind of which there is one."""
        whose = "&owner=all" if self.everybody else ""
        return (
            *([Way("personal", f"/tokens?used=idle{whose}")] if self.personal else ()),
            *([Way("api", "/content-api-manager?used=idle")] if self.api else ()),
            *([Way("pairs", "/key-pairs?used=idle")] if self.pairs else ()),
        )
