"""What is asked of records: which version, which of them, and in what order."""

from __future__ import annotations

from typing import Final

from counterfoil.content import Kind, Order, Wish
from counterfoil.content.doors.wire import node_id
from counterfoil.content.doors.wire_list import terms
from counterfoil.content.read import Listing
from counterfoil.dialects.datocms.wire import ORDERS
from counterfoil.jsonapi.parameter import FLAG, OFFSET, SAMPLE, TEXT, Parameter, one_of
from counterfoil.jsonapi.query import Query
from counterfoil.jsonapi.route import Asked
from counterfoil.kernel.errors import Malformed
from counterfoil.kernel.ids import NodeId

_USUAL, _MOST = 30, 500


def read_listing(asked: Asked) -> Listing:
    """Return which records are asked for."""
    query = asked.query
    order, descending = _order(query.text("order_by"))
    wish = Wish(
        kinds=(Kind.ENTRY,),
        content_type=query.text("filter[type]"),
        order=order,
        descending=descending,
        query=terms(query.text("filter[query]")),
    )
    return Listing(wish, ids=_ids(query), size=size_in(query), offset=offset_in(query))


def size_in(query: Query) -> int:
    """Return how many are wanted at once."""
    size = query.integer("page[limit]", 0, _MOST)
    return _USUAL if size is None else size


def offset_in(query: Query) -> int:
    """Return how many come before the first that is wanted."""
    return query.integer("page[offset]") or 0


def _ids(query: Query) -> tuple[NodeId, ...]:
    """Return which records are asked for by their ids; none named are all."""
    named = query.many("filter[ids]")
    if len(named) > _MOST:
        raise Malformed(
            detail=f"At most {_MOST} ids are looked up at once.", meta={"parameter": "filter[ids]"}
        )
    return tuple(dict.fromkeys(node_id(text) for text in named))


def published_wanted(asked: Asked) -> bool:
    """Say whether `version` asks for what is published rather than for drafts."""
    pass_over_nested(asked)
    version = asked.query.text("version") or "current"
    if version not in {"current", "published", "latest"}:
        raise Malformed(
            detail="The version is current or published.", meta={"parameter": "version"}
        )
    return version == "published"


def pass_over_nested(asked: Asked) -> None:
    """Return if `nested` is true or false, which is all one: nothing is nested here."""
    asked.query.boolean(NESTED.name)


def _order(asked: str | None) -> tuple[Order, bool]:
    if asked is None:
        return ORDERS["_created_at"], False
    name, _, way = asked.rpartition("_")
    if name not in ORDERS or way not in {"ASC", "DESC"}:
        raise Malformed(
            detail=f"Records are ordered by {', '.join(ORDERS)}, _ASC or _DESC.",
            meta={"parameter": "order_by"},
        )
    return ORDERS[name], way == "DESC"


VERSION: Final = one_of(
    "version", "Drafts, or what is published.", ("current", "published", "latest")
)
NESTED: Final = Parameter(
    "nested", "Read for the vendor's clients; nothing is nested here.", FLAG, "false"
)
LIMIT: Final = Parameter(
    "page[limit]",
    f"How many a page holds; {_USUAL} if it is left out.",
    {"type": "integer", "minimum": 0, "maximum": _MOST},
    20,
)
LIST: Final = (
    Parameter("filter[type]", "Only records of this model, by its id or api_key.", TEXT, "article"),
    Parameter("filter[query]", "Only records that hold all these words.", TEXT, "winter"),
    Parameter("filter[ids]", "Only these records.", TEXT, SAMPLE, many=True),
    VERSION,
    one_of(
        "order_by",
        "By what to order.",
        [f"{name}_{way}" for name in ORDERS for way in ("ASC", "DESC")],
    ),
    NESTED,
    LIMIT,
    OFFSET,
)
