"""What goes on record where a member, a role, a policy, an API or its routes change (X2)."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from counterfoil.access.role import Role
from counterfoil.access.vocabulary import Vocabulary
from counterfoil.audit.changes import Facts
from counterfoil.directory.api import Api
from counterfoil.directory.model import Member
from counterfoil.directory.presets import Policy
from counterfoil.directory.routed import RouteTable
from counterfoil.kernel.clock import spell_instant
from counterfoil.kernel.ids import Prefix, spell
from counterfoil.operation import Work
from counterfoil.routing.table import Route


def tell_member(work: Work, before: Member | None, after: Member) -> None:
    """Have on record which roles a member holds, and whether they may come in."""
    work.changed(spell(Prefix.USER, after.user), lambda: (_member(before), _member(after)))


def tell_role(work: Work, before: Role | None, after: Role) -> None:
    """Have on record what a role allows, and where."""
    words = work.vocabulary()
    work.changed(spell(Prefix.ROLE, after.id), lambda: (_role(before, words), _role(after, words)))


def tell_policy(work: Work, before: Policy, after: Policy) -> None:
    """Have on record what a policy asks: every field of it, for none is anybody's secret."""
    work.changed(
        spell(Prefix.ORGANIZATION, work.caller.organization),
        lambda: (_policy(before), _policy(after)),
    )


def tell_api(work: Work, before: Api | None, after: Api) -> None:
    """Have on record how an API is named, and which scopes it brings along."""
    work.changed(spell(Prefix.API, after.id), lambda: (_api(before), _api(after)))


def tell_routes(work: Work, before: RouteTable, after: RouteTable) -> None:
    """Have on record which routes are open, and to which scope."""
    work.changed(spell(Prefix.API, after.api), lambda: (_table(before), _table(after)))


def _member(member: Member | None) -> Facts:
    if member is None:
        return {}
    return {
        "roles": tuple(sorted(role.name for role in member.roles)),
        "active": member.enabled,
        "ended": member.ended_at is not None,
    }


def _role(role: Role | None, words: Vocabulary) -> Facts:
    if role is None:
        return {}
    roots = None if role.roots is None else sorted(role.roots)
    return {
        "name": role.name,
        "scopes": words.name(role.scopes),
        "roots": None if roots is None else tuple(spell(Prefix.NODE, root) for root in roots),
    }


def _policy(policy: Policy) -> Facts:
    said = {
        name: spell_instant(one) if isinstance(one, datetime) else one
        for name, one in asdict(policy).items()
        if name != "version"
    }
    if policy.token_roles is not None:
        said["token_roles"] = tuple(spell(Prefix.ROLE, int(one)) for one in policy.token_roles)
    return said


def _api(api: Api | None) -> Facts:
    if api is None:
        return {}
    return {
        "name": api.name,
        "audience": api.audience,
        "scopes": tuple(f"{scope.name} {scope.description}".rstrip() for scope in api.scopes),
    }


def _table(table: RouteTable) -> Facts:
    return {
        "routes": tuple(_route(one) for one in table.routes),
        "preflights": table.preflights,
        "grace_seconds": table.grace_seconds,
    }


def _route(route: Route) -> str:
    told = (",".join(sorted(route.methods)), route.path, route.scope or "-", route.node)
    return " ".join(filter(None, (*told, "changes" if route.changes else "")))
