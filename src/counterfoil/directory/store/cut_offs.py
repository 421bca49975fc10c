"""The cut-offs of members, for the queries of others that have them beside."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import ColumnElement, Select, case

from counterfoil.directory.store.tables import memberships, users

_place_beside: Final = memberships.alias("place_beside")
_user_beside: Final = users.alias("user_beside")

cut_off_beside: Final[ColumnElement[int | None]] = case(
    (_user_beside.c.cut_off > _place_beside.c.cut_off, _user_beside.c.cut_off),
    else_=_place_beside.c.cut_off,
)
"""For the queries of others that have the cut-offs beside: a member's own credentials are dead that
were made up to there. NULL where there is no such member."""


def beside_cut_offs(
    query: Select[Any], organization: ColumnElement[Any], user: ColumnElement[Any]
) -> Select[Any]:
    """Return a query with the cut-off of a user in an organization beside each of its rows.

    Each is looked up for itself: what is joined first and then looked into is made anew of all
    members, for a single row.
    """
    place = (_place_beside.c.organization_id == organization) & (_place_beside.c.user_id == user)
    return query.outerjoin(_place_beside, place).outerjoin(
        _user_beside, _user_beside.c.id == _place_beside.c.user_id
    )
