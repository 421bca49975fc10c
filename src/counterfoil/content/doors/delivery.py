"""Content over HTTP, as those see it who show it: `/cda` what is published, `/cda/preview` drafts.

Both surfaces are the same doors before different operations. No parameter leads from one to the
other (S33).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from counterfoil.access.surface import Surface
from counterfoil.content import read
from counterfoil.content.doors import wire, wire_list
from counterfoil.content.model import Kind, Shown
from counterfoil.content.read import Found, Listing
from counterfoil.jsonapi.document import document
from counterfoil.jsonapi.route import Answer, Asked, Route
from counterfoil.kernel.ids import NodeId
from counterfoil.operation import Work


@dataclass(frozen=True, slots=True)
class _Face:
    """One surface: where it is mounted and by what it reads."""

    base: str
    surface: Surface
    show: Callable[[Work, NodeId, tuple[Kind, ...]], Shown]
    find: Callable[[Work, Listing], Found]
    operation: str
    what: str
    section: str

    def item(self, asked: Asked) -> Answer:
        """Answer GET …/items/{id}."""
        with asked.read() as work:
            found = self.show(work, wire.node_id(asked.params["id"]), (Kind.ENTRY,))
        return Answer(200, document(wire.show_item(found, self.surface)))

    def node(self, asked: Asked) -> Answer:
        """Answer GET …/nodes/{id}."""
        with asked.read() as work:
            found = self.show(work, wire.node_id(asked.params["id"]), ())
        return Answer(200, document(wire.show_node(found, self.surface)))

    def items(self, asked: Asked) -> Answer:
        """Answer GET …/items."""
        return self._listed(asked, f"{self.base}/items", items=True)

    def nodes(self, asked: Asked) -> Answer:
        """Answer GET …/nodes."""
        return self._listed(asked, f"{self.base}/nodes", items=False)

    def _listed(self, asked: Asked, path: str, *, items: bool) -> Answer:
        listing = wire_list.read_listing(asked, path, (Kind.ENTRY,) if items else ())
        with asked.read() as work:
            found = self.find(work, listing)
        return Answer(200, wire_list.show_found(asked, path, found, self.surface, items=items))

    def routes(self) -> tuple[Route, ...]:
        """Return the four routes of this surface."""
        return (
            Route(
                "GET",
                f"{self.base}/items",
                self.items,
                f"{self.operation}.list",
                f"List {self.what} entries",
                query=wire_list.ITEM_QUERY,
                section=self.section,
            ),
            Route(
                "GET",
                f"{self.base}/items/{{id}}",
                self.item,
                f"{self.operation}.show",
                f"Show the {self.what} content of an entry",
                section=self.section,
            ),
            Route(
                "GET",
                f"{self.base}/nodes",
                self.nodes,
                f"{self.operation}.list",
                f"List nodes, with {self.what} entries",
                query=wire_list.NODE_QUERY,
                section=self.section,
            ),
            Route(
                "GET",
                f"{self.base}/nodes/{{id}}",
                self.node,
                f"{self.operation}.show",
                f"Show a node, or a {self.what} entry as one",
                section=self.section,
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
