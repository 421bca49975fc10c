"""Policies: one row for each organization.

One that is not as it was sealed is read as the tightest there is (S5).
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, bindparam, insert, select, update

from counterfoil.directory.presets import CLOSED, Policy
from counterfoil.directory.store import seals
from counterfoil.directory.store.tables import organizations, policies
from counterfoil.kernel.errors import NotFound
from counterfoil.kernel.ids import OrganizationId
from counterfoil.runtime.prepared import Prepared


@dataclass(frozen=True, slots=True)
class Rules:
    """What an organization asks, how it is called, and if its policy is as it was sealed."""

    organization: OrganizationId
    name: str
    policy: Policy
    is_sound: bool


_LISTS: Final = ("approval_scopes", "token_roles", "ip_ranges")
_ALL: Final = select(*seals.POLICY.shown())
_HERE: Final = _ALL.where(policies.c.organization_id == bindparam("here"))
_SEEN: Final = Prepared(_HERE)


def policy(tx: Connection, organization: OrganizationId) -> Policy:
    """Find an organization's policy, or raise NotFound."""
    return _read(tx, _row(tx, organization, hold=False))


def hold_policy(tx: Connection, organization: OrganizationId) -> Policy:
    """Find the policy, and let nobody else change it before this work commits.

    Raises:
        Conflict: if somebody changed it in the database, and it was not closed since.
    """
    found, is_sound = hold_as_it_is(tx, organization)
    seals.require_sound(is_sound=is_sound)
    return found


def hold_as_it_is(tx: Connection, organization: OrganizationId) -> tuple[Policy, bool]:
    """Find and hold the policy, and say whether it is as it was sealed.

    Whose row somebody took away is the tightest.
    """
    try:
        row = _row(tx, organization, hold=True)
    except NotFound:
        return CLOSED, False
    return _read(tx, row), _is_sound(tx, row)


def every_policy(tx: Connection) -> dict[OrganizationId, Policy]:
    """Return the policies of all organizations; whose row somebody took away has the tightest."""
    found = {OrganizationId(id_): CLOSED for id_ in tx.scalars(select(organizations.c.id))}
    there = {OrganizationId(row.organization_id): _read(tx, row) for row in tx.execute(_ALL)}
    return found | there


def rules_after(tx: Connection, last: int, most: int) -> list[Rules]:
    """Return what the next organizations ask, also of which no row says it any more."""
    named = select(organizations.c.id, organizations.c.name).where(organizations.c.id > last)
    named = named.order_by(organizations.c.id).limit(most)
    names = {OrganizationId(row.id): row.name for row in tx.execute(named)}
    there = tx.execute(_ALL.where(policies.c.organization_id.in_(list(names))))
    rows = {row.organization_id: row for row in there}
    return [
        Rules(id_, name, _read(tx, rows[id_]), _is_sound(tx, rows[id_]))
        if id_ in rows
        else Rules(id_, name, CLOSED, is_sound=False)
        for id_, name in names.items()
    ]


def enforcements_due(tx: Connection, now: datetime) -> list[OrganizationId]:
    """Return the organizations that have announced to enforce their policy by now."""
    query = select(policies.c.organization_id).where(policies.c.enforce_at <= now)
    return [OrganizationId(id_) for id_ in tx.execute(query).scalars()]


def idle_after(tx: Connection) -> dict[OrganizationId, int]:
    """Return after how many days without a use tokens are switched off, where they are."""
    query = select(policies.c.organization_id, policies.c.idle_days)
    found = tx.execute(query.where(policies.c.idle_days.is_not(None)))
    return {OrganizationId(row[0]): row[1] for row in found}


def add_policy(tx: Connection, organization: OrganizationId, new: Policy) -> None:
    """Write the policy of a new organization."""
    tx.execute(insert(policies).values(_written(tx, organization, new)))


def save_policy(tx: Connection, organization: OrganizationId, changed: Policy) -> None:
    """Write a policy's new state; anew, where somebody took its row away."""
    there, written = policies.c.organization_id == organization, _written(tx, organization, changed)
    if not tx.execute(update(policies).where(there).values(written)).rowcount:
        tx.execute(insert(policies).values(written))


def _row(tx: Connection, organization: OrganizationId, *, hold: bool) -> Any:  # noqa: ANN401 - a row
    told = {"here": organization}
    held = hold and tx.dialect.name != "sqlite"  # which has one writer anyway
    row = tx.execute(_HERE.with_for_update(), told).first() if held else _SEEN.first(tx, told)
    if row is None:
        raise NotFound
    return row


def _read(tx: Connection, row: Any) -> Policy:  # noqa: ANN401 - a row
    """Read a policy; a list comes out of its column as one, and stands in a policy as a tuple."""
    if not _is_sound(tx, row):
        return replace(
            CLOSED, preset=row.preset, version=seals.counted(row.version, is_sound=False)
        )
    found = Policy(*row[1:-1])
    lists: dict[str, Any] = {name: getattr(found, name) for name in _LISTS}
    told: dict[str, Any] = {name: tuple(one) for name, one in lists.items() if one is not None}
    return replace(found, **told)


def _is_sound(tx: Connection, row: Any) -> bool:  # noqa: ANN401 - a row
    """Say whether a policy is as it was sealed, by a row that holds all its columns."""
    return seals.POLICY.holds(tx, row)


def _written(tx: Connection, organization: OrganizationId, one: Policy) -> dict[str, Any]:
    columns = {field.name: getattr(one, field.name) for field in fields(Policy)}
    columns["organization_id"] = organization
    if one.delivery_rate is not None:
        columns["delivery_rate"] = float(one.delivery_rate)  # as it will be read
    return seals.POLICY.sealed(tx, columns)
