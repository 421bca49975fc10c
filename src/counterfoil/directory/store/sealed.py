"""The directory sealed as it is, and looked at piece by piece."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Connection, Row, bindparam, select, update

from counterfoil.access.role import Role
from counterfoil.directory.model import Member, User
from counterfoil.directory.store import seals
from counterfoil.directory.store.cut_offs import Cut, complete_cut_offs, cuts_of
from counterfoil.directory.store.places import MEMBERS, read_members
from counterfoil.directory.store.policies import Rules, rules_after
from counterfoil.directory.store.roles import as_role
from counterfoil.directory.store.rows import as_user
from counterfoil.directory.store.seals import Sealed
from counterfoil.directory.store.tables import (
    membership_roles,
    memberships,
    roles,
    users,
)


@dataclass(frozen=True, slots=True)
class Last:
    """Up to which ids somebody has looked."""

    user: int = 0
    role: int = 0
    policy: int = 0


@dataclass(frozen=True, slots=True)
class Seen:
    """Some of the directory."""

    users: list[User]
    members: list[Member]
    roles: list[Role]
    rules: list[Rules]
    cuts: list[Cut]


def seen_after(tx: Connection, last: Last, most: int) -> tuple[Seen, Last]:
    """Return so many users, roles and policies, and where to go on.

    With the users come all their memberships, and with the policies the cut-offs of their
    organizations. What was seen to its end begins again.
    """
    people = [as_user(tx, row) for row in _next(tx, seals.USER, users.c.id, last.user, most)]
    until = people[-1].id if len(people) == most else 0
    theirs = MEMBERS.where(memberships.c.user_id > last.user)
    places = read_members(tx, theirs.where(memberships.c.user_id <= until) if until else theirs)
    some = [as_role(tx, row) for row in _next(tx, seals.ROLE, roles.c.id, last.role, most)]
    rules = rules_after(tx, last.policy, most)
    cuts = cuts_of(tx, [one.organization for one in rules])
    return Seen(people, places, some, rules, cuts), Last(
        until,
        some[-1].id if len(some) == most else 0,
        rules[-1].organization if len(rules) == most else 0,
    )


def _next(tx: Connection, kind: Sealed, id_: Column[int], last: int, most: int) -> list[Row[Any]]:
    found = select(*kind.shown()).where(id_ > last).order_by(id_).limit(most)
    return list(tx.execute(found))


def reseal(tx: Connection) -> None:
    """Seal all of the directory as it stands. Whoever asks says that they may.

    Every organization has a cut-off from then on.
    """
    held = _roles_held(tx)
    for kind in (seals.USER, seals.ROLE, seals.POLICY, seals.CUT_OFF):
        _reseal(tx, kind, lambda _row: ())
    _reseal(tx, seals.MEMBERSHIP, lambda row: (held.get((row.organization_id, row.user_id), []),))
    complete_cut_offs(tx)


def _reseal(tx: Connection, kind: Sealed, more: Callable[[Row[Any]], tuple[object, ...]]) -> None:
    keys = [key.name for key in kind.table.primary_key]
    written = []
    for row in tx.execute(select(*kind.shown())):
        seal = kind.sealed(tx, row._asdict(), *more(row)).get("seal")
        written.append({f"of_{key}": getattr(row, key) for key in keys} | {"to_seal": seal})
    if written:
        own = [kind.table.c[key] == bindparam(f"of_{key}") for key in keys]
        tx.execute(update(kind.table).where(*own).values(seal=bindparam("to_seal")), written)


def _roles_held(tx: Connection) -> dict[tuple[int, int], list[int]]:
    """Return the ids of the roles that each member holds, in order, as they are read."""
    held: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
    here = membership_roles.c
    own = (roles.c.id == here.role_id) & (roles.c.organization_id == here.organization_id)
    query = select(here.organization_id, here.user_id, here.role_id)
    for row in tx.execute(query.join(roles, own).order_by(here.role_id)):
        held[row.organization_id, row.user_id].append(row.role_id)
    return held
