"""Whom somebody may touch: nobody who reaches further than they do, nor who belongs elsewhere too.

These are steps of operations. Whoever opens an account to somebody lends them all that it reaches.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Final

from sqlalchemy import Connection

from counterfoil.access.caller import Method
from counterfoil.access.grant import Term
from counterfoil.access.role import Role
from counterfoil.directory.model import Member
from counterfoil.directory.rules import require_own_power
from counterfoil.directory.steps.standing import lineage
from counterfoil.directory.store.apis import vocabulary
from counterfoil.directory.store.roles import role
from counterfoil.kernel.errors import Code, Denied, Invalid, NotFound
from counterfoil.kernel.ids import OrganizationId, RoleId
from counterfoil.kernel.sentence import sentence
from counterfoil.operation import Work

_ROLES: Final = "/data/relationships/roles/data"


def require_reach(
    tx: Connection, organization: OrganizationId, held: Iterable[Term], roles: Iterable[Role]
) -> None:
    """Return if whoever holds these terms may hand out, take away or take over such roles.

    Raises:
        Denied: INSUFFICIENT_ROLE.
    """
    require_own_power(
        held,
        [role.term for role in roles],
        partial(lineage, tx, organization),
        vocabulary(tx, organization),
    )


def roles_to_give(work: Work, ids: Iterable[RoleId]) -> tuple[Role, ...]:
    """Find roles by id and make sure that the caller may hand them out.

    Raises:
        Invalid: pointing at the one that there is not.
        Denied: INSUFFICIENT_ROLE.
    """
    here, found = work.caller.organization, []
    for place, id_ in enumerate(dict.fromkeys(ids)):
        try:
            found.append(role(work.tx, here, id_))
        except NotFound:
            raise Invalid(
                Code.INVALID_FIELD, "There is no such role.", field=f"{_ROLES}/{place}/id"
            ) from None
    require_reach(work.tx, here, work.caller.grant.terms, found)
    return tuple(sorted(found, key=lambda one: one.id))


def require_alone_here(work: Work, places: Iterable[Member], instead: str) -> None:
    """Return if somebody belongs to the caller's organization alone, or the operator asks.

    Raises:
        Denied: INSUFFICIENT_ROLE, with what to do instead: whom several organizations share, no
            admin of one disposes of.
    """
    here = work.caller.organization
    elsewhere = any(one.joined and one.organization != here for one in places)
    if elsewhere and work.caller.method is not Method.SYSTEM:
        raise Denied(
            Code.INSUFFICIENT_ROLE,
            sentence(
                "This person belongs to other organizations too: %(instead)s",
                instead=sentence(instead),
            ),
        )
