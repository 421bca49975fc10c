"""Reading: one node, lists of them, what stands above one; on each surface by the same condition.

Whatever a restricted token names and does not see answers the one refusal of its restriction: the
unknown, the outside, the trashed, and what is not on this surface (S31). An address by path that
begins below something it sees is the exception: there, what is missing is missing.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

from counterfoil.access.scope import Scope
from counterfoil.access.surface import Surface
from counterfoil.content.model import SEPARATOR, ContentType, Kind, Shown
from counterfoil.content.steps.sift import Ask, sifted
from counterfoil.content.steps.sight import seen, sight_on, unseen
from counterfoil.content.steps.weave import preferred, woven
from counterfoil.content.store import inside, item_types, lists, rows
from counterfoil.content.store import seen as store_seen
from counterfoil.content.store.visible import Sight
from counterfoil.content.store.wish import Last, Wish
from counterfoil.kernel.errors import Code, NotFound
from counterfoil.kernel.ids import NodeId, Prefix, spell
from counterfoil.kernel.page import DEFAULT_SIZE
from counterfoil.operation import ANY_CALLER, Work, operation

_MOST_MODELS: Final = 1_000


@dataclass(frozen=True, slots=True)
class Listing:
    """Which piece of which list is wanted.

    `under`, and `path` in the tree's own names, are resolved before `wish` is asked. So are `ids`
    under a restriction, which refuses what it does not cover. Only what is `counted` has a total.
    So are `asks`, which filter by properties. With a `locale`, what is localized is shown in it
    alone.
    """

    wish: Wish = field(default_factory=Wish)
    under: NodeId | None = None
    path: str | None = None
    ids: tuple[NodeId, ...] = ()
    size: int = DEFAULT_SIZE
    after: Last | None = None
    offset: int = 0
    counted: bool = True
    locale: str | None = None
    asks: tuple[Ask, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """A piece of a list; `last` names its last row if there are more, `total` counts them all."""

    items: list[Shown]
    last: Last | None
    total: int | None


@operation("node.show", requires=Scope.CONTENT_READ, methods=ANY_CALLER, reads=True)
def show_node(
    work: Work,
    id_: NodeId,
    kinds: tuple[Kind, ...] = (),
    locale: str | None = None,
    *,
    published: bool = False,
) -> Shown:
    """Show a node or entry with its draft, or as it is published; in one locale, if asked."""
    return _show(work, _managed(published=published), id_, kinds, locale)


@operation("node.list", requires=Scope.CONTENT_READ, methods=ANY_CALLER, reads=True)
def list_nodes(work: Work, listing: Listing, *, published: bool = False) -> Found:
    """List nodes or entries with their drafts, or what is published as it is."""
    return _list(work, _managed(published=published), listing)


@operation("node.lineage", requires=Scope.CONTENT_READ, methods=ANY_CALLER, reads=True)
def show_lineage(work: Work, id_: NodeId) -> list[Shown]:
    """Show a node and those of its ancestors that the caller sees, the topmost first."""
    return _lineage(work, Surface.MANAGEMENT, id_)


@operation(
    "preview.show",
    requires=Scope.CONTENT_READ,
    methods=ANY_CALLER,
    surface=Surface.PREVIEW,
    reads=True,
)
def show_draft(
    work: Work, id_: NodeId, kinds: tuple[Kind, ...] = (), locale: str | None = None
) -> Shown:
    """Show the draft of an entry, or a node; in one locale, if one is asked for."""
    return _show(work, Surface.PREVIEW, id_, kinds, locale)


@operation(
    "preview.list",
    requires=Scope.CONTENT_READ,
    methods=ANY_CALLER,
    surface=Surface.PREVIEW,
    reads=True,
)
def list_drafts(work: Work, listing: Listing) -> Found:
    """List drafts of entries, or nodes."""
    return _list(work, Surface.PREVIEW, listing)


@operation(
    "delivery.show",
    requires=Scope.CONTENT_READ,
    methods=ANY_CALLER,
    surface=Surface.DELIVERY,
    reads=True,
)
def show_published(
    work: Work, id_: NodeId, kinds: tuple[Kind, ...] = (), locale: str | None = None
) -> Shown:
    """Show what is published of an entry, or a node; in one locale, if one is asked for."""
    return _show(work, Surface.DELIVERY, id_, kinds, locale)


@operation(
    "delivery.list",
    requires=Scope.CONTENT_READ,
    methods=ANY_CALLER,
    surface=Surface.DELIVERY,
    reads=True,
)
def list_published(work: Work, listing: Listing) -> Found:
    """List published entries, or nodes."""
    return _list(work, Surface.DELIVERY, listing)


@operation(
    "preview.lineage",
    requires=Scope.CONTENT_READ,
    methods=ANY_CALLER,
    surface=Surface.PREVIEW,
    reads=True,
)
def show_draft_lineage(work: Work, id_: NodeId, locale: str | None = None) -> list[Shown]:
    """Show a node or draft below those of its ancestors that the caller sees, the topmost first."""
    return _lineage(work, Surface.PREVIEW, id_, locale)


@operation(
    "delivery.lineage",
    requires=Scope.CONTENT_READ,
    methods=ANY_CALLER,
    surface=Surface.DELIVERY,
    reads=True,
)
def show_published_lineage(work: Work, id_: NodeId, locale: str | None = None) -> list[Shown]:
    """Show what is published below those of its ancestors that the caller sees."""
    return _lineage(work, Surface.DELIVERY, id_, locale)


@operation(
    "preview.models",
    requires=Scope.CONTENT_READ,
    methods=ANY_CALLER,
    surface=Surface.PREVIEW,
    reads=True,
)
def list_draft_models(work: Work) -> list[ContentType]:
    """List the content types of which the caller may see drafts."""
    return _models(work, Surface.PREVIEW)


@operation(
    "delivery.models",
    requires=Scope.CONTENT_READ,
    methods=ANY_CALLER,
    surface=Surface.DELIVERY,
    reads=True,
)
def list_models(work: Work) -> list[ContentType]:
    """List the content types of which the caller may see what is published."""
    return _models(work, Surface.DELIVERY)


def _managed(*, published: bool) -> Surface:
    """Return as on which surface they look who manage content, and see of it what others do."""
    return Surface.DELIVERY if published else Surface.MANAGEMENT


def _models(work: Work, surface: Surface) -> list[ContentType]:
    """Return every type to who reads everywhere, and to others those that they meet entries of."""
    work.permit()
    sight = sight_on(work, surface)
    every = item_types.some(work.tx, sight.organization, _MOST_MODELS)
    if not all(sight.grant.reach(Scope.CONTENT_READ)):
        return every
    met = Wish(kinds=(Kind.ENTRY,))
    return [
        one
        for one in every
        if lists.some(work.tx, sight, replace(met, content_type=str(one.id)), 1)
    ]


def _lineage(work: Work, surface: Surface, id_: NodeId, locale: str | None = None) -> list[Shown]:
    shown, sight = _show(work, surface, id_, (), locale), sight_on(work, surface)
    above = store_seen.ancestors(work.tx, sight, shown)
    return [*woven(work, sight, above, preferred(work, locale)), shown]


def _show(
    work: Work,
    surface: Surface,
    id_: NodeId,
    kinds: tuple[Kind, ...],
    locale: str | None = None,
) -> Shown:
    work.permit(target=spell(Prefix.NODE, id_))
    sight, locales = sight_on(work, surface), preferred(work, locale)
    return woven(work, sight, [seen(work, sight, id_, kinds)], locales)[0]


def _list(work: Work, surface: Surface, listing: Listing) -> Found:
    wish, sight = listing.wish, sight_on(work, surface)
    named = wish.parent or listing.under
    work.permit(target=None if named is None else spell(Prefix.NODE, named))
    if wish.parent is not None:
        seen(work, sight, wish.parent)
    if listing.under is not None:
        wish = replace(wish, under=seen(work, sight, listing.under).node.id)
    if listing.ids:
        for id_ in listing.ids if sight.grant.limits else ():
            seen(work, sight, id_)
        wish = replace(wish, ids=listing.ids)
    if listing.path is not None:
        wish = replace(wish, ids=(_by_path(work, sight, listing.path),))
    locales = preferred(work, listing.locale)
    wish = sifted(work, sight, wish, listing.asks, locales)
    found = lists.some(
        work.tx, sight, wish, listing.size + 1, after=listing.after, offset=listing.offset
    )
    items = found[: listing.size]
    more = len(found) > listing.size
    return Found(
        woven(work, sight, items, locales),
        lists.last_of(items[-1], wish, surface) if more else None,
        lists.count(work.tx, sight, wish) if listing.counted else None,
    )


def _by_path(work: Work, sight: Sight, path: str) -> NodeId:
    """Return the node at an address of slugs from the tree's root down, if the caller sees it."""
    slugs = tuple(part for part in path.split(SEPARATOR) if part)
    found = inside.start(work.tx, sight, slugs)
    if found is None:
        raise unseen(work, sight, None)
    here, rest = found
    met = [here]
    for slug in rest:
        child = rows.child(work.tx, sight.organization, met[-1], slug)
        if child is None:
            break
        met.append(child.id)
    there = met[-1] if len(met) == len(rest) + 1 else None
    if there is not None and store_seen.one(work.tx, sight, there) is not None:
        return there
    error = unseen(work, sight, there)
    below = error.code is Code.OUTSIDE_ROOT_NODES and any(
        store_seen.one(work.tx, sight, above) for above in reversed(met)
    )
    raise NotFound() if below else error
