"""The routes of a registered API are declared: what a gate in front of it lets through."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from msgspec import UNSET, UnsetType

from counterfoil.access.scope import Scope
from counterfoil.directory.enroll import BY_HAND
from counterfoil.directory.routed import RouteTable
from counterfoil.directory.rules_routes import proper_routes
from counterfoil.directory.steps.changes import tell_routes
from counterfoil.directory.steps.replay import routes_record
from counterfoil.directory.store.apis import api
from counterfoil.directory.store.routed import save_table, table_of
from counterfoil.directory.store.rows import hold_organization
from counterfoil.kernel.ids import ApiId, Prefix, spell
from counterfoil.kernel.version import require_version
from counterfoil.operation import ANY_CALLER, Work, operation
from counterfoil.routing.table import Route


@operation("api.route", requires=Scope.APIS_MANAGE, methods=BY_HAND)
def declare_routes(
    work: Work,
    id_: ApiId,
    routes: Iterable[Route],
    expected: int | None = None,
    *,
    preflights: bool | UnsetType = UNSET,
    grace_seconds: int | UnsetType = UNSET,
) -> RouteTable:
    """Let these be all routes of an API; what is on none of them is closed."""
    hold_organization(work.tx, work.caller.organization)
    found = api(work.tx, work.caller.organization, id_)
    work.permit(target=spell(Prefix.API, id_))
    before = table_of(work.tx, found.organization, id_)
    require_version(before.version, expected)
    after = replace(
        before,
        routes=proper_routes(routes, (scope.name for scope in found.scopes)),
        preflights=before.preflights if isinstance(preflights, UnsetType) else preflights,
        grace_seconds=before.grace_seconds
        if isinstance(grace_seconds, UnsetType)
        else grace_seconds,
    )
    if after == before and before.version:
        return before
    after = replace(after, version=before.version + 1)
    save_table(work.tx, after)
    tell_routes(work, before, after)
    work.emit(routes_record(after))
    return after


@operation("api.show_routes", requires=Scope.APIS_MANAGE, methods=ANY_CALLER, reads=True)
def show_routes(work: Work, id_: ApiId) -> RouteTable:
    """Show the routes of an API."""
    work.permit(target=spell(Prefix.API, id_))
    found = api(work.tx, work.caller.organization, id_)
    return table_of(work.tx, found.organization, id_)
