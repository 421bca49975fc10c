"""Registered APIs and their scopes: rows and model.

What is retired keeps its row, so that its number is never given to another scope.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    bindparam,
    func,
    insert,
    select,
    update,
)

from counterfoil.access.scope import FIRST_CUSTOM
from counterfoil.access.vocabulary import Vocabulary
from counterfoil.directory.api import Api, ApiScope
from counterfoil.directory.model import fold
from counterfoil.directory.rules_api import (
    folded,
)
from counterfoil.directory.store.tables import apis, scopes
from counterfoil.kernel.errors import NotFound
from counterfoil.kernel.ids import ApiId, OrganizationId
from counterfoil.runtime.prepared import Prepared

_VOCABULARY: Final = Prepared(
    select(scopes.c.number, scopes.c.name, scopes.c.retired_at).where(
        scopes.c.organization_id == bindparam("here")
    )
)


def api(tx: Connection, organization: OrganizationId, id_: ApiId) -> Api:
    """Find an API of this organization, or raise NotFound: a retired one is no more."""
    found = _all(tx, apis.c.organization_id == organization, apis.c.id == id_)
    if not found:
        raise NotFound
    return found[0]


def apis_in(tx: Connection, organization: OrganizationId) -> list[Api]:
    """Return all APIs of an organization, by name."""
    return _all(tx, apis.c.organization_id == organization)


def every_api(tx: Connection) -> list[Api]:
    """Return all APIs of all organizations."""
    return _all(tx)


def next_number(tx: Connection, organization: OrganizationId) -> int:
    """Return the number of the next new scope; hold the organization before."""
    last = tx.execute(
        select(func.max(scopes.c.number)).where(scopes.c.organization_id == organization)
    ).scalar_one()
    return FIRST_CUSTOM if last is None else int(last) + 1


def vocabulary(tx: Connection, organization: OrganizationId) -> Vocabulary:
    """Return the scopes that an organization supports now."""
    rows = _VOCABULARY.all(tx, {"here": organization})
    return Vocabulary(
        {row.number: row.name for row in rows if row.retired_at is None},
        {row.number: row.name for row in rows if row.retired_at is not None},
    )


def add_api(tx: Connection, new: Api, now: datetime) -> None:
    """Write a new API with its scopes."""
    tx.execute(insert(apis).values(**_row(new), created_at=now))
    _write_scopes(tx, new, frozenset())


def save_api(tx: Connection, before: Api, after: Api, now: datetime) -> None:
    """Write an API's new state; scopes that it has no longer are retired."""
    tx.execute(
        update(apis)
        .where(apis.c.organization_id == after.organization, apis.c.id == after.id)
        .values(_row(after))
    )
    _retire_scopes(tx, after.organization, before.numbers - after.numbers, now)
    for scope in set(after.scopes) - set(before.scopes):
        tx.execute(
            update(scopes)
            .where(scopes.c.organization_id == after.organization, scopes.c.number == scope.number)
            .values(description=scope.description)
        )
    _write_scopes(tx, after, before.numbers)


def retire_api(tx: Connection, gone: Api, now: datetime) -> None:
    """Take an API and all its scopes out of use, for good."""
    _retire_scopes(tx, gone.organization, gone.numbers, now)
    tx.execute(
        update(apis)
        .where(apis.c.organization_id == gone.organization, apis.c.id == gone.id)
        .values(retired_at=now, version=gone.version)
    )


def _retire_scopes(
    tx: Connection, organization: OrganizationId, numbers: frozenset[int], now: datetime
) -> None:
    if numbers:
        tx.execute(
            update(scopes)
            .where(scopes.c.organization_id == organization, scopes.c.number.in_(sorted(numbers)))
            .values(retired_at=now)
        )


def _write_scopes(tx: Connection, of: Api, present: frozenset[int]) -> None:
    rows = [
        {
            "organization_id": of.organization,
            "number": scope.number,
            "api_id": of.id,
            "name": scope.name,
            "name_folded": folded(scope.name),
            "description": scope.description,
        }
        for scope in of.scopes
        if scope.number not in present
    ]
    if rows:
        tx.execute(insert(scopes), rows)


def _all(tx: Connection, *where: ColumnElement[bool]) -> list[Api]:
    wanted = select(apis).where(apis.c.retired_at.is_(None), *where)
    rows = tx.execute(wanted.order_by(apis.c.organization_id, apis.c.name_folded)).all()
    brought: defaultdict[int, list[ApiScope]] = defaultdict(list)
    found = tx.execute(
        select(scopes)
        .join(
            apis,
            (apis.c.organization_id == scopes.c.organization_id) & (apis.c.id == scopes.c.api_id),
        )
        .where(scopes.c.retired_at.is_(None), *where)
        .order_by(scopes.c.number)
    )
    for row in found:
        brought[row.api_id].append(ApiScope(row.name, row.description, row.number))
    return [
        Api(
            organization=OrganizationId(row.organization_id),
            id=ApiId(row.id),
            name=row.name,
            audience=row.audience,
            scopes=tuple(brought[row.id]),
            version=row.version,
        )
        for row in rows
    ]


def _row(one: Api) -> dict[str, Any]:
    return {
        "id": one.id,
        "organization_id": one.organization,
        "name": one.name,
        "name_folded": fold(one.name),
        "audience": one.audience,
        "version": one.version,
    }
