"""What somebody wishes for of all that they see: a list, before it is looked up."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from counterfoil.content.model import Kind, type_named
from counterfoil.kernel.ids import NodeId


class Order(StrEnum):
    """By what a list may be sorted; `-` before it turns it round."""

    CREATED_AT = "created_at"
    UPDATED_AT = "updated_at"
    SLUG = "slug"


@dataclass(frozen=True, slots=True)
class Last:
    """The last row of a page: the value it is sorted by, and its id."""

    value: str | int
    id: int


@dataclass(frozen=True, slots=True)
class Wish:
    """Which nodes are listed, of all that may be seen, and in what order.

    Attributes:
        kinds: only these; none named are all.
        parent: only direct children of this node.
        under: only this node and what stands below it; the caller sees it.
        content_type: only entries of the type with this id or api_key.
        ids: only these nodes.
    """

    kinds: tuple[Kind, ...] = ()
    parent: NodeId | None = None
    under: NodeId | None = None
    content_type: str | None = None
    ids: tuple[NodeId, ...] = ()
    order: Order = Order.CREATED_AT
    descending: bool = False

    @property
    def told(self) -> dict[str, Any]:
        """What its conditions are told when they run."""
        told: dict[str, Any] = {}
        if self.kinds:
            told["kinds"] = [str(kind) for kind in self.kinds]
        if self.parent is not None:
            told["parent"] = self.parent
        if self.ids:
            told["ids"] = list(self.ids)
        if self.content_type is not None:
            named = type_named(self.content_type)
            told["type_id" if isinstance(named, int) else "api_key"] = named
        return told

    @property
    def shape(self) -> WishShape:
        """What its statement looks like, whatever is named."""
        links = not self.kinds or Kind.LINK in self.kinds
        return WishShape(frozenset(self.told), self.order, descending=self.descending, links=links)


@dataclass(frozen=True, slots=True)
class WishShape:
    """The form of a wish: which of its parts are named, the order, and whether links may come."""

    named: frozenset[str]
    order: Order
    descending: bool
    links: bool
