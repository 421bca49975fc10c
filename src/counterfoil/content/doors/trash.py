"""The trash over HTTP: `/cma/trash`."""

from __future__ import annotations

from functools import partial
from typing import Final

from counterfoil.content import trash
from counterfoil.content.doors import wire, wire_list
from counterfoil.content.model import Kind, Node
from counterfoil.content.store.wish import Last
from counterfoil.jsonapi.given import Given, Id, Instant, One, Paged, ToOne, effective, to_one
from counterfoil.jsonapi.parameter import AFTER, SIZE, id_in
from counterfoil.jsonapi.route import Answer, Asked, Route
from counterfoil.kernel.clock import instant, micros
from counterfoil.kernel.ids import Prefix

_PATH: Final = "/cma/trash"
_route = partial(Route, section="Content")


class TrashedFacts(Given, frozen=True):
    """What it is, and what it was called beside its siblings."""

    kind: Kind
    slug: str


class TrashedPlace(Given, frozen=True):
    """Where it stood, and stands again if it is brought back."""

    parent: ToOne


class TrashedTraces(Given, frozen=True):
    """When it was trashed, by whose hand, and with which credential."""

    version: int
    trashed_at: Instant | None
    trashed_by: Id | None
    trashed_with: Id | None


class TrashedNode(Given, frozen=True, tag_field="type", tag="node"):
    """A node in the trash. What it says is shown again when it is brought back."""

    id: Id
    attributes: TrashedFacts
    relationships: TrashedPlace
    meta: TrashedTraces


def listed(asked: Asked) -> Answer:
    """Answer GET /cma/trash, the latest first."""
    after = wire_list.opened(asked, _PATH)
    with asked.read() as work:
        found = trash.list_trash(
            work,
            asked.query.page().size,
            None if after is None else (instant(int(after.value)), after.id),
        )
    data = [_show(node) for node in found.nodes]
    last = _last(found.nodes[-1]) if found.more else None
    return Answer(200, wire_list.sealed(asked, _PATH, data, last, found.total))


def destroyed(asked: Asked) -> Answer:
    """Answer DELETE /cma/trash/{id} with what there is no more."""
    with asked.work() as work:
        node = trash.destroy(work, wire.node_id(asked.params["id"]), asked.if_match())
    return Answer(200, effective(_show(node), work.position))


def _last(node: Node) -> Last:
    return Last(0 if node.trashed_at is None else micros(node.trashed_at), node.id)


def _show(node: Node) -> TrashedNode:
    return TrashedNode(
        id=str(node.id),
        attributes=TrashedFacts(kind=node.kind, slug=node.slug),
        relationships=TrashedPlace(parent=to_one("node", node.parent)),
        meta=TrashedTraces(
            version=node.version,
            trashed_at=node.trashed_at,
            trashed_by=_text(node.updated.user),
            trashed_with=_text(node.updated.token),
        ),
    )


def _text(id_: int | None) -> str | None:
    return None if id_ is None else str(id_)


ROUTES: Final = (
    _route(
        "GET",
        _PATH,
        listed,
        "trash.list",
        "List what lies in the trash",
        gives={200: Paged[TrashedNode]},
        query=(SIZE, AFTER),
    ),
    _route(
        "DELETE",
        f"{_PATH}/{{id}}",
        destroyed,
        "node.destroy",
        "Destroy what lies in the trash for good",
        gives={200: One[TrashedNode]},
        parts=(id_in("id", "The node.", Prefix.NODE),),
        versioned=True,
    ),
)
