"""The audit trail of one's own organization."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from counterfoil import content
from counterfoil.access.scope import Scope
from counterfoil.audit.read import Recorded, Sought, trail
from counterfoil.audit.refusals import Minute, minutes
from counterfoil.directory.steps.bounded import node_in, trail_told
from counterfoil.directory.store.apis import apis_in
from counterfoil.directory.store.roles import roles_in
from counterfoil.directory.store.routed import resource_names
from counterfoil.directory.store.rows import user_names
from counterfoil.kernel import ids
from counterfoil.kernel.errors import CounterfoilError
from counterfoil.kernel.ids import NodeId, OrganizationId, Prefix, UserId
from counterfoil.kernel.page import Page, Wanted
from counterfoil.operation import ANY_CALLER, Work, operation
from counterfoil.runtime.database import Database

_PIECE: Final = 1_000


@operation("audit.list", requires=Scope.AUDIT_READ, methods=ANY_CALLER, reads=True)
def list_entries(work: Work, sought: Sought, wanted: Wanted) -> Page[Recorded]:
    """List what was done and refused in the organization, the latest first.

    Whom roots bound is told nothing of nodes outside them: see `trail_told`.
    """
    work.permit()
    return trail(work.tx, work.caller.organization, trail_told(work, sought), wanted)


@operation("audit.export", requires=Scope.AUDIT_READ, reads=True)
def export_entries(
    work: Work, database: Database, sought: Sought, piece: int = _PIECE
) -> Iterator[Page[Recorded]]:
    """Return all entries in pieces, the latest first, each read when it is asked for.

    Between two pieces nothing is held, so however many there are, a file of them takes one piece of
    memory and keeps nobody waiting. What comes meanwhile is later than all of them. The last piece
    has no `after`.
    """
    work.permit()
    return _pieces(database, work.caller.organization, trail_told(work, sought), piece)


@operation("audit.count_refused", requires=Scope.AUDIT_READ, methods=ANY_CALLER, reads=True)
def count_refused(
    work: Work, wanted: Wanted, since: datetime | None, before: datetime | None
) -> Page[Minute]:
    """Count those whom no organization knows: who was let in nowhere, by minute and network."""
    work.permit()
    return minutes(work.tx, wanted, since, before)


@dataclass(frozen=True, slots=True)
class Names:
    """What people, roles and nodes that stand in a trail are called now.

    `places` has the nodes that the caller may read, and `things` the users, roles and APIs on which
    something was done, and the resources of those, each by its spelling.
    """

    people: Mapping[UserId, str]
    places: Mapping[str, str]
    things: Mapping[str, str]


def names(work: Work, entries: Iterable[Recorded]) -> Names:
    """Return the names in entries that the caller was shown. A step of what reads the trail."""
    shown = list(entries)
    who = {one for entry in shown for one in (entry.user, entry.issuer) if one is not None}
    nodes = {node for entry in shown if (node := node_in(entry.target)) is not None}
    found = content.addresses(work.tx, work.caller.organization, nodes)
    targets = {entry.target for entry in shown if entry.target is not None}
    return Names(
        user_names(work.tx, work.caller.organization, who),
        {
            ids.spell(Prefix.NODE, node): address
            for node, (address, lineage) in found.items()
            if _may_read(work, lineage)
        },
        {
            **_users(work, targets),
            **_roles(work, targets),
            **_apis(work, shown, nodes - set(found)),
        },
    )


def people_in(
    database: Database, organization: OrganizationId, page: Page[Recorded]
) -> dict[int, str]:
    """Return what the people in a piece of an organization's trail are called now."""
    who = {entry.user for entry in page.items if entry.user is not None}
    with database.reading() as tx:
        found = user_names(tx, organization, who)
    return {int(id_): name for id_, name in found.items()}


def _users(work: Work, targets: set[str]) -> dict[str, str]:
    aimed = {UserId(id_) for id_ in ids.among(Prefix.USER, targets)}
    found = user_names(work.tx, work.caller.organization, aimed)
    return {ids.spell(Prefix.USER, id_): name for id_, name in found.items()}


def _roles(work: Work, targets: set[str]) -> dict[str, str]:
    if not any(one.startswith(f"{Prefix.ROLE}_") for one in targets):
        return {}
    held = roles_in(work.tx, work.caller.organization)
    return {ids.spell(Prefix.ROLE, one.id): one.name for one in held}


def _apis(work: Work, shown: Iterable[Recorded], nodes: Iterable[NodeId]) -> dict[str, str]:
    """Return the names of APIs, and of their resources for whom no roots bound."""
    through = {entry.api for entry in shown if entry.api is not None}
    if not through:
        return {}
    here = work.caller.organization
    told = work.caller.grant.spans(Scope.AUDIT_READ)
    named = resource_names(work.tx, here, nodes) if told else {}
    return {
        **{ids.spell(Prefix.API, one.id): one.name for one in apis_in(work.tx, here)},
        **{ids.spell(Prefix.NODE, id_): name for id_, name in named.items()},
    }


def _may_read(work: Work, lineage: frozenset[NodeId]) -> bool:
    try:
        work.caller.grant.permit(Scope.CONTENT_READ, lineage)
    except CounterfoilError:
        return False
    return True


def _pieces(
    database: Database, organization: OrganizationId, sought: Sought, piece: int
) -> Iterator[Page[Recorded]]:
    wanted = Wanted(piece)
    while True:
        with database.reading() as tx:
            page = trail(tx, organization, sought, wanted)
        yield page
        if page.after is None:
            return
        wanted = Wanted(piece, page.after)
