"""The cut-offs of members and of organizations, alone and beside the queries of others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Select, case, or_, select, union

from counterfoil.directory.store import seals
from counterfoil.directory.store.tables import (
    cut_offs,
    memberships,
    organizations,
    roles,
    users,
)
from counterfoil.kernel.ids import OrganizationId
from counterfoil.runtime.database import insert_or
from counterfoil.runtime.seal import seal_of

_place_beside: Final = memberships.alias("place_beside")
_user_beside: Final = users.alias("user_beside")
_here_beside: Final = cut_offs.alias("here_beside")

_own_cut_off: Final[ColumnElement[int | None]] = case(
    (_user_beside.c.cut_off > _place_beside.c.cut_off, _user_beside.c.cut_off),
    else_=_place_beside.c.cut_off,
)
_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class Cut:
    """Up to where in the feed the tokens of an organization are dead; 0 if nobody ended them.

    `is_sound` says whether it is as we have written it. If not, somebody changed it in the
    database, or took it away: then nobody can say which are dead, and all are.
    """

    organization: OrganizationId
    at: int = 0
    is_sound: bool = True

    def reached(self, position: int) -> bool:
        """Say whether it ended a token that was made at a position."""
        return not self.is_sound or position <= self.at > 0


def cut(tx: Connection, organization: OrganizationId) -> Cut:
    """Return up to where the tokens of an organization are dead."""
    return cuts_of(tx, [organization])[0]


def cuts_of(tx: Connection, organizations: Sequence[OrganizationId]) -> list[Cut]:
    """Return up to where the tokens of these organizations are dead, also where none is."""
    found = {}
    for start in range(0, len(organizations), _AT_ONCE):
        some = cut_offs.c.organization_id.in_(organizations[start : start + _AT_ONCE])
        for row in tx.execute(select(*seals.CUT_OFF.shown()).where(some)):
            found[row.organization_id] = _cut(tx, row)
    return [found[one] if one in found else _none(tx, one) for one in organizations]


def every_cut(tx: Connection) -> Iterator[Cut]:
    """Yield up to where the tokens of organizations are dead, where that is not nowhere.

    An organization whose own row somebody took away counts as long as it has roles: without these
    no token of it opens anything.
    """
    named = union(select(organizations.c.id), select(roles.c.organization_id))
    every = sorted(OrganizationId(one) for one in tx.scalars(named))
    for one in cuts_of(tx, every):
        if one.at or not one.is_sound:
            yield one


def save_cut(tx: Connection, new: Cut) -> None:
    """Write up to where the tokens of an organization, which is held, are dead."""
    columns = seals.CUT_OFF.sealed(tx, {"organization_id": new.organization, "cut_off": new.at})
    columns.setdefault("seal", None)
    written = insert_or(tx, cut_offs).values(columns)
    told = {name: written.excluded[name] for name in ("cut_off", "seal")}
    tx.execute(written.on_conflict_do_update(index_elements=["organization_id"], set_=told))


def complete_cut_offs(tx: Connection) -> None:
    """Write of every organization that has no such row that nobody ended its tokens.

    Whoever asks says that none can have been taken away.
    """
    there = select(cut_offs.c.organization_id)
    for one in tx.scalars(select(organizations.c.id).where(organizations.c.id.not_in(there))).all():
        save_cut(tx, Cut(OrganizationId(one)))


def _none(tx: Connection, organization: OrganizationId) -> Cut:
    """Return what no row says: once each has one, somebody took it away."""
    return Cut(organization, is_sound=not _is_missed(tx))


def _is_missed(tx: Connection) -> bool:
    """Say whether a row that is not there was taken away."""
    seal = seal_of(tx)
    return seal is not None and seal.spans_cut_offs


def _cut(tx: Connection, row: Any) -> Cut:  # noqa: ANN401 - a row
    is_sound = seals.CUT_OFF.holds(tx, row)
    return Cut(OrganizationId(row.organization_id), row.cut_off, is_sound)


def beside_cut_offs(
    query: Select[Any], organization: ColumnElement[Any], user: ColumnElement[Any]
) -> Select[Any]:
    """Return a query with the cut-offs of a user and an organization beside each of its rows.

    Each is looked up for itself: what is joined first and then looked into is made anew of all
    members, for a single row.
    """
    place = (_place_beside.c.organization_id == organization) & (_place_beside.c.user_id == user)
    return (
        query.outerjoin(_place_beside, place)
        .outerjoin(_user_beside, _user_beside.c.id == _place_beside.c.user_id)
        .outerjoin(_here_beside, _here_beside.c.organization_id == organization)
    )


def cut_off_beside(position: ColumnElement[int]) -> ColumnElement[bool]:
    """Say, in a query with the cut-offs beside, whether one reached what was made at a position.

    NULL where there is none.
    """
    ended = (_here_beside.c.cut_off > 0) & (position <= _here_beside.c.cut_off)
    return or_(position <= _own_cut_off, ended)


cut_beside: Final[tuple[ColumnElement[Any], ...]] = tuple(
    _here_beside.c[name].label(f"here_{name}") for name in (*seals.CUT_OFF.columns, "seal")
)
"""The cut-off of the organization, to be selected in a query with the cut-offs beside."""


def is_cut_sound(tx: Connection, row: Sequence[Any]) -> bool:
    """Say whether the cut-off of an organization is as we have written it, by `cut_beside`."""
    return not _is_missed(tx) if row[0] is None else seals.CUT_OFF.holds(tx, row)
