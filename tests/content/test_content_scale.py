"""Lists in large trees: what a list costs is what it shows, and not what stands elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any, Final

import pytest
from sqlalchemy import Connection, text

from counterfoil.access.grant import Grant, Term
from counterfoil.access.scope import Scope, scopes
from counterfoil.access.surface import Surface
from counterfoil.content.model import Kind
from counterfoil.content.store import lists
from counterfoil.content.store.visible import Sight
from counterfoil.content.store.wish import By, Last, Order, Wish
from counterfoil.kernel.clock import micros
from counterfoil.kernel.ids import NodeId, OrganizationId
from counterfoil.office import Office
from support.content import Garden
from support.office import ACME, START
from support.plans import heard

INSIDE: Final = 60
ENTRIES: Final = (Kind.ENTRY,)
CONTENT, ASSETS = scopes(Scope.CONTENT_READ), scopes(Scope.ASSETS_READ)
SOW: Final = text("""
    INSERT INTO node (organization_id, id, parent_id, kind, slug, path, content_type_id, draft,
        published, published_at, live, version, created_at, updated_at)
    WITH RECURSIVE sown(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM sown WHERE i < :number)
    SELECT :organization, :parent + i, :parent, 'entry', 'e' || i,
        CAST(:path AS TEXT) || (:parent + i) || '/', :type, 1,
        1, :at + i, 1 = 1, 1, :at + i, :at + i
    FROM sown
""")


class Tree:
    """An organization with so many entries outside of one folder and a few inside."""

    def __init__(self, office: Office, organization: OrganizationId, outside: int) -> None:
        garden = Garden(office, organization)
        self.office, self.organization = office, organization
        self.type = garden.article
        self.inside = garden.folder(garden.root, "inside")
        self.nested = garden.folder(self.inside, "nested")
        sown = ((garden.folder(garden.root, "outside"), outside), (self.inside, INSIDE),
                (self.nested, INSIDE))  # fmt: skip
        with office.database.transaction() as tx:
            for parent, number in sown:
                path = garden.node(parent).path
                of = {"organization": organization, "type": self.type, "at": micros(START)}
                tx.execute(SOW, {**of, "parent": parent, "path": path, "number": number})

    def sight(self, *terms: Term, roots: tuple[NodeId, ...] = ()) -> Sight:
        grant = Grant(terms, (frozenset(roots),) if roots else ())
        return Sight(self.organization, grant, Surface.DELIVERY)

    def cost(
        self, sight: Sight, wish: Wish, *, counted: bool = True, after: Last | None = None
    ) -> int:
        """Return what the database does for a list: steps of SQLite, rows of Postgres."""
        with self.office.database.reading() as tx:
            with heard(tx) as said:
                page = lists.some(tx, sight, wish, 20, after=after)
                assert page
                if counted:
                    assert lists.count(tx, sight, wish) >= len(page)
            steps = _steps if self.office.database.embedded else _rows
            return sum(
                steps(tx, statement, told) for statement, told in said if "FROM" in statement
            )


def _steps(tx: Connection, statement: str, told: Any) -> int:
    """Count the steps of SQLite's virtual machine, by tens."""
    raw: Any = tx.connection.driver_connection
    steps: list[None] = []
    raw.set_progress_handler(lambda: steps.append(None), 10)
    tx.exec_driver_sql(statement, told).all()
    raw.set_progress_handler(None, 0)
    return len(steps)


def _rows(tx: Connection, statement: str, told: Any) -> int:
    """Count the rows that Postgres looks at."""
    found = tx.exec_driver_sql(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", told).scalar_one()
    waiting, rows = [found[0]["Plan"]], 0
    while waiting:
        plan = waiting.pop()
        waiting += plan.get("Plans", [])
        if "Relation Name" in plan:
            passed = ("Actual Rows", "Rows Removed by Filter", "Rows Removed by Index Recheck")
            rows += plan["Actual Loops"] * sum(plan.get(name, 0) for name in passed)
    return rows


@pytest.fixture
def trees(any_garden: Garden) -> tuple[Tree, Tree]:
    """Two trees that are alike inside; outside, the second has twenty times as much."""
    office = any_garden.office
    small, large = OrganizationId(ACME + 1), OrganizationId(ACME + 2)
    grown = Tree(office, small, 1_000), Tree(office, large, 20_000)
    if not office.database.embedded:
        with office.database.transaction() as tx:
            tx.exec_driver_sql("ANALYZE")
    return grown


VALUES: Final = text("""
    INSERT INTO content_value
        (organization_id, node_id, published, name, locale, content_type_id, value)
    SELECT organization_id, id, 1 = 1, 'rank', '', content_type_id, 'n' || slug
    FROM node WHERE kind = 'entry' AND organization_id = :organization AND id % 10 <> 0
""")


def test_a_page_in_the_order_of_a_property_costs_the_page(any_garden: Garden) -> None:
    """Sorted by a property, a page of the whole tree costs no more in one that is twenty times it.

    So do a page that goes on after a row, and one of a sort by further keys.
    """
    office = any_garden.office
    grown = [
        Tree(office, OrganizationId(ACME + place), outside)
        for place, outside in ((1, 1_000), (2, 20_000))
    ]
    with office.database.transaction() as tx:
        for tree in grown:
            tx.execute(VALUES, {"organization": tree.organization})
        if not office.database.embedded:
            tx.exec_driver_sql("ANALYZE")
    rank = By(name="rank")
    for keys in ((rank,), (By(name="rank", descending=True),), (rank, By(Order.SLUG))):
        for after in (None, Last("ne5", 5, ("e5",)[: len(keys) - 1])):
            small, large = (
                tree.cost(
                    tree.sight(Term(CONTENT | ASSETS)),
                    Wish(ENTRIES, content_type=str(tree.type), keys=keys),
                    counted=False,
                    after=after,
                )
                for tree in grown
            )
            assert large < 2 * small, f"{keys}, {after}: {small}, and {large} in the larger tree"


LISTS: Final[dict[str, Callable[[Tree], Wish]]] = {
    "entries": lambda _: Wish(ENTRIES),
    "nodes": lambda _: Wish(),
    "of a type": lambda tree: Wish(ENTRIES, content_type=str(tree.type)),
    "of a key": lambda _: Wish(ENTRIES, content_type="article"),
    "by name": lambda _: Wish(ENTRIES, order=Order.SLUG, descending=True),
    "under": lambda tree: Wish(ENTRIES, under=tree.nested),
    "children": lambda tree: Wish(ENTRIES, parent=tree.inside),
    "one place": lambda tree: Wish(ids=(tree.nested,)),
}
SIGHTS: Final[dict[str, Callable[[Tree], Sight]]] = {
    "token": lambda tree: tree.sight(Term(CONTENT | ASSETS), roots=(tree.inside, tree.nested)),
    "roles": lambda tree: tree.sight(
        Term(CONTENT, frozenset({tree.inside})), Term(ASSETS, frozenset({tree.nested}))
    ),
}


def test_a_list_under_roots_costs_what_it_shows(trees: tuple[Tree, Tree]) -> None:
    """Under roots, listing and counting does no more in a tree twenty times as large (Q10)."""
    for (name, wish), (who, sight) in product(LISTS.items(), SIGHTS.items()):
        small, large = (tree.cost(sight(tree), wish(tree)) for tree in trees)
        assert large < 2 * small, f"{who}, {name}: {small}, and {large} in the larger tree"


def test_an_index_leads_to_every_list(trees: tuple[Tree, Tree]) -> None:
    """Without roots, a part of the tree costs what it holds, and a page in order costs the page."""
    of_a_part = ("under", "children", "one place")
    for name in (*of_a_part, "entries", "nodes", "of a type", "of a key"):
        small, large = (
            tree.cost(
                tree.sight(Term(CONTENT | ASSETS)), LISTS[name](tree), counted=name in of_a_part
            )
            for tree in trees
        )
        assert large < 2 * small, f"{name}: {small}, and {large} in the larger tree"
