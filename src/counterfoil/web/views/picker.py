"""The tree in which root nodes are picked: what of it is open, what is ticked, what was sought.

All of its state stands in the form around it, so that each step is a form that is sent: with script
htmx takes the tree out of the answer, without it the browser loads the page.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from counterfoil.access.scope import Scope
from counterfoil.content import Order, Wish
from counterfoil.content.model import SEPARATOR, Kind, Shown, ids_of
from counterfoil.content.read import Listing, list_nodes, show_lineage
from counterfoil.kernel import ids
from counterfoil.kernel.errors import NotFound
from counterfoil.kernel.ids import NodeId, Prefix
from counterfoil.operation import Work
from counterfoil.web.form import Form

MOST_OPEN: Final = 50
_MOST_FOLDERS: Final = 100
_MOST_LEAVES: Final = 30
_MOST_FOUND: Final = 20
_SOUGHT_CHARS: Final = 120
_HOLDERS: Final = (Kind.ROOT, Kind.FOLDER)
_LEAVES: Final = (Kind.ENTRY, Kind.ASSET)


@dataclass(frozen=True, slots=True)
class Branch:
    """A node in the tree.

    Attributes:
        opens: whether it is shown with what stands below it, if somebody wants that.
        ticked: whether it is a root node; `covered` if a node above it is one.
        partly: whether a root node stands somewhere below it.
        more: how many children of it are not shown.
    """

    id: str
    name: str
    kind: str
    level: int
    opens: bool
    is_open: bool
    ticked: bool
    covered: bool
    partly: bool
    branches: tuple[Branch, ...] = ()
    more: int = 0


@dataclass(frozen=True, slots=True)
class Root:
    """A node that was picked or found, where it stands, and how many stand in and under it.

    `in_tree` says whether the tree shows it, with a box of its own.
    """

    id: str
    path: str
    nodes: int
    in_tree: bool = False


@dataclass(frozen=True, slots=True)
class Picker:
    """The tree as it stands in one form.

    Attributes:
        found: what was sought, with its place in the tree; None if nothing was.
        dropped: how many picked nodes went out, for one above them was picked too.
    """

    branches: tuple[Branch, ...]
    roots: tuple[Root, ...]
    open: tuple[str, ...]
    sought: str
    found: tuple[Root, ...] | None
    dropped: int


def pick(work: Work, form: Form) -> Picker | None:
    """Return the tree of a form for whoever reads content; None for whoever reads none."""
    reach = work.caller.grant.reach(Scope.CONTENT_READ)
    if not reach:
        return None
    named = _numbers(picked(form))
    chosen = {one.node.id: one for one in _some(work, Wish(ids=named))} if named else {}
    kept = topmost(chosen)
    tops = _tops(work, {root for every in reach for roots in every for root in roots}, reach)
    tree = _Tree(work, kept, _opened(form, {one.node.id for one in tops}))
    sought = form.text("find").strip()[:_SOUGHT_CHARS]
    return Picker(
        branches=tuple(tree.branch(one, 1) for one in tops),
        roots=tuple(_root(work, one, tree.shown) for one in kept.values()),
        open=tuple(str(one) for one in tree.open),
        sought=sought,
        found=found_nodes(work, sought) if sought else None,
        dropped=len(chosen) - len(kept),
    )


def picked(form: Form) -> tuple[str, ...]:
    """Return the ids of the root nodes as they are after the button that was pressed, if any."""
    gone = set(form.many("remove"))
    named = (*form.many("roots"), *form.many("add"))
    return tuple(dict.fromkeys(one for one in named if one and one not in gone))


def topmost(chosen: Mapping[NodeId, Shown]) -> dict[NodeId, Shown]:
    """Return those of some nodes that stand below no other of them."""
    return {
        id_: one
        for id_, one in chosen.items()
        if chosen.keys().isdisjoint(ids_of(one.node.path) - {id_})
    }


class _Tree:
    """Reads what of the tree is open."""

    def __init__(self, work: Work, kept: Mapping[NodeId, Shown], open_: Collection[NodeId]) -> None:
        self._work = work
        self._kept = kept
        self._above = {above for one in kept.values() for above in ids_of(one.node.path)}
        self.open = frozenset(open_)
        self.shown: set[NodeId] = set()

    def branch(self, one: Shown, level: int) -> Branch:
        """Return a node with what stands below it, as far as that is open."""
        node = one.node
        self.shown.add(node.id)
        below: tuple[Branch, ...] = ()
        more = 0
        is_open = node.kind in _HOLDERS and node.id in self.open
        if is_open:
            folders, further = self._children(node.id, _HOLDERS, _MOST_FOLDERS)
            leaves, others = self._children(node.id, _LEAVES, _MOST_LEAVES)
            below = tuple(self.branch(child, level + 1) for child in (*folders, *leaves))
            more = further + others
        return Branch(
            id=str(node.id),
            name=node.slug or SEPARATOR,
            kind=str(node.kind),
            level=level,
            opens=node.kind in _HOLDERS,
            is_open=is_open,
            ticked=node.id in self._kept,
            covered=not self._kept.keys().isdisjoint(ids_of(node.path) - {node.id}),
            partly=node.id in self._above and node.id not in self._kept,
            branches=below,
            more=more,
        )

    def _children(
        self, parent: NodeId, kinds: tuple[Kind, ...], most: int
    ) -> tuple[list[Shown], int]:
        wish = Wish(kinds=kinds, parent=parent, order=Order.SLUG)
        found = list_nodes(self._work, Listing(wish, size=most))
        return found.items, (found.total or 0) - len(found.items)


def _tops(work: Work, named: set[NodeId], reach: Iterable[tuple[object, ...]]) -> list[Shown]:
    """Return where the caller's view of the tree begins: at its root, or at those of their role."""
    if any(not every for every in reach):
        return _some(work, Wish(kinds=(Kind.ROOT,)))
    found = {one.node.id: one for one in _some(work, Wish(ids=tuple(sorted(named))))}
    return list(topmost(found).values())


def _some(work: Work, wish: Wish, most: int = 100) -> list[Shown]:
    return list_nodes(work, Listing(wish, size=most, counted=False)).items


def found_nodes(work: Work, sought: str) -> tuple[Root, ...]:
    """Return the nodes in whose name it stands; of an address, its last part counts."""
    name = sought.rstrip(SEPARATOR).rpartition(SEPARATOR)[2]
    if not name:
        return ()
    kinds = (*_HOLDERS, *_LEAVES)
    wish = Wish(kinds=kinds, slug=name, order=Order.SLUG)
    places = [_root(work, one) for one in _some(work, wish, _MOST_FOUND)]
    return tuple(
        one for one in places if SEPARATOR not in sought or sought.lower() in one.path.lower()
    )


def _root(work: Work, one: Shown, shown: Collection[NodeId] = ()) -> Root:
    above = show_lineage(work, one.node.id)
    path = SEPARATOR + SEPARATOR.join(each.node.slug for each in above if each.node.slug)
    under = list_nodes(work, Listing(Wish(), under=one.node.id, size=1))
    return Root(str(one.node.id), path, under.total or 0, one.node.id in shown)


def _opened(form: Form, otherwise: set[NodeId]) -> set[NodeId]:
    """Return what is open: what was, but for the one whose arrow was pressed."""
    said = "open" in form.values
    was = set(_numbers(form.many("open"))[:MOST_OPEN]) if said else otherwise
    return was ^ set(_numbers(form.many("toggle")))


def _numbers(texts: Iterable[str]) -> tuple[NodeId, ...]:
    found: list[NodeId] = []
    for text in texts:
        try:
            found.append(NodeId(ids.read(Prefix.NODE, text)))
        except NotFound:
            continue
    return tuple(found[:100])
