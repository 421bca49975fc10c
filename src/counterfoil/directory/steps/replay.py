"""The directory as a gate must know it, said again from the beginning."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, select

from counterfoil.access.role import Role
from counterfoil.access.scope import split
from counterfoil.directory.api import Api
from counterfoil.directory.model import Member
from counterfoil.directory.presets import Policy
from counterfoil.directory.store.apis import every_api
from counterfoil.directory.store.policies import every_policy
from counterfoil.directory.store.roles import every_role
from counterfoil.directory.store.tables import (
    membership_roles,
    memberships,
    organizations,
    roles,
    users,
)
from counterfoil.feed.event import (
    AnyEvent,
    ApiRecorded,
    CutOff,
    MemberRecorded,
    OrganizationRecorded,
    RoleRecorded,
    ScopeRecord,
)
from counterfoil.kernel.ids import OrganizationId
from counterfoil.runtime.stream import Beside, stream


def records(tx: Connection) -> Iterator[AnyEvent]:
    """Yield the events that describe all that the gates must know of the directory now."""
    rows = tx.execute(select(organizations.c.id, organizations.c.name))
    names = {OrganizationId(row.id): row.name for row in rows}
    for organization, policy in every_policy(tx).items():
        yield organization_record(organization, names[organization], policy)
    for api in every_api(tx):
        yield api_record(api)
    for role in every_role(tx):
        yield role_record(role)
    for user, at in tx.execute(select(users.c.id, users.c.cut_off).where(users.c.cut_off > 0)):
        yield CutOff(subject=user, at=at)
    yield from _members(tx)


def _members(tx: Connection) -> Iterator[MemberRecorded]:
    """Yield all memberships, also those that have ended, with the organization's own roles."""
    joined = memberships.c.ended_at.is_(None) & memberships.c.invited_as.is_(None)
    active = memberships.c.enabled & joined & users.c.active
    places = select(
        memberships.c.user_id, memberships.c.organization_id, active, memberships.c.cut_off
    ).join(users, users.c.id == memberships.c.user_id)
    own = (roles.c.id == membership_roles.c.role_id) & (
        roles.c.organization_id == membership_roles.c.organization_id
    )
    held = select(membership_roles.c.user_id, roles.c.organization_id, roles.c.id).join(roles, own)
    with (
        stream(tx, places, memberships.c.user_id) as every,
        stream(tx, held, membership_roles.c.user_id) as live,
    ):
        beside = Beside(live)
        for user, organization, is_active, cut_off in every:
            its = [role for _, home, role in beside.of(user) if home == organization]
            yield MemberRecorded(
                organization=organization,
                user=user,
                active=bool(is_active),
                roles=tuple(sorted(its)),
                cut_off=cut_off,
            )


def member_record(member: Member) -> MemberRecorded:
    """Say what a gate must know of a member."""
    return MemberRecorded(
        organization=member.organization,
        user=member.user,
        active=member.active,
        roles=member.role_ids,
        cut_off=member.cut_off,
    )


def role_record(role: Role) -> RoleRecorded:
    """Say what a gate must know of a role."""
    built_in, custom = split(role.scopes)
    return RoleRecorded(
        organization=role.organization,
        role=role.id,
        scopes=built_in,
        roots=None if role.roots is None else tuple(sorted(role.roots)),
        custom=custom,
    )


def api_record(api: Api) -> ApiRecorded:
    """Say what a gate must know of a registered API."""
    return ApiRecorded(
        organization=api.organization,
        api=api.id,
        scopes=tuple(ScopeRecord(scope.name, scope.number) for scope in api.scopes),
    )


def organization_record(
    organization: OrganizationId, name: str, policy: Policy
) -> OrganizationRecorded:
    """Say what a gate must know of an organization."""
    return OrganizationRecorded(
        organization=organization,
        name=name,
        management_limit=policy.management_limit,
        management_window_ms=policy.management_window_ms,
        delivery_rate=policy.delivery_rate,
        audit_strict=policy.audit_strict,
    )
