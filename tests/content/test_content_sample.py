"""Sample content, laid out and taken away: what was changed or made by somebody stays."""

from __future__ import annotations

from typing import Any

import pytest

from counterfoil.access.caller import Caller, Method
from counterfoil.access.grant import Grant, Term
from counterfoil.access.scope import EVERY_SCOPE, Scope
from counterfoil.content import define_type, policy, schema, specimen, write
from counterfoil.content.lock import lock_node
from counterfoil.content.model import Node
from counterfoil.content.sample import Standing, lay_out, may_lay_out, show_sample, take_away
from counterfoil.content.trash import destroy
from counterfoil.feed.event import NodePlaced, NodeRemoved
from counterfoil.kernel.errors import Code, Conflict, CounterfoilError, Denied
from counterfoil.kernel.ids import NodeId
from support.content import GARDENER, Garden, token
from support.office import ORIGIN, session

ENTRIES = list(specimen.pieces())
ALL = 1 + len(specimen.FOLDERS) + len(ENTRIES)


def laid(garden: Garden) -> Node:
    with garden.work() as work:
        return lay_out(work)


def away(garden: Garden) -> Standing:
    with garden.work() as work:
        return take_away(work)


def standing(garden: Garden) -> Standing:
    with garden.office.read(garden.gardener, ORIGIN) as work:
        return show_sample(work)


def under(garden: Garden, at: NodeId) -> dict[str, NodeId]:
    """Return what stands directly under a node, by slug."""
    knock = garden.knock()
    found = knock("GET", f"/cma/nodes?filter[parent]={at}&page[size]=100").json["data"]
    return {one["attributes"]["slug"]: NodeId(int(one["id"])) for one in found}


def edit(garden: Garden, id_: NodeId, **said: Any) -> None:
    with garden.work() as work:
        write.edit_entry(work, id_, said)


def kept(found: Standing) -> set[str]:
    return {address for _, address in found.kept}


def test_it_is_laid_out_and_goes_again(any_garden: Garden) -> None:
    """What is laid out is what is said of it; it goes again whole, and the gates hear of both."""
    garden = any_garden
    own = garden.entry(garden.root, "own", published=True)
    assert not standing(garden).is_out
    top = laid(garden)
    shelves = under(garden, top.id)
    assert shelves.keys() == set(specimen.FOLDERS)
    found = {
        (shelf, slug): garden.node(id_)
        for shelf, at in shelves.items()
        for slug, id_ in under(garden, at).items()
    }
    assert {
        (one.folder, one.slug): "updated" if one.revised else ("draft", "published")[one.published]
        for one in ENTRIES
    } == {where: str(node.status) for where, node in found.items()}
    assert len(standing(garden).going) == ALL
    placed = {one.node for one in garden.events() if isinstance(one, NodePlaced)}
    assert placed >= {node.id for node in found.values()} | {top.id}
    gone = away(garden)
    assert (len(gone.going), gone.kept) == (ALL, [])
    assert under(garden, garden.root).keys() == {"own"}
    removed = [one.node for one in garden.events() if isinstance(one, NodeRemoved)]
    assert removed == [top.id]  # the rest went under it
    assert garden.node(own).live
    assert not standing(garden).is_out
    garden.restore(top.id)
    assert len(under(garden, shelves["blog"])) == len(
        [one for one in ENTRIES if one.folder == "blog"]
    )
    assert len(away(garden).going) == ALL  # brought back it is as it was


def test_what_was_changed_stays_and_is_named(any_garden: Garden) -> None:
    """An entry that was edited stays with the folders above it; the rest goes, now or later."""
    garden = any_garden
    top = laid(garden)
    shelves = under(garden, top.id)
    changed = under(garden, shelves["blog"])["a-ferry-turns-ninety"]
    edit(garden, changed, text="Ours.")
    assert kept(standing(garden)) == {"/sample/blog/a-ferry-turns-ninety"}
    found = away(garden)
    assert len(found.going) == ALL - 3
    assert under(garden, garden.root).keys() == {"sample"}
    assert under(garden, top.id).keys() == {"blog"}
    assert under(garden, shelves["blog"]) == {"a-ferry-turns-ninety": changed}
    assert not standing(garden).is_out
    assert kept(standing(garden)) == {"/sample/blog/a-ferry-turns-ninety"}
    garden.trash(changed)
    assert {node.slug for node in standing(garden).going} == {"sample", "blog"}
    away(garden)
    assert under(garden, garden.root) == {}


def test_what_somebody_made_is_never_touched(any_garden: Garden) -> None:
    """A folder that holds somebody's own stays, and what their link points to; trash counts too."""
    garden = any_garden
    top = laid(garden)
    shelves = under(garden, top.id)
    garden.entry(shelves["authors"], "own")
    inside = garden.entry(shelves["legal"], "thrown-away")
    garden.trash(inside)
    garden.link(garden.root, "news", under(garden, shelves["blog"])["the-archive-moves"])
    expected = {"/sample/authors", "/sample/legal", "/sample/blog/the-archive-moves"}
    assert kept(away(garden)) == expected
    assert under(garden, shelves["authors"]).keys() == {"own"}
    assert under(garden, shelves["blog"]).keys() == {"the-archive-moves"}
    garden.restore(inside)
    assert under(garden, shelves["legal"]).keys() == {"thrown-away"}
    assert under(garden, garden.root).keys() == {"sample", "news"}


def test_what_was_moved_away_stays(any_garden: Garden) -> None:
    """An entry that was moved is somebody's; one that went with its folder is as it was."""
    garden = any_garden
    mine = garden.folder(garden.root, "mine")
    shelves = under(garden, laid(garden).id)
    blog = under(garden, shelves["blog"])
    garden.move(blog["a-ferry-turns-ninety"], mine)
    garden.move(shelves["legal"], mine)
    away(garden)
    assert under(garden, garden.root).keys() == {"mine"}
    assert under(garden, mine).keys() == {"a-ferry-turns-ninety", "legal"}
    assert under(garden, shelves["legal"]) == {}


def test_it_takes_no_name(any_garden: Garden) -> None:
    """Where a name is taken it takes another one, and touches neither folder nor content type."""
    garden = any_garden
    own = garden.folder(garden.root, "sample")
    shape = garden.shaped("sample_page")
    top = laid(garden)
    assert top.slug == "sample-2"
    assert garden.node(own).version == 1
    with garden.work() as work:
        types = define_type.list_content_types(work, 100).items
    assert {one.api_key for one in types} == {
        "sample_article", "sample_author", "sample_page", "sample_page_2",
    }  # fmt: skip
    assert next(one for one in types if one.api_key == "sample_page").id == shape


def test_content_types_go_when_nothing_is_of_them(any_garden: Garden) -> None:
    """They serve again while entries lie in the trash, and go with a later press when none do."""
    garden = any_garden
    top = laid(garden)
    away(garden)
    found = standing(garden)
    assert len(found.types_kept) == len(specimen.SHAPES)
    assert found.types_going == []
    again = laid(garden)
    assert again.slug == "sample"
    away(garden)
    ids = {one.id for one in found.types_kept}
    assert {one.id for one in standing(garden).types_kept} == ids
    with garden.work() as work:
        destroy(work, top.id)
    assert standing(garden).types_going == []
    with garden.work() as work:
        destroy(work, again.id)
    assert {one.id for one in standing(garden).types_going} == ids
    away(garden)
    with garden.work() as work:
        assert define_type.list_content_types(work, 100).items == []


def test_a_content_type_that_was_changed_stays(any_garden: Garden) -> None:
    """One that somebody edited is theirs: it stays, and the next sample brings one of its own."""
    garden = any_garden
    top = laid(garden)
    page = next(one for one in standing(garden).types_kept if one.api_key == "sample_page")
    with garden.work() as work:
        body = {**policy.decoded(page.body), "title": "Ours"}
        define_type.edit_content_type(work, page.id, body=body)
    away(garden)
    with garden.work() as work:
        destroy(work, top.id)
    found = away(garden)
    assert [one.id for one in found.types_kept] == [page.id]
    laid(garden)
    assert {one.api_key for one in standing(garden).types_kept} == {
        "sample_article", "sample_author", "sample_page_2",
    }  # fmt: skip


def test_it_is_laid_out_once(any_garden: Garden) -> None:
    """Whoever presses twice is told, and there is one; what is destroyed is forgotten."""
    garden = any_garden
    top = laid(garden)
    with pytest.raises(Conflict) as refused:
        laid(garden)
    assert refused.value.code is Code.CONFLICT
    assert under(garden, garden.root).keys() == {"sample"}
    garden.trash(top.id)
    with garden.work() as work:
        destroy(work, top.id)
    assert not standing(garden).is_out
    assert laid(garden).slug == "sample"


def test_what_somebody_has_to_themselves_stops_it(any_garden: Garden) -> None:
    """While somebody else holds a lock in it nothing goes (Q14)."""
    garden = any_garden
    shelves = under(garden, laid(garden).id)
    with garden.work(session(GARDENER + 50)) as work:
        lock_node(work, shelves["blog"])
    with pytest.raises(Conflict) as refused:
        away(garden)
    assert refused.value.code is Code.LOCKED
    assert len(standing(garden).going) == ALL


@pytest.mark.parametrize(
    "lacking",
    [
        Scope.POLICY_MANAGE,
        Scope.CONTENT_WRITE,
        Scope.CONTENT_PUBLISH,
        Scope.CONTENT_DELETE,
        Scope.CONTENT_TYPES_WRITE,
    ],
)
def test_it_takes_all_that_it_does(garden: Garden, lacking: Scope) -> None:
    """Whoever lacks one of the scopes, or holds it under roots, neither sees nor presses it."""
    less = EVERY_SCOPE & ~lacking.bit
    some = Term(lacking.bit, frozenset({garden.root}))
    for terms in ((Term(less),), (Term(less), some)):
        caller = session(GARDENER + 50, *terms)
        assert not may_lay_out(caller.grant)
        for act in (lay_out, take_away, show_sample):
            with pytest.raises(CounterfoilError), garden.work(caller) as work:
                act(work)
    assert may_lay_out(garden.gardener.grant)
    assert under(garden, garden.root) == {}


@pytest.mark.parametrize("act", [lay_out, take_away, show_sample])
def test_no_token_does_it(garden: Garden, act: Any) -> None:
    """Sessions alone lay it out: no token does, whatever it may do."""
    service = Caller(garden.organization, None, Method.SERVICE, Grant((Term(EVERY_SCOPE),)))
    for caller in (token(), service):
        with pytest.raises(Denied) as refused, garden.work(caller) as work:
            act(work)
        assert refused.value.code is Code.CREDENTIAL_KIND_NOT_ADMITTED


def test_each_piece_is_as_its_shape_says() -> None:
    """What the sample says fits its content types, before and after it was revised."""
    for piece in ENTRIES:
        body = schema.read_schema(piece.shape.body("urn:test:it"), "urn:test:it")
        schema.require_content(body, piece.said)
        schema.require_content(body, {**piece.said, **piece.revised})
        policy.require_slug(piece.slug)
    assert len({(one.folder, one.slug) for one in ENTRIES}) == len(ENTRIES)
    assert {one.folder for one in ENTRIES} == set(specimen.FOLDERS)
