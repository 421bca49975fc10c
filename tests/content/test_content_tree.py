"""The tree: what moves, what is trashed and comes back, and what the gates hear of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from counterfoil.access.roots import NOWHERE
from counterfoil.content import tree
from counterfoil.content.policy import DEEPEST
from counterfoil.feed.event import AnyEvent, NodePlaced, NodeRemoved
from counterfoil.kernel.errors import Code, Conflict, Invalid, NotFound, Stale
from counterfoil.kernel.ids import NodeId, OrganizationId
from support.content import Garden
from support.office import ACME

OTHER = OrganizationId(1_000_000_000_000_002)


def fed(events: list[AnyEvent]) -> dict[int, int | None]:
    """Return what a gate knows of the tree after these events."""
    known: dict[int, int | None] = {}
    for event in events:
        if isinstance(event, NodePlaced):
            known[event.node] = event.parent
        elif isinstance(event, NodeRemoved):
            known.pop(event.node, None)
    return known


def climbed(known: dict[int, int | None], node: int) -> frozenset[NodeId]:
    """Return a node's lineage as a gate finds it: nowhere unless it reaches the top."""
    above: set[NodeId] = set()
    here: int | None = node
    while here is not None:
        if here not in known:
            return NOWHERE
        above.add(NodeId(here))
        here = known[here]
    return frozenset(above)


def test_a_lineage_is_the_way_to_the_top(any_garden: Garden) -> None:
    """A node's lineage is its own id and its ancestors', and nowhere for what is unknown (Q13)."""
    site = any_garden.folder(any_garden.root, "site")
    blog = any_garden.folder(site, "blog")
    assert any_garden.lineage(blog) == {any_garden.root, site, blog}
    assert any_garden.lineage(NodeId(1)) == NOWHERE


def test_another_organizations_node_is_nowhere(any_garden: Garden) -> None:
    """The id of another organization's node has no lineage here (S25)."""
    theirs = Garden(any_garden.office, OTHER)
    assert theirs.lineage(theirs.root) == {theirs.root}
    assert any_garden.lineage(theirs.root) == NOWHERE


def test_a_move_takes_the_subtree_along_in_one_event(any_garden: Garden) -> None:
    """Moving a folder moves all below it, by one event however much that is (Q13)."""
    one, two = any_garden.folder(any_garden.root, "one"), any_garden.folder(any_garden.root, "two")
    inner = any_garden.folder(one, "inner")
    leaves = [any_garden.folder(inner, f"leaf-{number}") for number in range(5)]
    before = len(any_garden.events())
    any_garden.move(inner, two)
    assert any_garden.events()[before:] == [NodePlaced(organization=ACME, node=inner, parent=two)]
    for leaf in leaves:
        assert any_garden.lineage(leaf) == {any_garden.root, two, inner, leaf}


def test_a_node_does_not_move_under_itself(any_garden: Garden) -> None:
    """A move that would make a loop is refused and changes nothing (S28)."""
    one = any_garden.folder(any_garden.root, "one")
    inner = any_garden.folder(one, "inner")
    for to in (one, inner):
        with pytest.raises(Invalid) as refusal, any_garden.work() as work:
            tree.move(work, one, to)
        assert refusal.value.field == "/data/relationships/parent"
    assert any_garden.lineage(inner) == {any_garden.root, one, inner}


def test_the_tree_is_bounded_in_depth(garden: Garden) -> None:
    """Neither a new node nor a moved subtree goes deeper than the limit."""
    here = garden.root
    for level in range(DEEPEST):
        here = garden.folder(here, f"level-{level}")
    with pytest.raises(Invalid):
        garden.folder(here, "beyond")
    tall = garden.folder(garden.root, "tall")
    garden.folder(tall, "top")
    last_but_one = garden.node(here).parent
    assert last_but_one is not None
    with pytest.raises(Invalid):
        garden.move(tall, last_but_one)
    before = garden.node(last_but_one).parent
    assert before is not None
    garden.move(tall, before)


def test_the_root_stays(any_garden: Garden) -> None:
    """The root is neither moved, renamed nor trashed."""
    folder = any_garden.folder(any_garden.root, "folder")
    with pytest.raises(Invalid), any_garden.work() as work:
        tree.move(work, any_garden.root, folder)
    with pytest.raises(Invalid), any_garden.work() as work:
        tree.rename(work, any_garden.root, "top")
    with pytest.raises(Invalid):
        any_garden.trash(any_garden.root)


def test_live_siblings_have_different_slugs(any_garden: Garden) -> None:
    """A slug is taken beside live siblings: on create, rename, move and restore."""
    one, two = any_garden.folder(any_garden.root, "one"), any_garden.folder(any_garden.root, "two")
    inner = any_garden.folder(two, "one")
    with pytest.raises(Conflict) as refusal:
        any_garden.folder(any_garden.root, "one")
    assert refusal.value.code is Code.NAME_TAKEN
    with pytest.raises(Conflict), any_garden.work() as work:
        tree.rename(work, two, "one")
    with pytest.raises(Conflict):
        any_garden.move(inner, any_garden.root)
    any_garden.trash(one)
    any_garden.move(inner, any_garden.root)
    with pytest.raises(Conflict):
        any_garden.restore(one)
    with any_garden.work() as work:
        tree.rename(work, inner, "else")
    any_garden.restore(one)
    assert any_garden.lineage(one) == {any_garden.root, one}


def test_the_trash_covers_nothing(any_garden: Garden) -> None:
    """A trashed node and all below it are nowhere; restored, they stand where they stood (S27)."""
    site = any_garden.folder(any_garden.root, "site")
    blog = any_garden.folder(site, "blog")
    post = any_garden.entry(blog, "post")
    old = any_garden.entry(blog, "old")
    any_garden.trash(old)
    any_garden.trash(site)
    for node in (site, blog, post, old):
        assert any_garden.lineage(node) == NOWHERE
    any_garden.restore(site)
    assert any_garden.lineage(post) == {any_garden.root, site, blog, post}
    assert any_garden.lineage(old) == NOWHERE
    any_garden.restore(old)
    assert any_garden.lineage(old) == {any_garden.root, site, blog, old}


def test_what_lies_below_the_trash_is_not_restored_alone(any_garden: Garden) -> None:
    """A node whose parent is in the trash is not found there, and a live one cannot be restored."""
    site = any_garden.folder(any_garden.root, "site")
    blog = any_garden.folder(site, "blog")
    with pytest.raises(Conflict):
        any_garden.restore(blog)
    any_garden.trash(blog)
    any_garden.trash(site)
    with pytest.raises(NotFound):
        any_garden.restore(blog)
    with pytest.raises(Invalid):
        any_garden.folder(site, "new")
    with pytest.raises(NotFound):
        any_garden.move(site, any_garden.root)


def test_a_link_stands_where_it_points(any_garden: Garden) -> None:
    """A link's lineage is its target's, follows it, and ends with it (Q13, S28)."""
    site = any_garden.folder(any_garden.root, "site")
    aside = any_garden.folder(any_garden.root, "aside")
    page = any_garden.entry(site, "page")
    link = any_garden.link(aside, "shortcut", page)
    assert any_garden.lineage(link) == {any_garden.root, site, page, link}
    any_garden.move(page, aside)
    assert any_garden.lineage(link) == {any_garden.root, aside, page, link}
    any_garden.trash(page)
    assert any_garden.lineage(link) == NOWHERE
    any_garden.restore(page)
    assert any_garden.lineage(link) == {any_garden.root, aside, page, link}
    with pytest.raises(Invalid):
        any_garden.link(site, "again", link)


def test_only_some_kinds_have_children(garden: Garden) -> None:
    """Nothing stands under an asset or a link."""
    asset = garden.asset(garden.root, "logo.png")
    link = garden.link(garden.root, "logo", asset)
    for parent in (asset, link):
        with pytest.raises(Invalid):
            garden.folder(parent, "below")
    page = garden.entry(garden.root, "page")
    assert garden.lineage(garden.entry(page, "sub")) >= {page}


def test_records_say_what_the_feed_said(any_garden: Garden) -> None:
    """What a replica is rebuilt from gives every node the lineage that the feed gave it (S27)."""
    site = any_garden.folder(any_garden.root, "site")
    aside = any_garden.folder(any_garden.root, "aside")
    blog = any_garden.folder(site, "blog")
    post = any_garden.entry(blog, "post")
    link = any_garden.link(aside, "post", post)
    every = (any_garden.root, site, aside, blog, post, link)

    def agree() -> None:
        by_feed, by_records = fed(any_garden.events()), fed(any_garden.records())
        assert by_feed == by_records
        for node in every:
            assert climbed(by_records, node) == any_garden.lineage(node)

    agree()
    steps: list[Callable[[], None]] = [
        lambda: any_garden.move(blog, aside),
        lambda: any_garden.trash(post),
        lambda: any_garden.trash(aside),
        lambda: any_garden.restore(aside),
        lambda: any_garden.restore(post),
        lambda: any_garden.move(link, site),
        lambda: any_garden.trash(link),
    ]
    for step in steps:
        step()
        agree()


def test_records_come_parents_first(any_garden: Garden) -> None:
    """Each record of a live node comes after that of the node that it stands under."""
    site = any_garden.folder(any_garden.root, "site")
    page = any_garden.entry(site, "page")
    any_garden.link(any_garden.root, "a", page)
    any_garden.move(site, any_garden.folder(any_garden.root, "later"))
    met: set[int] = set()
    for event in any_garden.records():
        assert isinstance(event, NodePlaced)
        assert event.parent is None or event.parent in met
        met.add(event.node)
    assert len(met) == 5


def test_a_stale_version_is_refused(garden: Garden) -> None:
    """A change that names an older version than the present one does not happen."""
    folder = garden.folder(garden.root, "folder")
    with garden.work() as work:
        assert tree.rename(work, folder, "renamed", 1).version == 2
    with pytest.raises(Stale), garden.work() as work:
        tree.rename(work, folder, "again", 1)
    assert garden.node(folder).slug == "renamed"


def test_what_changes_nothing_says_nothing(garden: Garden) -> None:
    """A rename to the same slug and a move to the same place leave version and feed alone."""
    folder = garden.folder(garden.root, "folder")
    before = len(garden.events())
    with garden.work() as work:
        tree.rename(work, folder, "folder")
        tree.move(work, folder, garden.root)
    assert garden.node(folder).version == 1
    assert len(garden.events()) == before


def test_one_work_does_many_things(garden: Garden) -> None:
    """Hundreds of operations fit into one work, and all of them are there afterwards."""
    with garden.work() as work:
        top = tree.create_folder(work, garden.root, "top")
        made = [tree.create_folder(work, top.id, f"f-{number}") for number in range(200)]
    assert len(work.events) == 201
    assert all(garden.lineage(node.id) >= {top.id} for node in made)


@pytest.mark.parametrize(
    "slug", ["", ".", "..", "a/b", "a b", "-a", "é", "a\0", "a\n", "x" * 121, "%2e"]
)
def test_a_bad_slug_is_refused(garden: Garden, slug: str) -> None:
    """A slug that could be read as a path, or not at all, is refused and names its field (S34)."""
    with pytest.raises(Invalid) as refusal:
        garden.folder(garden.root, slug)
    assert refusal.value.field == "/data/attributes/slug"
