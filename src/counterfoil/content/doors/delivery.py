"""Content over HTTP, as those see it who show it: `/cda` what is published, `/cda/preview` drafts.

Both surfaces are the same doors before different operations. No parameter leads from one to the
other (S33).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from counterfoil.access.surface import Surface
from counterfoil.content import read
from counterfoil.content.doors import wire, wire_list, wire_show
from counterfoil.content.doors.wire_show import Item, Node
from counterfoil.content.model import Kind, Shown
from counterfoil.content.read import Found, Listing
from counterfoil.jsonapi.given import One, Paged
from counterfoil.jsonapi.held import IF_NONE_MATCH, tagged
from counterfoil.jsonapi.parameter import id_in
from counterfoil.jsonapi.route import Answer, Asked, Route
from counterfoil.kernel.errors import Code
from counterfoil.kernel.ids import NodeId, Prefix
from counterfoil.operation import Work


@dataclass(frozen=True, slots=True)
class _Face:
    """One surface: where it is mounted and by what it reads."""

    base: str
    surface: Surface
    show: Callable[[Work, NodeId, tuple[Kind, ...], str | None], Shown]
    find: Callable[[Work, Listing], Found]
    operation: str
    what: str
    section: str

    def item(self, asked: Asked) -> Answer:
        """Answer GET …/items/{id}."""
        with asked.read() as work:
            id_, locale = wire.node_id(asked.params["id"]), asked.query.text(wire_list.LOCALE)
            found = self.show(work, id_, (Kind.ENTRY,), locale)
        return tagged(One(wire_show.show_item(found, self.surface)))

    def node(self, asked: Asked) -> Answer:
        """Answer GET …/nodes/{id}."""
        with asked.read() as work:
            found = self.show(work, wire.node_id(asked.params["id"]), (), None)
        return tagged(One(wire_show.show_node(found, self.surface)))

    def items(self, asked: Asked) -> Answer:
        """Answer GET …/items."""
        return self._listed(asked, f"{self.base}/items", (Kind.ENTRY,), wire_show.show_item)

    def nodes(self, asked: Asked) -> Answer:
        """Answer GET …/nodes."""
        return self._listed(asked, f"{self.base}/nodes", (), wire_show.show_node)

    def _listed(
        self,
        asked: Asked,
        path: str,
        kinds: tuple[Kind, ...],
        show: Callable[[Shown, Surface], object],
    ) -> Answer:
        listing = wire_list.read_listing(asked, path, kinds)
        with asked.read() as work:
            found = self.find(work, listing)
        data = [show(one, self.surface) for one in found.items]
        return tagged(wire_list.show_found(asked, path, found, data))

    def routes(self) -> tuple[Route, ...]:
        """Return the four routes of this surface."""
        route = partial(Route, section=self.section, asks=(IF_NONE_MATCH,), lasting=True)
        return (
            route(
                "GET",
                f"{self.base}/items",
                self.items,
                f"{self.operation}.list",
                f"List {self.what} entries",
                gives={200: Paged[Item], 304: None},
                query=(*wire_list.ITEM_QUERY, wire_list.IN_LOCALE),
                fails=(Code.NOT_FOUND,),
            ),
            route(
                "GET",
                f"{self.base}/items/{{id}}",
                self.item,
                f"{self.operation}.show",
                f"Show the {self.what} content of an entry",
                gives={200: One[Item], 304: None},
                query=(wire_list.IN_LOCALE,),
                parts=(id_in("id", "The entry.", Prefix.NODE),),
            ),
            route(
                "GET",
                f"{self.base}/nodes",
                self.nodes,
                f"{self.operation}.list",
                f"List nodes, with {self.what} entries",
                gives={200: Paged[Node], 304: None},
                query=wire_list.NODE_QUERY,
                fails=(Code.NOT_FOUND,),
            ),
            route(
                "GET",
                f"{self.base}/nodes/{{id}}",
                self.node,
                f"{self.operation}.show",
                f"Show a node, or a {self.what} entry as one",
                gives={200: One[Node], 304: None},
                parts=(id_in("id", "The node.", Prefix.NODE),),
            ),
        )


_PUBLISHED: Final = _Face(
    "/cda",
    Surface.DELIVERY,
    read.show_published,
    read.list_published,
    "delivery",
    "published",
    "Delivery",
)
_DRAFTS: Final = _Face(
    "/cda/preview",
    Surface.PREVIEW,
    read.show_draft,
    read.list_drafts,
    "preview",
    "draft",
    "Preview",
)

ROUTES: Final = (*_PUBLISHED.routes(), *_DRAFTS.routes())
