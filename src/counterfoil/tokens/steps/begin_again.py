"""What every organization begins with outlives the end of all tokens, without a secret.

It is no token that somebody made: programs of others know it by its id. So it is as on the first
day, and has a secret once somebody asks for one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Final

from counterfoil.kernel.errors import NotFound
from counterfoil.kernel.ids import OrganizationId
from counterfoil.operation import Work
from counterfoil.runtime.embedded import UNREADABLE, at_all
from counterfoil.tokens.model import Token
from counterfoil.tokens.steps.record import tell
from counterfoil.tokens.store import lists, rows, secrets
from counterfoil.tokens.store.at_home import EVERY_KIND
from counterfoil.tokens.store.sealed import sealed

_VERSIONS: Final = 1 << 30
"""No seal is over a version: so many changes no token has seen."""


def held_built_in(work: Work, here: OrganizationId) -> list[Token]:
    """Hold the built-in tokens of an organization.

    What somebody else has written of one is passed over: it opens nothing, and must not keep all
    the others alive (S5).
    """
    found = []
    with at_all(work.tx):
        for id_ in lists.built_in(work.tx, here):
            try:
                token = rows.hold(work.tx, here, id_, EVERY_KIND)
            except (NotFound, *UNREADABLE):
                continue
            if token.is_sound and _is_count(token.version):
                found.append(token)
    return found


def _is_count(version: Any) -> bool:  # noqa: ANN401 - what a column holds
    return isinstance(version, int) and version < _VERSIONS


def begin_again(work: Work, tokens: Iterable[Token], at: int) -> None:
    """Have held tokens be made after a position; their secrets, which die by it, are retired."""
    for token in tokens:
        after = replace(token, position=at + 1, version=token.version + 1)
        rows.save(work.tx, token, after)
        if struck := secrets.retire(work.tx, token.id, work.now):
            tell(work, after, struck)
        else:
            sealed(work.tx, after, ())
