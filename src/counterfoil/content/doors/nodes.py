"""The tree over HTTP, as those see it who shape it: `/cma/nodes`."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from msgspec import UNSET

from counterfoil.access.surface import Surface
from counterfoil.content import read, tree, write
from counterfoil.content.doors import wire, wire_list, wire_show
from counterfoil.content.doors.examples import NEW_NODE, NODE
from counterfoil.content.doors.wire import NewNode, NewNodeBody, NodeBody
from counterfoil.content.model import Asset, Node, Shown
from counterfoil.content.steps import finding
from counterfoil.jsonapi.body import require_same_id
from counterfoil.jsonapi.given import Many, One, Paged, etag
from counterfoil.jsonapi.parameter import id_in
from counterfoil.jsonapi.route import Answer, Asked, Route
from counterfoil.kernel.errors import Code, Invalid
from counterfoil.kernel.ids import NodeId, Prefix
from counterfoil.operation import Work

_PATH: Final = "/cma/nodes"
_NEEDED: Final = ("filename", "media_type", "size")
_route = partial(Route, section="Content")


def listed(asked: Asked) -> Answer:
    """Answer GET /cma/nodes."""
    listing = wire_list.read_listing(asked, _PATH)
    with asked.read() as work:
        found = read.list_nodes(work, listing)
    data = [wire_show.show_node(one, Surface.MANAGEMENT) for one in found.items]
    return Answer(200, wire_list.show_found(asked, _PATH, found, data))


def shown(asked: Asked) -> Answer:
    """Answer GET /cma/nodes/{id}."""
    with asked.read() as work:
        found = read.show_node(work, _id(asked))
    described = wire_show.show_node(found, Surface.MANAGEMENT)
    return Answer(200, One(described), etag(found.node.version))


def lineage(asked: Asked) -> Answer:
    """Answer GET /cma/nodes/{id}/lineage: the topmost that the caller sees comes first."""
    with asked.read() as work:
        found = read.show_lineage(work, _id(asked))
    return Answer(200, Many([wire_show.show_node(each, Surface.MANAGEMENT) for each in found]))


def made(asked: Asked) -> Answer:
    """Answer POST /cma/nodes."""
    data = asked.struct(NewNodeBody).data
    make = _asset if data.attributes.kind == "asset" else _place
    with asked.work() as work:
        node = make(work, data)
        seen = finding.shown(work, node)
    return _settled(work, seen, made_at=f"{_PATH}/{node.id}")


def changed(asked: Asked) -> Answer:
    """Answer PATCH /cma/nodes/{id}: move, rename and describe, as far as the body says."""
    data = asked.struct(NodeBody).data
    require_same_id(data.id, Prefix.NODE, _id(asked))
    id_, expected = _id(asked), asked.if_match()
    parent, slug, facts = (
        data.relationships.parent,
        data.attributes.slug,
        wire.asset_facts(data.attributes),
    )
    if parent is UNSET and slug is UNSET and not facts:
        raise Invalid(Code.INVALID_FIELD, "The body changes nothing.", field="/data/attributes")
    node: Node | None = None
    with asked.work() as work:
        if parent is not UNSET:
            renamed = None if slug is UNSET else slug
            node = tree.move(work, id_, wire.node_id(parent.data.id), renamed, expected)
        elif slug is not UNSET:
            node = tree.rename(work, id_, slug, expected)
        if facts or node is None:
            found = expected if node is None or expected is None else node.version
            node = write.edit_asset(work, id_, facts, found)
        seen = finding.shown(work, node)
    return _settled(work, seen, lessens=parent is not UNSET)


def trashed(asked: Asked) -> Answer:
    """Answer DELETE /cma/nodes/{id}."""
    with asked.work() as work:
        seen = finding.shown(work, tree.trash(work, _id(asked), asked.if_match()))
    return _settled(work, seen, lessens=True)


def restored(asked: Asked) -> Answer:
    """Answer POST /cma/nodes/{id}/restore."""
    with asked.work() as work:
        seen = finding.shown(work, tree.restore(work, _id(asked)))
    return _settled(work, seen)


def _place(work: Work, data: NewNode) -> Node:
    """Make a folder or a link."""
    attributes, parent = data.attributes, wire.node_id(data.relationships.parent.data.id)
    target = data.relationships.target
    if facts := wire.asset_facts(attributes):
        raise _misplaced(f"/data/attributes/{next(iter(facts))}", attributes.kind)
    if attributes.kind == "folder":
        if target is not UNSET:
            raise _misplaced("/data/relationships/target", attributes.kind)
        return tree.create_folder(work, parent, attributes.slug)
    if target is UNSET:
        raise Invalid(
            Code.INVALID_FIELD,
            "A link says what it points at.",
            field="/data/relationships/target",
        )
    return tree.create_link(work, parent, attributes.slug, wire.node_id(target.data.id))


def _asset(work: Work, data: NewNode) -> Node:
    attributes, parent = data.attributes, wire.node_id(data.relationships.parent.data.id)
    if data.relationships.target is not UNSET:
        raise _misplaced("/data/relationships/target", attributes.kind)
    facts: dict[str, Any] = wire.asset_facts(attributes)
    for name in _NEEDED:
        if name not in facts:
            raise Invalid(
                Code.INVALID_FIELD, f"An asset says its {name}.", field=f"/data/attributes/{name}"
            )
    asset = Asset(*(facts.pop(name) for name in _NEEDED)).told(facts)
    return write.create_asset(work, parent, attributes.slug, asset)


def _misplaced(field: str, kind: str) -> Invalid:
    return Invalid(Code.INVALID_FIELD, f"A node of kind {kind} has no such member.", field=field)


def _settled(
    work: Work, seen: Shown, *, made_at: str | None = None, lessens: bool = False
) -> Answer:
    described = wire_show.show_node(seen, Surface.MANAGEMENT)
    return wire_show.settled(work, described, seen.node.version, made_at=made_at, lessens=lessens)


def _id(asked: Asked) -> NodeId:
    return wire.node_id(asked.params["id"])


_one = partial(
    _route, parts=(id_in("id", "The node.", Prefix.NODE),), gives={200: One[wire_show.Node]}
)

ROUTES: Final = (
    _route(
        "GET",
        _PATH,
        listed,
        "node.list",
        "List nodes of the tree",
        gives={200: Paged[wire_show.Node]},
        query=wire_list.NODE_QUERY,
        fails=(Code.NOT_FOUND,),
    ),
    _route(
        "POST",
        _PATH,
        made,
        "node.create_folder",
        "Make a folder, a link or an asset",
        instead=("asset.create",),
        also=("node.create_link",),
        gives={201: One[wire_show.Node]},
        takes=NewNodeBody,
        example=NEW_NODE,
        idempotent=True,
        fails=(Code.NAME_TAKEN, Code.NOT_FOUND),
    ),
    _one("GET", "/cma/nodes/{id}", shown, "node.show", "Show a node"),
    _one(
        "GET",
        "/cma/nodes/{id}/lineage",
        lineage,
        "node.lineage",
        "Show a node and what stands above it",
        gives={200: Many[wire_show.Node]},
    ),
    _one(
        "PATCH",
        "/cma/nodes/{id}",
        changed,
        "node.rename",
        "Move, rename or describe a node",
        instead=("asset.edit",),
        also=("node.move",),
        takes=NodeBody,
        example=NODE,
        versioned=True,
        fails=(Code.NAME_TAKEN,),
    ),
    _one(
        "DELETE",
        "/cma/nodes/{id}",
        trashed,
        "node.trash",
        "Put a node and all below it into the trash",
        versioned=True,
    ),
    _one(
        "POST",
        "/cma/nodes/{id}/restore",
        restored,
        "node.restore",
        "Bring a node back from the trash",
        fails=(Code.NAME_TAKEN,),
    ),
)
