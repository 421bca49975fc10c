"""Who sees what: the one condition in SQL, against the same law told in plain Python."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, bindparam, select

from counterfoil.access.grant import Grant, Term
from counterfoil.access.roots import covers
from counterfoil.access.scope import Scope, scopes
from counterfoil.access.surface import Surface
from counterfoil.content.model import Hand, Kind, Node, ids_of
from counterfoil.content.store import item_types, rows
from counterfoil.content.store import lists as store_lists
from counterfoil.content.store import seen as store_seen
from counterfoil.content.store.reached import reached
from counterfoil.content.store.tables import nodes
from counterfoil.content.store.visible import Sight
from counterfoil.content.store.wish import Wish
from counterfoil.kernel.ids import ContentTypeId, NodeId, OrganizationId
from counterfoil.office import Office
from counterfoil.runtime.prepared import Prepared
from support.content import Garden
from support.office import START

FRESH = count(2_000_000_000_000_000)
NOBODY = Hand(None, None)
KINDS = st.sampled_from([Kind.FOLDER, Kind.FOLDER, Kind.ENTRY, Kind.ASSET, Kind.LINK])
READ, ASSETS, WRITE = Scope.CONTENT_READ, Scope.ASSETS_READ, Scope.CONTENT_WRITE


@dataclass(frozen=True)
class Drawn:
    """One node to be: under which earlier one, of what kind, and in what state."""

    parent: int
    kind: Kind
    target: int
    trashed: bool
    published: bool


DRAWN = st.builds(
    Drawn,
    st.integers(0, 30),
    KINDS,
    st.integers(0, 30),
    st.integers(0, 9).map(lambda die: die == 0),
    st.booleans(),
)
PLACES = st.none() | st.frozensets(st.integers(0, 12), max_size=3)
TERMS = st.lists(
    st.tuples(st.sampled_from([READ, ASSETS, WRITE, None]), PLACES), min_size=0, max_size=3
)


def grow(garden: Garden, drawn: list[Drawn], type_: ContentTypeId) -> list[Node]:
    """Write these nodes as rows, without asking anybody."""
    root = garden.node(garden.root)
    grown = [root]
    with garden.office.database.transaction() as tx:
        for each in drawn:
            parents = [node for node in grown if node.kind in {Kind.ROOT, Kind.FOLDER, Kind.ENTRY}]
            parent = parents[each.parent % len(parents)]
            targets = [node for node in grown if node.kind is not Kind.LINK]
            target = targets[each.target % len(targets)].id if each.kind is Kind.LINK else None
            entry, id_ = each.kind is Kind.ENTRY, NodeId(next(FRESH))
            node = Node(
                organization=garden.organization,
                id=id_,
                parent=parent.id,
                kind=each.kind,
                slug=f"n{id_}",
                path=f"{parent.path}{id_}/",
                created_at=START,
                created=NOBODY,
                updated_at=START,
                updated=NOBODY,
                target=target,
                content_type=type_ if entry else None,
                published=1 if (entry and each.published) or each.kind is Kind.ASSET else None,
                trashed_at=START if each.trashed else None,
                live=parent.live and not each.trashed,
            )
            grown.append(rows.add(tx, lambda node=node: node))  # type: ignore[misc]
    return grown


def seen(node: Node, all_: dict[NodeId, Node], grant: Grant, surface: Surface) -> bool:
    """The law: what is live and on this surface, inside one whole term and every limit."""
    if not node.live:
        return False
    if surface is Surface.DELIVERY and node.kind is Kind.ENTRY and node.published is None:
        return False
    needed = ASSETS if node.kind is Kind.ASSET else READ
    here = ids_of(node.path)
    held = any(term.scopes & needed.bit and covers(term.roots, here) for term in grant.terms)
    if not held or not all(covers(limit, here) for limit in grant.limits):
        return False
    return node.target is None or seen(all_[node.target], all_, grant, surface)


def counts(tx: Connection, sight: Sight, expected: int) -> None:
    """Fail unless as many nodes are reached there, and no more of them where few are looked at."""
    on = sight.grant.narrowed(surfaces=sight.surface.bit)
    whole = reached(tx, sight.organization, on)
    assert (whole.nodes, whole.all_nodes) == (expected, True)
    part = reached(tx, sight.organization, on, far=3)
    assert part.nodes <= min(3, expected)
    assert not part.all_nodes or part.nodes == expected


@settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    drawn=st.lists(DRAWN, max_size=14),
    terms=TERMS,
    limits=st.lists(st.frozensets(st.integers(0, 12), max_size=3), max_size=2),
    surface=st.sampled_from(Surface),
    kinds=st.sets(st.sampled_from(Kind)).map(tuple),
)
def test_sql_sees_what_the_law_allows(
    any_garden: Garden,
    *,
    drawn: list[Drawn],
    terms: list[tuple[Scope | None, frozenset[int] | None]],
    limits: list[frozenset[int]],
    surface: Surface,
    kinds: tuple[Kind, ...],
) -> None:
    """A node is read, listed and counted exactly if a term and all limits cover it (Q10, Q11)."""
    garden = Garden(any_garden.office, OrganizationId(next(FRESH)))
    grown = grow(garden, drawn, garden.article)

    def named(places: frozenset[int]) -> frozenset[NodeId]:
        return frozenset(grown[place % len(grown)].id for place in places)

    grant = Grant(
        tuple(
            Term(scopes(scope) if scope else scopes(READ, ASSETS), None if p is None else named(p))
            for scope, p in terms
        ),
        tuple(named(limit) for limit in limits),
    )
    all_ = {node.id: node for node in grown}
    expected = {node.id for node in grown if seen(node, all_, grant, surface)}
    sight = Sight(garden.organization, grant, surface)
    with garden.office.database.reading() as tx:

        def lists(wish: Wish, of: set[NodeId]) -> None:
            of = {id_ for id_ in of if not wish.kinds or all_[id_].kind in wish.kinds}
            listed = store_lists.some(tx, sight, wish, 100)
            assert sorted(shown.node.id for shown in listed) == sorted(of)
            assert store_lists.count(tx, sight, wish) == len(of)

        lists(Wish(), expected)
        lists(Wish(kinds), expected)
        counts(tx, sight, len(expected))
        for id_ in expected:
            lists(Wish(kinds, under=id_), {n for n in expected if id_ in ids_of(all_[n].path)})
            lists(Wish(kinds, parent=id_), {n for n in expected if all_[n].parent == id_})
        for node in grown:
            one = store_seen.one(tx, sight, node.id)
            assert (one is not None) == (node.id in expected)
            if one is not None:
                above = store_seen.ancestors(tx, sight, one)
                assert {shown.node.id for shown in above} == (
                    ids_of(node.path) - {node.id}
                ) & expected
                assert one.parent == (node.parent if node.parent in expected else None)


def test_terms_are_never_merged(any_garden: Garden) -> None:
    """To read on one node and assets on another is not to read assets on the first (Q10)."""
    one, two = any_garden.folder(any_garden.root, "one"), any_garden.folder(any_garden.root, "two")
    here, there = any_garden.asset(one, "a.png"), any_garden.asset(two, "a.png")
    grant = Grant(
        (
            Term(scopes(READ), frozenset({one})),
            Term(scopes(ASSETS), frozenset({two})),
        )
    )
    sight = Sight(any_garden.organization, grant, Surface.PREVIEW)
    with any_garden.office.database.reading() as tx:
        listed = {shown.node.id for shown in store_lists.some(tx, sight, Wish(), 10)}
        assert store_seen.one(tx, sight, here) is None
    assert listed == {one, there}


def test_what_is_prepared_gives_what_sqlalchemy_gives(any_garden: Garden) -> None:
    """A statement that the driver runs itself finds the same row, by the same names and types."""
    one, two = any_garden.folder(any_garden.root, "one"), any_garden.folder(any_garden.root, "two")
    post = any_garden.entry(one, "post", published=True)
    for roots in (frozenset({one}), frozenset({one, two}), frozenset[NodeId](), frozenset({two})):
        for surface in Surface:
            grant = Grant((Term(scopes(READ)),), (roots,))
            sight = Sight(any_garden.organization, grant, surface)
            told = {**sight.told, "id": post}
            statement = store_seen.shown(sight.shape).where(nodes.c.id == bindparam("id"))
            with any_garden.office.database.reading() as tx:
                given = tx.execute(statement, told).mappings().first()
                found = Prepared(statement).first(tx, told)
            assert (None if found is None else found._asdict()) == given
            assert (given is not None) == (one in roots)


def test_what_is_prepared_is_told_as_sqlalchemy_is(any_garden: Garden) -> None:
    """Such a statement takes instants, and lists of any length, and gives its rows in order."""
    made = [any_garden.folder(any_garden.root, slug) for slug in ("c", "a", "b")]
    since = bindparam("since", type_=nodes.c.created_at.type)
    wanted = nodes.c.id.in_(bindparam("ids", expanding=True))
    statement = select(nodes.c.slug, nodes.c.created_at).where(nodes.c.created_at >= since, wanted)
    prepared = Prepared(statement.order_by(nodes.c.slug))
    with any_garden.office.database.reading() as tx:
        for ids, slugs in ((made, ["a", "b", "c"]), (made[1:], ["a", "b"]), ([], [])):
            rows = prepared.all(tx, {"since": START, "ids": ids})
            assert [row.slug for row in rows] == slugs
            assert all(row.created_at >= START for row in rows)
        later = START + timedelta(days=1)
        assert prepared.all(tx, {"since": later, "ids": made}) == []


@pytest.mark.parametrize("name", ["9" * 30, "9" * 5000, "0", "\u0661" * 3, "no such"])
def test_a_type_that_is_none_finds_nothing(any_garden: Garden, name: str) -> None:
    """Digits that can be no id name no content type, and no database is asked to hold them."""
    any_garden.entry(any_garden.root, "post")
    sight = Sight(any_garden.organization, any_garden.gardener.grant, Surface.MANAGEMENT)
    with any_garden.office.database.reading() as tx:
        assert store_lists.some(tx, sight, Wish(content_type=name), 10) == []
        assert item_types.named(tx, any_garden.organization, name) is None


def test_what_is_prepared_keeps_within_bounds(any_garden: Garden) -> None:
    """However many lengths of lists callers ask for, few are remembered, and each is answered."""
    made = any_garden.folder(any_garden.root, "made")
    wanted = nodes.c.id.in_(bindparam("ids", expanding=True))
    prepared = Prepared(select(nodes.c.id).where(wanted))
    with any_garden.office.database.reading() as tx:
        for length in range(200):
            rows = prepared.all(tx, {"ids": [made, *range(length)]})
            assert [row.id for row in rows] == [made]
    assert len(prepared.remembered) <= 64


def test_one_published_entry_is_one_statement(office: Office) -> None:
    """A delivery read of an entry by its id, roots and all, is a single statement."""
    garden = Garden(office)
    site = garden.folder(garden.root, "site")
    post = garden.entry(site, "post", published=True)
    grant = Grant((Term(scopes(READ)),), (frozenset({site}),))
    said: list[str] = []
    with office.database.reading() as tx:
        driver: Any = tx.connection.dbapi_connection
        driver.set_trace_callback(said.append)
        shown = store_seen.one(tx, Sight(garden.organization, grant, Surface.DELIVERY), post)
        driver.set_trace_callback(None)
    assert shown is not None
    assert shown.content == b'{"title":"post"}'
    assert len(said) == 1
