"""APIs are registered, changed and retired (CONTRACT: scopes).

What supports a scope no longer takes it from everybody: from roles by their edit, from tokens by
the gates, which know the scope no more. A spelling that comes back is another scope with another
number, which nobody holds until it is given out again.
"""

from __future__ import annotations

from dataclasses import replace

from counterfoil.access.scope import EVERY_SCOPE, NO_SCOPES, Scope, join
from counterfoil.directory.api import Api, ApiWish
from counterfoil.directory.enroll import BY_HAND
from counterfoil.directory.steps.changes import tell_api
from counterfoil.directory.steps.registry import enter, shaped
from counterfoil.directory.steps.replay import api_record, role_record
from counterfoil.directory.store.apis import api, retire_api, save_api
from counterfoil.directory.store.roles import roles_in, save_role
from counterfoil.directory.store.routed import drop_gate
from counterfoil.directory.store.rows import hold_organization
from counterfoil.feed.event import ApiStruck
from counterfoil.kernel.ids import ApiId, Prefix, spell
from counterfoil.kernel.version import require_version
from counterfoil.operation import Work, operation


@operation("api.create", requires=Scope.APIS_MANAGE, methods=BY_HAND)
def create_api(work: Work, wish: ApiWish) -> Api:
    """Register an API with its scopes; who holds every scope there is holds them at once."""
    id_ = ApiId(work.new_id())
    work.permit(target=spell(Prefix.API, id_))
    return enter(work, id_, wish)


@operation("api.edit", requires=Scope.APIS_MANAGE, methods=BY_HAND)
def edit_api(work: Work, id_: ApiId, wish: ApiWish, expected: int | None = None) -> Api:
    """Change a registered API; scopes that it shall have no more are retired for good."""
    before = _held(work, id_, expected)
    after = shaped(work, before, wish)
    if after == before:
        return before
    after = replace(after, version=before.version + 1)
    save_api(work.tx, before, after, work.now)
    tell_api(work, before, after)
    if api_record(after) != api_record(before):
        work.emit(api_record(after))
    _take_from_roles(work, before.numbers - after.numbers)
    return after


@operation("api.retire", requires=Scope.APIS_MANAGE, methods=BY_HAND)
def retire(work: Work, id_: ApiId, expected: int | None = None) -> Api:
    """Retire an API with all its scopes, for good."""
    found = _held(work, id_, expected)
    gone = replace(found, version=found.version + 1)
    retire_api(work.tx, gone, work.now)
    drop_gate(work.tx, gone.organization, gone.id)
    work.emit(ApiStruck(organization=gone.organization, api=gone.id))
    _take_from_roles(work, gone.numbers)
    return gone


def _held(work: Work, id_: ApiId, expected: int | None) -> Api:
    hold_organization(work.tx, work.caller.organization)
    found = api(work.tx, work.caller.organization, id_)
    work.permit(target=spell(Prefix.API, id_))
    require_version(found.version, expected)
    return found


def _take_from_roles(work: Work, numbers: frozenset[int]) -> None:
    """Take retired scopes out of the roles that name them: a role says no more than it gives."""
    gone = join(NO_SCOPES, numbers)
    for role in roles_in(work.tx, work.caller.organization):
        if role.scopes != EVERY_SCOPE and role.scopes & gone:
            less = replace(role, scopes=role.scopes & ~gone, version=role.version + 1)
            save_role(work.tx, less)
            work.emit(role_record(less))
