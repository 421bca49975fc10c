"""An API tells of its tree: so the roots of a token follow what moves there.

To say the same again changes nothing. A key that was gone and comes back is another node: a token
that was restricted to the first reaches nothing by the second (S27).
"""

from __future__ import annotations

from dataclasses import replace

from counterfoil.access.caller import Method
from counterfoil.access.scope import Scope
from counterfoil.directory.enroll import BY_HAND
from counterfoil.directory.routed import (
    WHOLE,
    Placed,
    Resource,
    ResourceTree,
    Synced,
    TreeWish,
    above_first,
    below_first,
)
from counterfoil.directory.rules_routes import proper_placed, require_newer, require_tree
from counterfoil.directory.steps.replay import resource_gone, resource_record
from counterfoil.directory.store.apis import api
from counterfoil.directory.store.routed import drop_resources, resources_in, save_tree, tree_of
from counterfoil.directory.store.rows import hold_organization
from counterfoil.kernel.ids import ApiId, NodeId, Prefix, spell
from counterfoil.kernel.page import Page, Wanted
from counterfoil.operation import ANY_CALLER, Work, operation


@operation("api.sync", requires=Scope.APIS_MANAGE, methods=BY_HAND | {Method.SERVICE})
def sync(work: Work, id_: ApiId, wish: TreeWish) -> Synced:
    """Bring what is known of an API's tree to what the API says."""
    hold_organization(work.tx, work.caller.organization)
    found = api(work.tx, work.caller.organization, id_)
    work.permit(target=spell(Prefix.API, id_))
    before = tree_of(work.tx, found.organization, id_)
    require_newer(wish.revision, before.revision)
    placed = proper_placed(wish.placed)
    after = _grown(work, before, placed, wish, found.name)
    written = above_first(
        one for key, one in after.resources.items() if before.resources.get(key) != one
    )
    removed = below_first(
        one for key, one in before.resources.items() if key not in after.resources
    )
    if not written and not removed and after.revision == before.revision:
        return Synced(before, (), ())
    drop_resources(work.tx, found.organization, (one.id for one in removed))
    added = [one for one in written if one.key not in before.resources]
    changed = [one for one in written if one.key in before.resources]
    save_tree(work.tx, after, added, changed)
    work.emit(*(resource_gone(found.organization, id_, one) for one in removed))
    work.emit(*(resource_record(found.organization, id_, one) for one in written))
    return Synced(after, written, removed)


@operation("api.list_resources", requires=Scope.APIS_MANAGE, methods=ANY_CALLER, reads=True)
def list_resources(
    work: Work, id_: ApiId, wanted: Wanted, key: str | None = None
) -> Page[Resource]:
    """List the resources of an API, or find one by its key."""
    work.permit(target=spell(Prefix.API, id_))
    found = api(work.tx, work.caller.organization, id_)
    return resources_in(work.tx, found.organization, id_, wanted, key)


def _grown(
    work: Work, before: ResourceTree, placed: dict[str, Placed], wish: TreeWish, name: str
) -> ResourceTree:
    """Return a tree as an API says that it is now."""
    known = {one.id: key for key, one in before.resources.items()}
    gone = frozenset(wish.gone)
    kept = {
        key: one
        for key, one in before.resources.items()
        if key == WHOLE or key in placed or not (wish.whole or key in gone)
    }
    parents: dict[str, str | None] = {
        key: known[one.parent] for key, one in kept.items() if one.parent is not None
    }
    parents |= {key: one.parent for key, one in placed.items()}
    require_tree(parents, {key: at for at, key in enumerate(placed)})
    ids = {key: one.id for key, one in kept.items()}
    for key in (WHOLE, *placed):
        if key not in ids:
            ids[key] = NodeId(work.new_id())
    grown = dict(kept)
    grown[WHOLE] = kept.get(WHOLE) or Resource(ids[WHOLE], WHOLE, None, name)
    for key, one in placed.items():
        grown[key] = Resource(ids[key], key, ids[one.parent or WHOLE], one.name)
    revision = before.revision if wish.revision is None else wish.revision
    return replace(before, revision=revision, resources=grown)
