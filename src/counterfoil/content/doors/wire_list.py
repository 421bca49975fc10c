"""Lists of nodes and entries: what is asked for, and pages of what was found."""

from __future__ import annotations

from typing import Final, TypeVar

from counterfoil.content import policy
from counterfoil.content.doors import cursor, wire
from counterfoil.content.model import Kind
from counterfoil.content.read import Found, Listing
from counterfoil.content.store.wish import Last, Order, Wish
from counterfoil.jsonapi.cursor import paged, wanted
from counterfoil.jsonapi.given import Paged
from counterfoil.jsonapi.parameter import PAGING, TEXT, Parameter, id_in, one_of
from counterfoil.jsonapi.query import Query
from counterfoil.jsonapi.route import Asked
from counterfoil.kernel.errors import Code, Malformed
from counterfoil.kernel.ids import NodeId, Prefix
from counterfoil.kernel.page import Page

T = TypeVar("T")

ITEM_QUERY: Final = (
    id_in("filter[parent]", "Only what stands directly under this node.", Prefix.NODE),
    id_in("filter[under]", "Only this node and what stands below it.", Prefix.NODE),
    Parameter(
        "filter[type]", "Only entries of this content type, by its id or api_key.", TEXT, "article"
    ),
    Parameter(
        "filter[path]",
        "Only what stands at this address, made of slugs from the root of the tree down.",
        TEXT,
        "/site/press",
    ),
    one_of(
        "sort",
        "By what to sort, with a - before it the other way round; `created_at` if it is left out.",
        [f"{sign}{order}" for order in Order for sign in ("", "-")],
    ),
    *PAGING,
)
NODE_QUERY: Final = (
    Parameter(
        "filter[kind]", "Only nodes of these kinds.", {"type": "string", "enum": [*Kind]}, many=True
    ),
    *ITEM_QUERY,
)
LOCALE: Final = "locale"
IN_LOCALE: Final = Parameter(
    LOCALE, "Show what is localized in this locale or, where it has no value, in the default one."
)
_PATH_CHARS: Final = 2_000


def read_listing(asked: Asked, path: str, kinds: tuple[Kind, ...] = ()) -> Listing:
    """Return which nodes are asked for.

    Raises:
        Malformed: naming the parameter that is wrong.
    """
    query, page = asked.query, asked.query.page()
    order, descending = _order(query.text("sort"))
    parent = query.id(Prefix.NODE, "filter[parent]")
    under = query.id(Prefix.NODE, "filter[under]")
    wish = Wish(
        kinds=kinds or _kinds(query),
        parent=None if parent is None else NodeId(parent),
        content_type=_type(query.text("filter[type]")),
        order=order,
        descending=descending,
    )
    return Listing(
        wish=wish,
        under=None if under is None else NodeId(under),
        path=address(query.text("filter[path]")),
        size=page.size,
        after=opened(asked, path),
        offset=page.offset,
        locale=query.text(LOCALE),
    )


def show_found(asked: Asked, path: str, found: Found, data: list[T]) -> Paged[T]:
    """Wrap a page of nodes or of entries, each as `data` describes it."""
    return sealed(asked, path, data, found.last, found.total)


def sealed(
    asked: Asked, path: str, data: list[T], last: Last | None, total: int | None
) -> Paged[T]:
    """Wrap a page, with a sealed cursor to the next one."""
    return paged(asked, path, Page(data, cursor.spell(last), total), data)


def opened(asked: Asked, path: str) -> Last | None:
    """Return the row after which a list goes on, if the request says.

    Raises:
        Malformed: for a cursor that this caller did not get for this list.
    """
    return cursor.read(wanted(asked, path).after)


def _order(sort: str | None) -> tuple[Order, bool]:
    if sort is None:
        return Order.CREATED_AT, False
    try:
        return Order(sort.removeprefix("-")), sort.startswith("-")
    except ValueError:
        raise _wrong("sort", f"is one of {', '.join(Order)}, with - before it or not") from None


def _kinds(query: Query) -> tuple[Kind, ...]:
    try:
        return tuple(Kind(kind) for kind in query.many("filter[kind]"))
    except ValueError:
        raise _wrong("filter[kind]", f"is any of {', '.join(Kind)}") from None


def _type(named: str | None) -> str | None:
    """Return an id in digits or an api_key. What can be neither is kept, and finds nothing."""
    if named is None or policy.API_KEY.fullmatch(named):
        return named
    return str(wire.content_type_id(named))


def address(path: str | None) -> str | None:
    """Read an address in the tree, of slugs from its root down.

    Raises:
        Malformed: for what can be none.
    """
    if path is None or path == "/":
        return path
    slugs = path.split("/")
    fits = len(path) <= _PATH_CHARS and slugs[0] == "" and len(slugs) <= policy.DEEPEST + 1
    if not fits or not all(policy.SLUG.fullmatch(slug) for slug in slugs[1:]):
        raise _wrong("filter[path]", "is an address like /site/blog/hello")
    return path


def _wrong(name: str, what: str) -> Malformed:
    return Malformed(
        Code.INVALID_REQUEST, f"The parameter {name!r} {what}.", meta={"parameter": name}
    )
