"""Assets by id and by URL, with their lineage and their children.

What is published is shown to every token with the delivery surface. Drafts are shown to those whose
authority may write whatever it may read, and which have the preview surface besides: the vendor
lets a user with write access see what is under construction (Q7).
"""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from counterfoil.access.caller import Caller
from counterfoil.access.surface import Surface
from counterfoil.content import Wish
from counterfoil.content.doors.wire import node_id
from counterfoil.content.doors.wire_list import IN_LOCALE, LOCALE, address
from counterfoil.content.read import (
    Found,
    Listing,
    list_drafts,
    list_published,
    show_draft,
    show_draft_lineage,
    show_published,
    show_published_lineage,
)
from counterfoil.dialects.squiz.voice import SQUIZ
from counterfoil.dialects.squiz.wire import Asset, Several, show_asset
from counterfoil.jsonapi.parameter import LIMIT, OFFSET, SIZE, TEXT, Parameter, id_in
from counterfoil.jsonapi.route import Answer, Asked, Route
from counterfoil.kernel.errors import Code, Malformed, NotFound
from counterfoil.kernel.ids import NodeId, Prefix
from counterfoil.operation import Work

_PATH: Final = "/__api/assets"


def found(asked: Asked) -> Answer:
    """Answer GET /__api/assets/{id}, or with `url` in the query."""
    with asked.read() as work:
        surface = _surface(asked.caller)
        show = show_draft if surface is Surface.PREVIEW else show_published
        id_ = _named(asked, work, surface)
        shown = show(work, id_, locale=asked.query.text(LOCALE))
    return Answer(200, show_asset(shown, surface))


def lineage(asked: Asked) -> Answer:
    """Answer …/lineage: the asset below those above it that the token sees, the topmost first."""
    with asked.read() as work:
        surface = _surface(asked.caller)
        drafts = surface is Surface.PREVIEW
        show = show_draft_lineage if drafts else show_published_lineage
        shown = show(work, _named(asked, work, surface), asked.query.text(LOCALE))
    return Answer(200, {"assets": [show_asset(one, surface) for one in shown], "total": len(shown)})


def children(asked: Asked) -> Answer:
    """Answer …/children: what stands directly under the asset, in pages by offset."""
    wanted = asked.query.page()
    with asked.read() as work:
        surface = _surface(asked.caller)
        here = Wish(parent=_named(asked, work, surface))
        locale = asked.query.text(LOCALE)
        listing = Listing(here, size=wanted.size, offset=wanted.offset, locale=locale)
        found = _list(work, surface, listing)
    assets = [show_asset(one, surface) for one in found.items]
    return Answer(200, {"assets": assets, "total": found.total})


def _surface(caller: Caller) -> Surface:
    """Return the surface on which this caller reads here: drafts only to who may write them all."""
    return Surface.PREVIEW if caller.grant.shows_drafts else Surface.DELIVERY


def _named(asked: Asked, work: Work, surface: Surface) -> NodeId:
    """Return the asset that the address names by its id, or the query by its URL."""
    if "id" in asked.params:
        return node_id(asked.params["id"])
    url = asked.query.text("url")
    if not url:
        raise Malformed(
            Code.INVALID_REQUEST,
            "Name an asset by its id in the path, or by `url`.",
            meta={"parameter": "url"},
        )
    found = _list(work, surface, Listing(path=address(_path_of(url), "url"), size=1)).items
    if not found:
        raise NotFound
    return found[0].node.id


def _path_of(url: str) -> str:
    """Return where a URL points below its host, or a path as it is."""
    try:
        return urlsplit(url).path or "/"
    except ValueError:
        return url


def _list(work: Work, surface: Surface, listing: Listing) -> Found:
    find = list_drafts if surface is Surface.PREVIEW else list_published
    return find(work, listing)


_ID: Final = id_in("id", "The asset.", Prefix.NODE)
_URL: Final = Parameter(
    "url",
    "The address of the asset; only its path counts.",
    TEXT,
    "/site/press",
    required=True,
)
_ROUTES: Final = (
    ("", found, "show", "an asset", Asset, ()),
    ("/lineage", lineage, "lineage", "the lineage of an asset", Several, ()),
    ("/children", children, "list", "the children of an asset", Several, (SIZE, LIMIT, OFFSET)),
)

ROUTES: Final = tuple(
    Route(
        "GET",
        f"{_PATH}{place}{end}",
        handle,
        f"delivery.{verb}",
        f"Show {what} by its {by}",
        gives={200: gives},
        parts=parts,
        query=(*named, IN_LOCALE, *query),
        dialect=SQUIZ,
        section="Squiz content API",
        also=(f"preview.{verb}", "delivery.list", "preview.list"),
        fails=(Code.NOT_FOUND,),
    )
    for end, handle, verb, what, gives, query in _ROUTES
    for place, by, parts, named in (("/{id}", "id", (_ID,), ()), ("", "URL", (), (_URL,)))
)
