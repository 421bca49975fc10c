"""What somebody wishes for of all that they see: a list, before it is looked up."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from counterfoil.content.model import Kind, type_named
from counterfoil.kernel.ids import NodeId

ESCAPE: Final = "!"
_SPECIAL: Final = re.compile(r"[!%_]")


class Order(StrEnum):
    """By what a list may be sorted; `-` before it turns it round."""

    CREATED_AT = "created_at"
    UPDATED_AT = "updated_at"
    SLUG = "slug"


class Op(StrEnum):
    """How a value is compared; `eq` is `in` with one value. A list `has` one of the values."""

    IN = "in"
    GT = "gt"
    GTE = "gte"
    LT = "lt"
    LTE = "lte"
    HAS = "has"
    EXISTS = "exists"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class Where:
    """What is asked of a property: the values are spelled as `findable` spells them."""

    name: str
    locale: str
    op: Op
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class By:
    """One of several keys to sort by: a column or, if it is named, a property."""

    order: Order = Order.CREATED_AT
    descending: bool = False
    name: str = ""
    locale: str = ""


@dataclass(frozen=True, slots=True)
class Last:
    """The last row of a page: the value it is sorted by, its id, and the values of further keys."""

    value: str | int
    id: int
    further: tuple[str | int, ...] = ()

    @property
    def values(self) -> tuple[str | int, ...]:
        """The values of all keys, in their order."""
        return (self.value, *self.further)


@dataclass(frozen=True, slots=True)
class Wish:
    """Which nodes are listed, of all that may be seen, and in what order.

    Attributes:
        kinds: only these; none named are all.
        parent: only direct children of this node.
        under: only this node and what stands below it; the caller sees it.
        content_type: only entries of the type with this id or api_key.
        ids: only these nodes.
        slug: only nodes in whose own name this stands, however it is cased.
        where: only entries of which all this is true; the content type is named by its id then.
        query: only entries that hold all these words.
        keys: what to sort by; if there are any, `order` says nothing.
    """

    kinds: tuple[Kind, ...] = ()
    parent: NodeId | None = None
    under: NodeId | None = None
    content_type: str | None = None
    ids: tuple[NodeId, ...] = ()
    slug: str = ""
    order: Order = Order.CREATED_AT
    descending: bool = False
    where: tuple[Where, ...] = ()
    query: tuple[str, ...] = ()
    keys: tuple[By, ...] = ()

    @property
    def by(self) -> tuple[By, ...]:
        """What to sort by, the first key first."""
        return self.keys or (By(self.order, self.descending),)

    @property
    def told_of_values(self) -> dict[str, Any]:
        """What the conditions on properties are told when they run."""
        told: dict[str, Any] = {}
        for place, one in enumerate(self.where):
            told[f"kept_name_{place}"], told[f"kept_locale_{place}"] = one.name, one.locale
            if one.op in {Op.IN, Op.HAS}:
                told[f"kept_value_{place}"] = list(one.values)
            elif one.values:
                kind = one.values[0][0]
                told[f"kept_value_{place}"] = one.values[0]
                told[f"kept_kind_{place}"], told[f"kept_past_{place}"] = kind, chr(ord(kind) + 1)
        for place, key in enumerate(self.by):
            if key.name:
                told[f"sorted_name_{place}"], told[f"sorted_locale_{place}"] = key.name, key.locale
        return told

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
        if self.slug:
            told["slug"] = f"%{_SPECIAL.sub(_escaped, self.slug.lower())}%"
        if self.content_type is not None:
            named = type_named(self.content_type)
            told["type_id" if isinstance(named, int) else "api_key"] = named
        return told

    @property
    def shape(self) -> WishShape:
        """What its statement looks like, whatever is named."""
        return WishShape(
            frozenset(self.told),
            tuple(KeyShape(key.order, key.descending, by_value=bool(key.name)) for key in self.by),
            tuple(one.op for one in self.where),
            links=not self.kinds or Kind.LINK in self.kinds,
            words=bool(self.query),
        )


def _escaped(found: re.Match[str]) -> str:
    return f"{ESCAPE}{found[0]}"


@dataclass(frozen=True, slots=True)
class KeyShape:
    """The form of a key to sort by: a column, or the value of a property, and which way round."""

    order: Order
    descending: bool
    by_value: bool


@dataclass(frozen=True, slots=True)
class WishShape:
    """The form of a wish: which of its parts are named, what it sorts by and how it compares.

    `links` says whether links may come, `words` whether a full text is sought.
    """

    named: frozenset[str]
    keys: tuple[KeyShape, ...]
    ops: tuple[Op, ...]
    links: bool
    words: bool

    @property
    def led(self) -> bool:
        """Whether values or words lead to few rows."""
        return self.words or Op.IN in self.ops or Op.HAS in self.ops
