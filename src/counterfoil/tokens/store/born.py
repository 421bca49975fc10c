"""What was ever true of tokens: no row of one is deleted, so all of it is still to be seen."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Final, NamedTuple

from sqlalchemy import Connection, select

from counterfoil.kernel.ids import OrganizationId, UserId
from counterfoil.tokens.store.tables import grants, tokens

_BELOW: Final = 500


class Born(NamedTuple):
    """What a token is, whatever became of it.

    Attributes:
        kind: as its row says it.
        owner: whose own it is; None where it is an organization's.
        places: the organizations where it speaks, or spoke.
    """

    kind: str
    owner: UserId | None
    places: frozenset[OrganizationId]


def born(tx: Connection, ids: Iterable[int]) -> dict[int, Born]:
    """Return what there is of tokens with these ids."""
    wanted = sorted(set(ids))
    found: dict[int, Born] = {}
    for start in range(0, len(wanted), _BELOW):
        some = wanted[start : start + _BELOW]
        places: defaultdict[int, set[int]] = defaultdict(set)
        spoken = select(grants.c.token_id, grants.c.organization_id)
        for row in tx.execute(spoken.where(grants.c.token_id.in_(some))):
            places[row.token_id].add(row.organization_id)
        known = select(tokens.c.id, tokens.c.kind, tokens.c.owner_id, tokens.c.organization_id)
        for one in tx.execute(known.where(tokens.c.id.in_(some))):
            everywhere = places[one.id] | {one.organization_id}
            found[one.id] = Born(
                one.kind,
                None if one.owner_id is None else UserId(one.owner_id),
                frozenset(map(OrganizationId, everywhere)),
            )
    return found
