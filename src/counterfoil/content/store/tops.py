"""Where to look: the topmost nodes below which everything stands that a caller may see.

A restriction names roots, and whatever it covers stands in or under one of them. The topmost of
those that it covers itself are few and stand apart, so that a list reads the ranges of ids below
them, each node once, and not the tree.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sqlalchemy import Connection, bindparam, select

from counterfoil.access.roots import Lineage
from counterfoil.access.scope import Scope
from counterfoil.content.model import Kind, ids_of
from counterfoil.content.store.tables import nodes
from counterfoil.content.store.visible import Reach, Sight
from counterfoil.kernel.ids import NodeId

ALL: Final = "all"
CONTENT: Final = "content"
ASSETS: Final = "assets"

Tops = Mapping[str, tuple[NodeId, ...]]
"""For each part of what is listed (ALL, or CONTENT and ASSETS apart) the nodes to look below."""


def tops(
    tx: Connection, sight: Sight, kinds: tuple[Kind, ...], under: NodeId | None
) -> Tops | None:
    """Return the nodes below which a list finds all that it may show; None for the whole tree.

    Args:
        tx: the transaction in which the list is read, so that both see one state of the tree.
        sight: what the caller may see.
        kinds: the kinds that are wished for; none named are all.
        under: a node that the caller sees, below which alone it looks.
    """
    reaches = _parts(sight, kinds)
    if under is None and any(() in reach for reach in reaches.values()):
        return None
    named = {
        root for reach in reaches.values() for every in reach for roots in every for root in roots
    }
    places = _places(tx, sight, named if under is None else named | {under})
    if under is not None:
        places = {id_: on for id_, on in places.items() if under in on}
    found = {part: _topmost(places, reach) for part, reach in reaches.items()}
    return {part: ids for part, ids in found.items() if ids}


def _parts(sight: Sight, kinds: tuple[Kind, ...]) -> dict[str, Reach]:
    content, assets = sight.grant.reach(Scope.CONTENT_READ), sight.grant.reach(Scope.ASSETS_READ)
    if content == assets:
        return {ALL: content}
    parts: dict[str, Reach] = {}
    if not kinds or set(kinds) != {Kind.ASSET}:
        parts[CONTENT] = content
    if not kinds or Kind.ASSET in kinds:
        parts[ASSETS] = assets
    return parts


def _topmost(places: Mapping[NodeId, Lineage], reach: Reach) -> tuple[NodeId, ...]:
    covered = {
        id_
        for id_, on in places.items()
        if any(all(not roots.isdisjoint(on) for roots in every) for every in reach)
    }
    return tuple(sorted(id_ for id_ in covered if covered.isdisjoint(places[id_] - {id_})))


def _places(tx: Connection, sight: Sight, ids: set[NodeId]) -> dict[NodeId, Lineage]:
    """Return where each of these nodes stands; those that are trashed or unknown stand nowhere."""
    rows = tx.execute(_PLACES, {"organization": sight.organization, "ids": sorted(ids)})
    return {NodeId(id_): ids_of(path) for id_, path in rows}


_PLACES: Final = select(nodes.c.id, nodes.c.path).where(
    nodes.c.organization_id == bindparam("organization"),
    nodes.c.id.in_(bindparam("ids", expanding=True)),
    nodes.c.live,
)
