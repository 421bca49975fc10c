"""How APIs come into the registry and change there, for every verb that lets it happen."""

from __future__ import annotations

from dataclasses import replace

from msgspec import UnsetType

from counterfoil.access.scope import FIRST_CUSTOM
from counterfoil.directory.api import Api, ApiWish
from counterfoil.directory.rules import proper_name
from counterfoil.directory.rules_api import (
    proper_audience,
    proper_scopes,
    require_distinct,
    require_room,
)
from counterfoil.directory.steps.changes import tell_api
from counterfoil.directory.steps.replay import api_record
from counterfoil.directory.store.apis import add_api, apis_in, next_number
from counterfoil.directory.store.rows import hold_organization
from counterfoil.kernel.ids import ApiId
from counterfoil.operation import Work


def enter(work: Work, id_: ApiId, wish: ApiWish) -> Api:
    """Write a new API, and tell the gates."""
    hold_organization(work.tx, work.caller.organization)
    new = shaped(work, Api(work.caller.organization, id_, "", ""), wish)
    add_api(work.tx, new, work.now)
    tell_api(work, None, new)
    work.emit(api_record(new))
    return new


def shaped(work: Work, before: Api, wish: ApiWish) -> Api:
    """Return an API as it is wanted, if it may be so beside the others of the organization.

    Raises:
        Invalid: pointing at what no API may be called.
        Conflict: pointing at what another API is called.
    """
    others = [one for one in apis_in(work.tx, before.organization) if one.id != before.id]
    if isinstance(wish.scopes, UnsetType):
        wanted = {scope.name: scope.description for scope in before.scopes}
    else:
        wanted = proper_scopes(wish.scopes)
    after = replace(
        before.worded(wanted, next_number(work.tx, before.organization)),
        name=before.name if isinstance(wish.name, UnsetType) else proper_name(wish.name),
        audience=before.audience
        if isinstance(wish.audience, UnsetType)
        else proper_audience(wish.audience),
    )
    require_distinct(after, wanted, others)
    require_room(len(others) + 1, 1 + max(after.numbers, default=-1) - FIRST_CUSTOM)
    return after
