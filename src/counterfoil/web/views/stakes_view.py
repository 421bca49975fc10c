"""What is at stake in a change, as people read it: how much, what most, and which tokens."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final

from counterfoil.access.scope import Scope
from counterfoil.access.vocabulary import Vocabulary
from counterfoil.secret import Kind
from counterfoil.tokens.doors.wire_stakes import ScopeMoved, moved
from counterfoil.tokens.model import Token
from counterfoil.tokens.stake import Fate, Stake, Stakes
from counterfoil.web.language import N_
from counterfoil.web.page import Visit

MOST_NAMED: Final = 50
KINDS: Final = MappingProxyType(
    {
        Kind.PERSONAL: N_("Personal token"),
        Kind.SERVICE: N_("API token"),
        Kind.CLIENT: N_("Key and secret"),
    }
)
_NEEDS: Final = MappingProxyType(
    {
        Kind.PERSONAL: (Scope.TOKENS_APPROVE, "/tokens/{}"),
        Kind.SERVICE: (Scope.TOKENS_MANAGE, "/content-api-manager/{}"),
        Kind.CLIENT: (Scope.TOKENS_MANAGE, "/key-pairs/{}"),
    }
)


@dataclass(frozen=True, slots=True)
class StakeView:
    """A token and what becomes of it.

    Attributes:
        path: its page, for who may open it; empty for everybody else.
        another: where somebody chooses whose authority it takes instead, if it can.
        like: where an API token is made that does what this one did, for who makes them.
        in_use: whether it was used within the last day.
        used_by: by what and from where it was last used.
    """

    name: str
    kind: str
    hint: str
    path: str
    another: str
    like: str
    lost: tuple[str, ...]
    gained: tuple[str, ...]
    last_at: datetime | None
    used_by: tuple[str, ...]
    in_use: bool


@dataclass(frozen=True, slots=True)
class StakesView:
    """All that a change reaches; of the tokens, the first fifty of each fate.

    Attributes:
        tokens: how many there are, `ends` those that end for good, `in_use` those that were used
            within the last day.
        worst: the scope that most of them lose; of several, the one that hurts most.
    """

    members: int
    tokens: int
    ends: int
    in_use: int
    scopes: tuple[ScopeMoved, ...]
    worst: ScopeMoved | None
    changing: tuple[StakeView, ...]
    ending: tuple[StakeView, ...]
    resting: tuple[StakeView, ...]

    @classmethod
    def of(cls, stakes: Stakes, words: Vocabulary, visit: Visit) -> StakesView:
        """Return what is shown of what is at stake."""
        scopes = tuple(moved(stakes, words))

        def some(fate: Fate) -> tuple[StakeView, ...]:
            named = stakes.of(fate)[:MOST_NAMED]
            return tuple(_view(one, stakes.now, words, visit) for one in named)

        return cls(
            members=stakes.members,
            tokens=len(stakes.each),
            ends=len(stakes.of(Fate.ENDS)),
            in_use=len(stakes.in_use),
            scopes=scopes,
            worst=_worst(scopes),
            changing=some(Fate.CHANGES),
            ending=some(Fate.ENDS),
            resting=some(Fate.RESTS),
        )

    @property
    def named(self) -> int:
        """How many of the tokens stand here by name."""
        return len(self.changing) + len(self.ending) + len(self.resting)


def _worst(scopes: Iterable[ScopeMoved]) -> ScopeMoved | None:
    losing = [one for one in scopes if one.lost]
    return max(losing, key=lambda one: (one.lost, _HURTS.get(one.scope, 0)), default=None)


_HURTS: Final = MappingProxyType(
    {
        str(scope): place
        for place, scope in enumerate(
            (
                Scope.CONTENT_READ,
                Scope.ASSETS_WRITE,
                Scope.CONTENT_TYPES_WRITE,
                Scope.CONTENT_DELETE,
                Scope.CONTENT_WRITE,
                Scope.CONTENT_PUBLISH,
            ),
            start=1,
        )
    }
)


def _view(one: Stake, now: datetime, words: Vocabulary, visit: Visit) -> StakeView:
    token, last = one.token, one.last
    path = opens(token, visit)
    return StakeView(
        name=token.name,
        kind=visit.say(KINDS[token.kind]),
        hint=token.hint or "",
        path=path,
        another=f"{path}/edit" if path and token.kind is Kind.SERVICE else "",
        like=_like(token, visit) if path else "",
        lost=words.spell(one.lost),
        gained=words.spell(one.gained),
        last_at=None if last is None else last.at,
        used_by=() if last is None else (last.client, last.network),
        in_use=one.is_in_use(now),
    )


def _like(token: Token, visit: Visit) -> str:
    makes = visit.caller.grant.scopes & Scope.TOKENS_MANAGE.bit
    return f"/content-api-manager/new?like={token.id}" if makes and token.owner is not None else ""


def opens(token: Token, visit: Visit) -> str:
    """Return the page of a token; empty for who may not open it."""
    needs, path = _NEEDS[token.kind]
    may = visit.caller.grant.scopes & needs.bit
    mine = token.kind is Kind.PERSONAL and token.owner == visit.caller.user
    return path.format(token.id) if may or mine else ""
