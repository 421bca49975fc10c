"""What a change of authority makes of the tokens behind it: by the rules that decide requests."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cache
from typing import Final, TypeAlias

from counterfoil.access.grant import Grant, Term
from counterfoil.access.scope import Scopes
from counterfoil.operation import Work
from counterfoil.tokens import policy
from counterfoil.tokens.bounds import Bounds, LineageOf
from counterfoil.tokens.model import State, Token
from counterfoil.tokens.stake import Fate, Stake, Stakes, bits
from counterfoil.tokens.steps.last_use import last_uses
from counterfoil.tokens.steps.plan import lineage_of

Authority: TypeAlias = tuple[Term, ...]
_NEVER: Final = datetime.min.replace(tzinfo=UTC)


def reweighed(
    work: Work, some: Iterable[tuple[Token, Authority, Authority]]
) -> list[tuple[Token, Scopes, Scopes]]:
    """Return those tokens in force that come to less or more, with the scopes lost and gained.

    Args:
        work: of the organization where they speak.
        some: each token with what its authority may do before and after the change.
    """
    here, supported = work.caller.organization, work.vocabulary().supported
    at: LineageOf = cache(lineage_of(work.tx, here))

    @cache
    def weigh(bounds: Bounds, before: Authority, after: Authority) -> tuple[Scopes, Scopes]:
        was, is_ = bounds.of(before), bounds.of(after)
        return _beyond(was, is_, supported, at), _beyond(is_, was, supported, at)

    found = []
    for token, before, after in some:
        grant = token.grant_in(here)
        if grant.standing is State.ACTIVE and before != after:
            lost, gained = weigh(grant.bounds, before, after)
            if lost or gained:
                found.append((token, lost, gained))
    return found


def gathered(work: Work, members: int, some: Iterable[Stake]) -> Stakes:
    """Return stakes with their last use, what was used last first."""
    every = list(some)
    used = last_uses(work, [one.token.id for one in every])
    whole = [
        Stake(one.token, one.fate, one.lost, one.gained, used.get(one.token.id)) for one in every
    ]
    whole.sort(key=lambda one: one.last.at if one.last else _NEVER, reverse=True)
    return Stakes(members, tuple(whole), work.now)


def changing(work: Work, some: Iterable[tuple[Token, Authority, Authority]]) -> list[Stake]:
    """Return the stakes of tokens that go on with other power."""
    return [
        Stake(token, Fate.CHANGES, lost, gained) for token, lost, gained in reweighed(work, some)
    ]


def _beyond(one: Grant, other: Grant, supported: Scopes, at: LineageOf) -> Scopes:
    """Return the scopes that one grant holds in places where the other does not."""
    found: Scopes = 0
    for bit in bits(one.scopes & supported):
        if not policy.lies_inside(one.narrowed(scopes=bit), other, at):
            found |= bit
    return found
