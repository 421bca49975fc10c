"""Lists of nodes and entries: what is asked for, and pages of what was found."""

from __future__ import annotations

import re
from typing import Final, TypeVar

from counterfoil.content import policy
from counterfoil.content.doors import cursor, wire
from counterfoil.content.findable import words_of
from counterfoil.content.model import Kind
from counterfoil.content.read import Found, Listing
from counterfoil.content.steps.sift import EQ, OPS, SEVERAL, Ask
from counterfoil.content.store.wish import By, Last, Order, Wish
from counterfoil.jsonapi.cursor import paged, wanted
from counterfoil.jsonapi.given import Paged
from counterfoil.jsonapi.parameter import PAGING, TEXT, Parameter, id_in
from counterfoil.jsonapi.query import Query
from counterfoil.jsonapi.route import Asked
from counterfoil.kernel.errors import Code, Malformed
from counterfoil.kernel.ids import NodeId, Prefix
from counterfoil.kernel.page import Page

T = TypeVar("T")

FIELDS: Final = "filter[fields]"
MOST_KEYS: Final = 3
MOST_ASKS: Final = 10
_MOST_TERMS: Final = 20
_QUERY_CHARS: Final = 200
_ASK: Final = re.compile(r"filter\[fields\]\[([^\[\]]{1,100})\](?:\[([a-z_]{1,8})\])?")
_BY_VALUE: Final = "fields."

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
    Parameter(
        "filter[query]",
        "Only entries that hold all these words; `harb*` is any word that begins like this.",
        TEXT,
        "winter harb*",
    ),
    Parameter(
        FIELDS,
        "Only entries of which a property of the type in `filter[type]` is this:"
        f" `{FIELDS}[NAME]`, or `{FIELDS}[NAME][OP]` where OP is one of {', '.join(OPS[1:])}.",
        TEXT,
        {"author": "Ben"},
        family=True,
    ),
    Parameter(
        "sort",
        f"By what to sort, up to {MOST_KEYS} keys parted by commas: {', '.join(Order)}, or"
        " `fields.NAME` for a property of the type in `filter[type]`. A - before a key turns it"
        " round; entries without the property come last. `created_at` if it is left out.",
        TEXT,
        "-created_at",
    ),
    *PAGING,
)
NODE_QUERY: Final = (
    Parameter(
        "filter[kind]", "Only nodes of these kinds.", {"type": "string", "enum": [*Kind]}, many=True
    ),
    Parameter(
        "filter[slug]", "Only nodes in whose slug this stands, however it is cased.", TEXT, "press"
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
    parent = query.id(Prefix.NODE, "filter[parent]")
    under = query.id(Prefix.NODE, "filter[under]")
    wish = Wish(
        kinds=kinds or _kinds(query),
        parent=None if parent is None else NodeId(parent),
        content_type=_type(query.text("filter[type]")),
        keys=_keys(query.text("sort")),
        query=terms(query.text("filter[query]")),
        slug=query.text("filter[slug]") or "",
    )
    return Listing(
        wish=wish,
        under=None if under is None else NodeId(under),
        path=address(query.text("filter[path]")),
        size=page.size,
        after=opened(asked, path),
        offset=page.offset,
        locale=query.text(LOCALE),
        asks=_asks(query),
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


def _keys(sort: str | None) -> tuple[By, ...]:
    if sort is None:
        return ()
    keys = sort.split(",")
    if len(keys) > MOST_KEYS:
        raise _wrong("sort", f"names more than {MOST_KEYS} keys")
    return tuple(map(_key, keys))


def _key(text: str) -> By:
    key, descending = text.removeprefix("-"), text.startswith("-")
    if key.startswith(_BY_VALUE):
        return By(descending=descending, name=key.removeprefix(_BY_VALUE) or " ")
    try:
        return By(Order(key), descending)
    except ValueError:
        what = f"is made of {', '.join(Order)} and fields.NAME, with - before it or not"
        raise _wrong("sort", what) from None


def _asks(query: Query) -> tuple[Ask, ...]:
    """Return what is asked of properties, of which only their type knows whether it has them."""
    asks = []
    for name in query.values:
        if not name.startswith(FIELDS):
            continue
        ask = _ASK.fullmatch(name)
        op = EQ if ask is None or ask[2] is None else ask[2]
        if ask is None or op not in OPS:
            what = f"is {FIELDS}[NAME], or {FIELDS}[NAME][OP] with one of {', '.join(OPS[1:])}"
            raise _wrong(name[:160], what)
        text = query.text(name) or ""
        asks.append(Ask(ask[1], op, tuple(text.split(",")) if op in SEVERAL else (text,)))
    if len(asks) > MOST_ASKS:
        raise _wrong(FIELDS, f"is given more than {MOST_ASKS} times")
    return tuple(asks)


def terms(text: str | None) -> tuple[str, ...]:
    """Return the words that are sought, each with a * if it only begins like this.

    Raises:
        Malformed: naming `filter[query]`, if there are none or too many.
    """
    if text is None:
        return ()
    terms: list[str] = []
    for part in text.split():
        words = list(words_of(part))
        if words and part.endswith("*"):
            words[-1] += "*"
        terms += words
    if not terms or len(terms) > _MOST_TERMS or len(text) > _QUERY_CHARS:
        what = f"is 1 to {_MOST_TERMS} words of {_QUERY_CHARS} characters together"
        raise _wrong("filter[query]", what)
    return tuple(terms)


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


def address(path: str | None, parameter: str = "filter[path]") -> str | None:
    """Read an address in the tree, of slugs from its root down.

    Raises:
        Malformed: for what can be none, naming the parameter that it came in.
    """
    if path is None or path == "/":
        return path
    slugs = path.split("/")
    fits = len(path) <= _PATH_CHARS and slugs[0] == "" and len(slugs) <= policy.DEEPEST + 1
    if not fits or not all(policy.SLUG.fullmatch(slug) for slug in slugs[1:]):
        raise _wrong(parameter, "is an address like /site/blog/hello")
    return path


def _wrong(name: str, what: str) -> Malformed:
    return Malformed(
        Code.INVALID_REQUEST, f"The parameter {name!r} {what}.", meta={"parameter": name}
    )
