"""The directory as a gate must know it, said again from the beginning."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection

from counterfoil.access.role import Role
from counterfoil.access.scope import split
from counterfoil.directory.api import Api
from counterfoil.directory.model import Member
from counterfoil.directory.presets import Policy
from counterfoil.directory.routed import Resource, RouteTable
from counterfoil.directory.store.apis import every_api
from counterfoil.directory.store.cut_offs import Cut, every_cut
from counterfoil.directory.store.policies import every_policy
from counterfoil.directory.store.replay import (
    cut_offs_of_users,
    memberships_for_gates,
    names_of_organizations,
)
from counterfoil.directory.store.roles import every_role
from counterfoil.directory.store.routed import every_resource, every_table
from counterfoil.feed.event import (
    AnyEvent,
    ApiRecorded,
    ApiRouted,
    CutOff,
    MemberRecorded,
    OrganizationRecorded,
    ResourcePlaced,
    ResourceRemoved,
    RoleRecorded,
    RouteRecord,
    ScopeRecord,
)
from counterfoil.feed.outbox import read_head
from counterfoil.kernel.ids import ApiId, OrganizationId


def records(tx: Connection) -> Iterator[AnyEvent]:
    """Yield the events that describe all that the gates must know of the directory now."""
    names = names_of_organizations(tx)
    for organization, policy in every_policy(tx).items():
        yield organization_record(organization, names[organization], policy)
    for api in every_api(tx):
        yield api_record(api)
    for table in every_table(tx):
        yield routes_record(table)
    for organization, of, resource in every_resource(tx):
        yield resource_record(organization, of, resource)
    for role in every_role(tx):
        yield role_record(role)
    for user, at in cut_offs_of_users(tx):
        yield CutOff(subject=user, at=at)
    for cut in every_cut(tx):
        yield cut_record(tx, cut)
    for user, organization, active, cut_off, held in memberships_for_gates(tx):
        yield MemberRecorded(
            organization=organization, user=user, active=active, roles=held, cut_off=cut_off
        )


def cut_record(tx: Connection, cut: Cut) -> CutOff:
    """Say what a gate must know of the cut-off of an organization.

    Of one that somebody else has written nobody knows what it was: all there is now is dead (S5).
    """
    at = cut.at if cut.is_sound else read_head(tx).position
    return CutOff(subject=cut.organization, at=at)


def member_record(member: Member) -> MemberRecorded:
    """Say what a gate must know of a member."""
    return MemberRecorded(
        organization=member.organization,
        user=member.user,
        active=member.active,
        roles=member.role_ids,
        cut_off=member.own_cut_off,
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


def routes_record(table: RouteTable) -> ApiRouted:
    """Say what a gate must know of an API's routes."""
    return ApiRouted(
        organization=table.organization,
        api=table.api,
        routes=tuple(
            RouteRecord(tuple(sorted(one.methods)), one.path, one.scope, one.node, one.changes)
            for one in table.routes
        ),
        preflights=table.preflights,
        grace_seconds=table.grace_seconds,
    )


def resource_record(organization: OrganizationId, api: ApiId, resource: Resource) -> ResourcePlaced:
    """Say what a gate must know of a resource."""
    return ResourcePlaced(
        organization=organization,
        api=api,
        key=resource.key,
        node=resource.id,
        parent=resource.parent,
    )


def resource_gone(organization: OrganizationId, api: ApiId, resource: Resource) -> ResourceRemoved:
    """Say that a resource is no more."""
    return ResourceRemoved(organization=organization, api=api, key=resource.key, node=resource.id)


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
        ip_ranges=policy.ip_ranges,
        token_roles=None if policy.token_roles is None else tuple(map(int, policy.token_roles)),
        provider_only=policy.provider_only,
    )
