"""How `/amplience` speaks: HAL, whose links say what the caller may do, and a list of errors."""

from __future__ import annotations

import re
from typing import Final, TypeVar

from msgspec import UNSET

from counterfoil.access.scope import Scope
from counterfoil.access.surface import Surface
from counterfoil.dialects.amplience.shape import Link, Page, PageFacts
from counterfoil.jsonapi.dialect import Dialect
from counterfoil.jsonapi.fault import PLAIN, TITLE, Fault, Said
from counterfoil.jsonapi.parameter import TEXT, Parameter
from counterfoil.jsonapi.route import Asked
from counterfoil.kernel.errors import Malformed

BASE: Final = "/amplience/v2/content"
PAGE: Final = "{?page,size,sort}"

_TEXT: Final = {"type": "string"}
_SORTED_BY: Final = ("createdDate", "lastModifiedDate", "id", "label", "schemaId", "contentTypeUri")
_SORT: Final = re.compile(rf"({'|'.join(_SORTED_BY)})(,(asc|desc|ASC|DESC))?")
_SAID: Final = ("level", "code", "message", "requestId")


def _say(fault: Fault) -> Said:
    message = fault.detail or TITLE[fault.status]
    error = {"level": "ERROR", "code": str(fault.code), "message": message}
    return Said(PLAIN, {"errors": [{**error, "requestId": fault.request_id}]})


AMPLIENCE: Final = Dialect(
    name="amplience",
    under=re.compile(r"/amplience(/|$)"),
    say=_say,
    errors={PLAIN: "AmplienceErrors"},
    schemas={
        "AmplienceErrors": {
            "type": "object",
            "required": ["errors"],
            "properties": {
                "errors": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "required": list(_SAID),
                        "properties": dict.fromkeys(_SAID, _TEXT),
                    },
                }
            },
        }
    },
)


PAGED: Final = (
    Parameter("page", "Which page, counted from 0.", {"type": "integer", "minimum": 0}, 0),
    Parameter(
        "size",
        "How many a page holds; 20 if it is left out.",
        {"type": "integer", "minimum": 1, "maximum": 100},
        20,
    ),
    Parameter(
        "sort",
        f"One of {', '.join(_SORTED_BY)}, and `,asc` or `,desc`. The order is always the same.",
        TEXT,
        "createdDate,asc",
    ),
)
"""What its lists take."""

T = TypeVar("T")


def link(asked: Asked, path: str) -> Link:
    """Return a HAL link to an address below `/amplience/v2/content`, templated if it has braces.

    The vendor's client follows absolute addresses: below the configured one, or the host it asked.
    """
    origin = asked.office.address or f"http://{asked.headers['host']}"
    href = f"{origin}{BASE}{path}"
    return Link(href=href, templated=True if "{" in path else UNSET)


def may(asked: Asked, scope: Scope) -> bool:
    """Say whether the caller may follow a link that needs this scope."""
    grant = asked.caller.grant
    held = grant.spans(scope) if scope is Scope.CONTENT_TYPES_WRITE else grant.scopes & scope.bit
    return bool(held and grant.surfaces & Surface.MANAGEMENT.bit)


def paged(asked: Asked, path: str, name: str, items: list[T], total: int) -> Page[T]:
    """Wrap one page of a list."""
    number, size = place(asked)
    pages = -(-total // size)
    facts = PageFacts(size=size, number=number, total_elements=total, total_pages=pages)
    return Page({name: items}, {"self": link(asked, f"{path}{PAGE}")}, facts)


def place(asked: Asked) -> tuple[int, int]:
    """Return which page is asked for, counted from 0, and how much a page holds."""
    query = asked.query
    if _SORT.fullmatch(query.text("sort") or _SORTED_BY[0]) is None:
        detail = f"The parameter 'sort' names none of {', '.join(_SORTED_BY)}."
        raise Malformed(detail=detail, meta={"parameter": "sort"})
    return query.integer("page", 0, 100_000) or 0, query.integer("size", 1, 100) or 20
