"""The restored directory is told what became of people, roles and APIs after the copy (R12)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final

from counterfoil.access.caller import Method
from counterfoil.access.role import Role
from counterfoil.access.scope import NO_SCOPES, join
from counterfoil.directory.model import Member
from counterfoil.directory.store.apis import api, retire_api, save_api
from counterfoil.directory.store.cut_offs import Cut, cut, save_cut
from counterfoil.directory.store.members import former_member, save_member
from counterfoil.directory.store.roles import role, save_role
from counterfoil.directory.store.routed import drop_gate
from counterfoil.directory.store.rows import hold_organization, hold_user, save_user
from counterfoil.directory.store.seals import Unsound
from counterfoil.feed.event import (
    ApiRecorded,
    ApiRouted,
    ApiStruck,
    CutOff,
    MemberRecorded,
    ResourcePlaced,
    ResourceRemoved,
    RoleRecorded,
    RoleStruck,
)
from counterfoil.kernel.errors import NotFound
from counterfoil.kernel.ids import ApiId, NodeId, OrganizationId, Prefix, RoleId, UserId, spell
from counterfoil.operation import Work, operation


@operation("directory.retell", requires=None, methods=frozenset({Method.SYSTEM}), surface=None)
def retell(work: Work, event: object, why: str) -> None:
    """Bring what an event is about to what it had become; what the copy does not know stays so."""
    here = work.caller.organization
    work.permit(target=spell(Prefix.ORGANIZATION, here))
    work.note(why)
    hold_organization(work.tx, here)
    act = _ACTS.get(type(event))
    if act is None:
        return
    try:
        act(work, here, event)
    except NotFound:
        return  # made after the copy, and lost with what was lost
    except Unsound:
        return  # changed in the database: it allows nothing, and is closed by the sweep


def _member(work: Work, here: OrganizationId, event: MemberRecorded) -> None:
    before = former_member(work.tx, here, UserId(event.user))
    if before is None:
        raise NotFound
    held = tuple(found for id_ in event.roles if (found := _role_or_none(work, id_)) is not None)
    user = hold_user(work.tx, before.user)
    if event.active and not user.active:
        save_user(work.tx, user.reactivated())
    then: Member = replace(
        before,
        roles=held,
        enabled=event.active,
        own_cut_off=max(before.own_cut_off, event.cut_off),
        version=before.version + 1,
    )
    save_member(work.tx, then)


def _role_or_none(work: Work, id_: int) -> Role | None:
    try:
        return role(work.tx, work.caller.organization, RoleId(id_))
    except NotFound:
        return None


def _cut(work: Work, here: OrganizationId, event: CutOff) -> None:
    if event.subject == here:
        before = cut(work.tx, here)
        known = before.at if before.is_sound else work.head(hold=True)
        save_cut(work.tx, Cut(here, max(known, event.at)))
        return
    user = hold_user(work.tx, UserId(event.subject))
    save_user(work.tx, user.deactivated(max(user.cut_off, event.at)))


def _role(work: Work, here: OrganizationId, event: RoleRecorded) -> None:
    before = role(work.tx, here, RoleId(event.role))
    roots = None if event.roots is None else frozenset(NodeId(id_) for id_ in event.roots)
    scopes = join(event.scopes, event.custom)
    save_role(work.tx, replace(before, scopes=scopes, roots=roots, version=before.version + 1))


def _no_role(work: Work, here: OrganizationId, event: RoleStruck) -> None:
    """A role that is gone allows nothing; whoever still holds it by the copy keeps its name."""
    before = role(work.tx, here, RoleId(event.role))
    nothing = replace(before, scopes=NO_SCOPES, roots=frozenset(), version=before.version + 1)
    save_role(work.tx, nothing)


def _api(work: Work, here: OrganizationId, event: ApiRecorded) -> None:
    before = api(work.tx, here, ApiId(event.api))
    left = {scope.number for scope in event.scopes}
    kept = tuple(scope for scope in before.scopes if scope.number in left)
    save_api(work.tx, before, replace(before, scopes=kept, version=before.version + 1), work.now)


def _no_api(work: Work, here: OrganizationId, event: ApiStruck) -> None:
    gone = api(work.tx, here, ApiId(event.api))
    retire_api(work.tx, replace(gone, version=gone.version + 1), work.now)
    drop_gate(work.tx, here, gone.id)


def _gate(
    work: Work, here: OrganizationId, event: ApiRouted | ResourcePlaced | ResourceRemoved
) -> None:
    """An API whose routes or tree had changed is closed until it tells of them again."""
    drop_gate(work.tx, here, api(work.tx, here, ApiId(event.api)).id)


_ACTS: Final[MappingProxyType[type, Callable[[Work, OrganizationId, Any], None]]] = (
    MappingProxyType(
        {
            MemberRecorded: _member,
            CutOff: _cut,
            RoleRecorded: _role,
            RoleStruck: _no_role,
            ApiRecorded: _api,
            ApiStruck: _no_api,
            ApiRouted: _gate,
            ResourcePlaced: _gate,
            ResourceRemoved: _gate,
        }
    )
)
