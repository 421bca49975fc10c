"""What every organization begins with outlives the end of all tokens, without a secret.

It is no token that somebody made: programs of others know it by its id. So it is as on the first
day, and has a secret once somebody asks for one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from counterfoil.kernel.ids import OrganizationId
from counterfoil.operation import Work
from counterfoil.tokens.model import Token
from counterfoil.tokens.steps.record import tell
from counterfoil.tokens.store import lists, rows, secrets
from counterfoil.tokens.store.at_home import EVERY_KIND
from counterfoil.tokens.store.sealed import sealed


def held_built_in(work: Work, here: OrganizationId) -> list[Token]:
    """Hold the built-in tokens of an organization."""
    found = lists.built_in(work.tx, here)
    return [rows.hold(work.tx, here, id_, EVERY_KIND) for id_ in found]


def begin_again(work: Work, tokens: Iterable[Token], at: int) -> None:
    """Have held tokens be made after a position; their secrets, which die by it, are retired."""
    for token in tokens:
        after = replace(token, position=at + 1, version=token.version + 1)
        rows.save(work.tx, token, after)
        if struck := secrets.retire(work.tx, token.id, work.now):
            tell(work, after, struck)
        else:
            sealed(work.tx, after, ())
