"""Policies: one row for each organization."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, fields, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, bindparam, insert, select, update

from counterfoil.directory.presets import Policy
from counterfoil.directory.store.tables import policies
from counterfoil.kernel.errors import NotFound
from counterfoil.kernel.ids import OrganizationId
from counterfoil.runtime.prepared import Prepared

_COLUMNS: Final = tuple(policies.c[field.name] for field in fields(Policy))
_LISTS: Final = ("approval_scopes", "token_roles", "ip_ranges")
_HERE: Final = select(*_COLUMNS).where(policies.c.organization_id == bindparam("here"))
_SEEN: Final = Prepared(_HERE)


def policy(tx: Connection, organization: OrganizationId) -> Policy:
    """Find an organization's policy, or raise NotFound."""
    return _one(tx, organization, hold=False)


def hold_policy(tx: Connection, organization: OrganizationId) -> Policy:
    """Find the policy, and let nobody else change it before this work commits."""
    return _one(tx, organization, hold=True)


def every_policy(tx: Connection) -> dict[OrganizationId, Policy]:
    """Return the policies of all organizations."""
    rows = tx.execute(select(policies.c.organization_id, *_COLUMNS))
    return {OrganizationId(row[0]): _read(row[1:]) for row in rows}


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
    tx.execute(insert(policies).values(organization_id=organization, **asdict(new)))


def save_policy(tx: Connection, organization: OrganizationId, changed: Policy) -> None:
    """Write a policy's new state."""
    tx.execute(
        update(policies).where(policies.c.organization_id == organization).values(**asdict(changed))
    )


def _one(tx: Connection, organization: OrganizationId, *, hold: bool) -> Policy:
    told = {"here": organization}
    held = hold and tx.dialect.name != "sqlite"  # which has one writer anyway
    row = tx.execute(_HERE.with_for_update(), told).first() if held else _SEEN.first(tx, told)
    if row is None:
        raise NotFound
    return _read(row)


def _read(row: Sequence[Any]) -> Policy:
    """Read a policy; a list comes out of its column as one, and stands in a policy as a tuple."""
    found = Policy(*row)
    lists: dict[str, Any] = {name: getattr(found, name) for name in _LISTS}
    told: dict[str, Any] = {name: tuple(one) for name, one in lists.items() if one is not None}
    return replace(found, **told)
