"""Whose an API is, where the node stands that a request to it is about, what holds there."""

from __future__ import annotations

from collections.abc import Iterable

from counterfoil.access.grant import Grant
from counterfoil.access.roots import NOWHERE, Ancestry
from counterfoil.access.scope import NO_SCOPES, AnyScope, CustomScope
from counterfoil.gate.replica.books import Books
from counterfoil.gate.replica.routes import Routed
from counterfoil.gate.replica.txn import Txn
from counterfoil.gate.snapshot import Snapshot
from counterfoil.kernel.errors import Code, Denied, NotFound
from counterfoil.kernel.ids import ApiId, NodeId, OrganizationId
from counterfoil.routing.table import Taken


def home_of(books: Books, txn: Txn, snapshot: Snapshot, api: ApiId) -> OrganizationId | None:
    """Return whose an API is; None if the books know of no scope of its own, or no more."""
    home = snapshot.homes.get(api)
    if home is None and (found := books.apis.home(txn, api)) is not None:
        home = snapshot.homes[api] = OrganizationId(found)
    return home


def placed(
    books: Books, txn: Txn, organization: int, api: int, keys: Iterable[str]
) -> tuple[NodeId | None, Ancestry]:
    """Return the first node that an API calls by one of these keys, and where it stands.

    Nowhere, where it calls none so.
    """
    for one in keys:
        node = books.routes.node(txn, api, one)
        if node is not None:
            on = books.tree.lineage(txn, organization, node)
            return (NodeId(node), on) if on else (None, NOWHERE)
    return None, NOWHERE


def hold_on(grant: Grant, scope: AnyScope, on: Ancestry) -> None:
    """Return if a scope holds on a node; where that is unknown, only if it holds everywhere.

    So whoever is restricted reaches nothing that the API has not told us the place of.
    """
    if not on:
        grant.hold_everywhere(scope)
        return
    try:
        grant.permit(scope, on)
    except NotFound:
        raise Denied(
            Code.INSUFFICIENT_ROLE,
            f"The role behind this credential does not allow {scope} here.",
            meta={"scope": str(scope)},
        ) from None


def permit(grant: Grant, routed: Routed, taken: Taken, on: Ancestry | None) -> None:
    """Return if the scope of a route holds on its node; on None it has to hold anywhere."""
    spelling = taken.route.scope
    scope = routed.scopes.get(spelling) or CustomScope(spelling, NO_SCOPES)
    if on is None:
        grant.hold(scope)
    else:
        hold_on(grant, scope, on)
