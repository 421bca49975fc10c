"""The content explorer's view: the tree, a list and one item, through one's own eyes or a token's.

What is listed is what the person sees. What the token would not see of it is marked, so nobody
learns through a token that there is something else.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from counterfoil.access.caller import Caller, Method
from counterfoil.access.grant import Grant
from counterfoil.access.scope import Scope
from counterfoil.access.surface import Surface
from counterfoil.content import Order, Wish
from counterfoil.content.define_type import show_content_type
from counterfoil.content.model import SEPARATOR, Kind, Shown
from counterfoil.content.read import (
    Found,
    Listing,
    list_drafts,
    list_nodes,
    list_published,
    show_draft,
    show_node,
    show_published,
)
from counterfoil.jsonapi.fault import status_of
from counterfoil.kernel.errors import CounterfoilError
from counterfoil.kernel.ids import NodeId
from counterfoil.operation import Work

HOLDERS: Final = (Kind.ROOT, Kind.FOLDER)
_MOST_FOLDERS: Final = 100
_SIZE: Final = 50


@dataclass(frozen=True, slots=True)
class Line:
    """A node in the tree or the list; `seen` says whether it would be shown to whom one views as.

    `level` counts the open folders above it.
    """

    id: str
    name: str
    kind: str
    status: str
    seen: bool
    level: int = 0
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class Item:
    """What one node is, as it would be answered; `refusal` if it would not be."""

    id: str
    kind: str
    path: str
    status: str
    body: str
    refusal: str
    error: CounterfoilError | None
    rest: str
    graphql: str


@dataclass(frozen=True, slots=True)
class Eyes:
    """Through whose eyes one looks: `me`, or whoever holds a token's grant; and at which API."""

    me: Work
    theirs: Work
    surface: Surface

    @property
    def unseen(self) -> str:
        """The status that answers for what they are not shown (S31)."""
        grant = self.theirs.caller.grant
        let_in = grant.surfaces & self.surface.bit and grant.scopes & Scope.CONTENT_READ.bit
        return "404" if let_in and not grant.limits else "403"

    def listing(self, wish: Wish) -> Found:
        """List what they are shown there."""
        show = {
            Surface.DELIVERY: list_published,
            Surface.PREVIEW: list_drafts,
            Surface.MANAGEMENT: list_nodes,
        }[self.surface]
        return show(self.theirs, Listing(wish, size=100, counted=False))

    def show(self, id_: NodeId) -> Shown:
        """Show a node as they are shown it there."""
        show = {
            Surface.DELIVERY: show_published,
            Surface.PREVIEW: show_draft,
            Surface.MANAGEMENT: show_node,
        }[self.surface]
        return show(self.theirs, id_)

    def of(self, every: Iterable[NodeId]) -> frozenset[NodeId]:
        """Return which of some nodes they are shown."""
        ids = tuple(every)[:100]
        if not ids:
            return frozenset()
        try:
            return frozenset(one.node.id for one in self.listing(Wish(ids=ids)).items)
        except CounterfoilError:
            return frozenset()


def eyes_of(work: Work, grant: Grant | None, method: Method, surface: Surface) -> Eyes:
    """Return one's own eyes, or those of a token with this grant.

    What is asked through them is no act of the token's and goes on no record: the person's is.
    """
    if grant is None:
        theirs = replace(work, acts=[])
    else:
        caller = Caller(work.caller.organization, None, method, grant)
        theirs = replace(work, caller=caller, acts=[])
    return Eyes(work, theirs, surface)


def tops(work: Work) -> list[Shown]:
    """Return where the caller's view of the tree begins."""
    reach = work.caller.grant.reach(Scope.CONTENT_READ)
    if any(not every for every in reach):
        return list_nodes(work, Listing(Wish(kinds=(Kind.ROOT,)), size=1, counted=False)).items
    named = {root for every in reach for roots in every for root in roots}
    wish = Wish(ids=tuple(sorted(named))[:100])
    return list_nodes(work, Listing(wish, size=100, counted=False)).items if named else []


def tree(eyes: Eyes, begins: Sequence[Shown], lineage: Sequence[Shown]) -> list[Line]:
    """Return the folders that are open, from the top down, with those that stand in them."""
    above = {one.node.id for one in lineage}
    lines: list[tuple[Shown, int, bool]] = []

    def put(one: Shown, level: int) -> None:
        is_open = one.node.id in above or level == 0
        lines.append((one, level, is_open))
        if is_open and one.node.kind in HOLDERS:
            wish = Wish(kinds=HOLDERS, parent=one.node.id, order=Order.SLUG)
            for child in list_nodes(
                eyes.me, Listing(wish, size=_MOST_FOLDERS, counted=False)
            ).items:
                put(child, level + 1)

    for one in begins:
        put(one, 0)
    seen = eyes.of(one.node.id for one, _, _ in lines)
    return [_line(one, seen, level, is_open=is_open) for one, level, is_open in lines]


def children(eyes: Eyes, folder: NodeId | None, offset: int) -> tuple[list[Line], int]:
    """Return a piece of what stands directly in a folder, and how much there is in all."""
    if folder is None:
        return [], 0
    wish = Wish(parent=folder, order=Order.SLUG)
    found = list_nodes(eyes.me, Listing(wish, size=_SIZE, offset=offset))
    seen = eyes.of(one.node.id for one in found.items)
    return [_line(one, seen) for one in found.items], found.total or 0


def item(eyes: Eyes, lineage: Sequence[Shown]) -> Item:
    """Return a node as it would be answered, or the refusal; and the queries that ask for it."""
    mine = lineage[-1]
    body, refusal, failed = "", "", None
    try:
        shown = eyes.show(mine.node.id)
        body = "" if shown.content is None else _pretty(shown.content)
    except CounterfoilError as error:
        refusal, failed = f"{status_of(error.code)} {error.code}", error
    return Item(
        id=str(mine.node.id),
        kind=str(mine.node.kind),
        path=SEPARATOR + SEPARATOR.join(one.node.slug for one in lineage if one.node.slug),
        status=_status(mine),
        body=body,
        refusal=refusal,
        error=failed,
        rest=_rest(mine, eyes.surface),
        graphql=_graphql(eyes, mine),
    )


def _line(one: Shown, seen: frozenset[NodeId], level: int = 0, *, is_open: bool = False) -> Line:
    node = one.node
    return Line(
        id=str(node.id),
        name=node.slug or SEPARATOR,
        kind=str(node.kind),
        status=_status(one),
        seen=node.id in seen,
        level=level,
        is_open=is_open,
    )


def _status(one: Shown) -> str:
    return str(one.node.status) if one.node.kind is Kind.ENTRY else ""


def _pretty(content: bytes) -> str:
    told: Any = json.loads(content)
    return json.dumps(told, indent=2, ensure_ascii=False)


def _rest(one: Shown, surface: Surface) -> str:
    of = "items" if one.node.kind is Kind.ENTRY else "nodes"
    start = {
        Surface.DELIVERY: "/cda",
        Surface.PREVIEW: "/cda/preview",
        Surface.MANAGEMENT: "/cma",
    }[surface]
    bearer = '"Authorization: Bearer $COUNTERFOIL_TOKEN"'
    return f"curl -H {bearer} \\\n  $COUNTERFOIL_URL{start}/{of}/{one.node.id}"


def _graphql(eyes: Eyes, one: Shown) -> str:
    """Return the query for an entry, for who may see what type it is of."""
    type_ = one.node.content_type
    held = eyes.me.caller.grant.scopes & Scope.CONTENT_TYPES_READ.bit
    if type_ is None or not held or eyes.surface is Surface.MANAGEMENT:
        return ""
    first, *more = show_content_type(eyes.me, type_).api_key.split("_")
    name = first + "".join(part[:1].upper() + part[1:] for part in more)
    return f'{{ {name}(id: "{one.node.id}") {{ id _slug _status }} }}'
