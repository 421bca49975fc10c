"""Lists of nodes and entries: what is asked for, and pages of what was found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from counterfoil.access.surface import Surface
from counterfoil.content import policy
from counterfoil.content.doors import cursor, wire
from counterfoil.content.model import Kind
from counterfoil.content.read import Found, Listing
from counterfoil.content.store.wish import Last, Order, Wish
from counterfoil.jsonapi.document import page_document
from counterfoil.jsonapi.query import Query
from counterfoil.jsonapi.route import Asked
from counterfoil.kernel.errors import Code, Malformed
from counterfoil.kernel.page import Page

PAGING: Final = ("page[size]", "page[after]", "page[limit]", "page[offset]")
ITEM_QUERY: Final = (
    "filter[parent]",
    "filter[under]",
    "filter[type]",
    "filter[path]",
    "sort",
    *PAGING,
)
NODE_QUERY: Final = ("filter[kind]", *ITEM_QUERY)
_PATH_CHARS: Final = 2_000


def read_listing(asked: Asked, path: str, kinds: tuple[Kind, ...] = ()) -> Listing:
    """Return which nodes are asked for.

    Raises:
        Malformed: naming the parameter that is wrong.
    """
    query, wanted = asked.query, asked.query.page()
    order, descending = _order(query.text("sort"))
    parent, under = query.text("filter[parent]"), query.text("filter[under]")
    wish = Wish(
        kinds=kinds or _kinds(query),
        parent=None if parent is None else wire.node_id(parent),
        content_type=_type(query.text("filter[type]")),
        order=order,
        descending=descending,
    )
    return Listing(
        wish=wish,
        under=None if under is None else wire.node_id(under),
        path=address(query.text("filter[path]")),
        size=wanted.size,
        after=opened(asked, path),
        offset=wanted.offset,
    )


def show_found(
    asked: Asked, path: str, found: Found, surface: Surface, *, items: bool
) -> dict[str, Any]:
    """Describe a page of nodes or of entries."""
    show = wire.show_item if items else wire.show_node
    data = [show(shown, surface) for shown in found.items]
    return paged(asked, path, data, found.last, found.total)


def paged(
    asked: Asked, path: str, data: list[dict[str, Any]], last: Last | None, total: int | None
) -> dict[str, Any]:
    """Wrap a page, with a sealed cursor to the next one."""
    after = (
        None if last is None else cursor.seal(asked.office.cursor_key, _context(asked, path), last)
    )
    page: Page[object] = Page(data, after, total)
    return page_document(path, page, asked.query.page(), data, _kept(asked.query))


def opened(asked: Asked, path: str) -> Last | None:
    """Return the row after which a list goes on, if the request says.

    Raises:
        Malformed: for a cursor that this caller did not get for this list.
    """
    after = asked.query.page().after
    if after is None:
        return None
    return cursor.unseal(asked.office.cursor_key, _context(asked, path), after)


def _context(asked: Asked, path: str) -> str:
    """Say whose list it is and which: a cursor is good for no other (S35)."""
    caller = asked.caller
    who = f"{caller.organization}.{caller.user}.{caller.token}"
    kept = "&".join(f"{name}={value}" for name, value in sorted(_kept(asked.query).items()))
    return f"{who} {path}?{kept}"


def _kept(query: Query) -> Mapping[str, str]:
    return {
        name: ",".join(values)
        for name, values in query.values.items()
        if not name.startswith("page[")
    }


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
