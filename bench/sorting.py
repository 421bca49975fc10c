"""What the database takes for a page in some order, and to count: everywhere, and below roots.

One content type, its published entries in a large folder and a small one, on SQLite.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, text

from bench.clockwork import interleave
from counterfoil.access.caller import Origin
from counterfoil.access.grant import Grant, Term
from counterfoil.access.scope import Scope, scopes
from counterfoil.access.surface import Surface
from counterfoil.content.define_type import create_content_type
from counterfoil.content.model import Kind, Node, Shown
from counterfoil.content.store import lists
from counterfoil.content.store.visible import Sight
from counterfoil.content.store.wish import By, Order, Wish
from counterfoil.content.tree import create_folder
from counterfoil.demo.seed import Seeder, signed_in
from counterfoil.directory.steps.admit import Newcomer
from counterfoil.kernel.clock import micros, system_clock
from counterfoil.kernel.ids import ContentTypeId, NodeId, OrganizationId
from counterfoil.migrations import migrate
from counterfoil.runtime.settings import Settings

LARGE, SMALL = 100_000, 1_000
PAGE: Final = 20
ROUNDS: Final = 7

_MACHINE: Final = Origin("bench")
_SCHEMA_ID: Final = "https://schemas.example.com/ranked.json"
_SCHEMA: Final = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": _SCHEMA_ID,
    "type": "object",
    "properties": {"rank": {"type": "string"}, "colour": {"type": "string"}},
}
_ENTRIES: Final = text("""
    INSERT INTO node (organization_id, id, parent_id, kind, slug, path, content_type_id, draft,
        published, published_at, live, version, created_at, updated_at)
    WITH RECURSIVE sown(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM sown WHERE i < :number)
    SELECT :organization, :parent + i, :parent, 'entry', 'e' || i, :path || (:parent + i) || '/',
        :type, 1, 1, :at + i, 1, 1, :at + i, :at + i
    FROM sown
""")
_VALUES: Final = text("""
    INSERT INTO content_value
        (organization_id, node_id, published, name, locale, content_type_id, value)
    SELECT organization_id, id, 1, 'rank', '', content_type_id,
        printf('%06d', id % 999983 * 7919 % 999983)
    FROM node WHERE kind = 'entry'
    UNION ALL
    SELECT organization_id, id, 1, 'colour', '', content_type_id, 'green'
    FROM node WHERE kind = 'entry'
""")
_ORDERS: Final[Mapping[str, tuple[By, ...]]] = {
    "by a property": (By(name="rank"),),
    "and the slug": (By(name="rank"), By(Order.SLUG)),
    "all equal, and the slug": (By(name="colour"), By(Order.SLUG)),
    "by when it was made": (By(Order.CREATED_AT),),
}
_COUNT: Final = "count"


class WrongPageError(Exception):
    """A page is not what was asked for, so that what it takes says nothing."""


@contextmanager
def _sown(at: Path, large: int, small: int) -> Iterator[tuple[Connection, dict[str, Sight], Wish]]:
    """Make the entries; yield a connection that reads, who looks, and for what."""
    settings = Settings(at)
    settings.prepare()
    migrate(settings.url)
    with closing(Seeder(settings)) as seeder:
        founded = seeder.founded(Newcomer("Ann", "ann@example.com"))
        here, admin = founded.organization.id, signed_in(founded.admin)
        with seeder.office.work(admin, _MACHINE) as work:
            root = founded.organization.root
            type_ = create_content_type(work, "ranked", "Ranked", _SCHEMA_ID, _SCHEMA).id
            folders = [create_folder(work, root, name) for name in ("large", "small")]
        with seeder.office.database.transaction() as tx:
            for folder, number in zip(folders, (large, small), strict=True):
                _sow(tx, here, folder, type_, number)
            tx.execute(_VALUES)
        whose = {
            "no root": _sight(here),
            f"a root with {large:,} below it": _sight(here, folders[0].id),
            f"a root with {small:,}": _sight(here, folders[1].id),
        }
        with seeder.office.database.reading() as tx:
            yield tx, whose, Wish((Kind.ENTRY,), content_type=str(type_))


def _sow(
    tx: Connection, here: OrganizationId, folder: Node, type_: ContentTypeId, number: int
) -> None:
    of = {"organization": here, "type": type_, "at": micros(system_clock())}
    tx.execute(_ENTRIES, {**of, "parent": folder.id, "path": folder.path, "number": number})


def _sight(here: OrganizationId, *roots: NodeId) -> Sight:
    term = Term(scopes(Scope.CONTENT_READ))
    return Sight(here, Grant((term,), (frozenset(roots),) if roots else ()), Surface.DELIVERY)


def measure(at: Path, large: int = LARGE, small: int = SMALL) -> dict[str, dict[str, float]]:
    """Return the milliseconds of processor time of each page and of the count, by who looks.

    Raises:
        WrongPageError: if a page is too short or of another folder, or a count is wrong.
    """
    with _sown(at, large, small) as (tx, whose, wish):
        there = dict(zip(whose, (large + small, large, small), strict=True))
        runs: dict[str, Callable[[], object]] = {}
        for name, sight in whose.items():
            for order, keys in _ORDERS.items():
                run = partial(lists.some, tx, sight, replace(wish, keys=keys), PAGE)
                _prove(run(), sight)
                runs[f"{name}, {order}"] = run
            count = partial(lists.count, tx, sight, wish)
            if count() != there[name]:
                raise WrongPageError(name)
            runs[f"{name}, {_COUNT}"] = count
        took = interleave(runs, rounds=ROUNDS, calls=1)
    orders = (*_ORDERS, _COUNT)
    return {who: {one: took[f"{who}, {one}"].median / 1e6 for one in orders} for who in whose}


def _prove(page: Sequence[Shown], sight: Sight) -> None:
    roots = frozenset[NodeId]().union(*sight.grant.limits)
    inside = all(not roots or one.node.parent in roots for one in page)
    if len(page) != PAGE or not inside:
        raise WrongPageError(page)


def main() -> None:
    """Measure, and print."""
    ask = argparse.ArgumentParser(prog="python -m bench.sorting", description=__doc__)
    ask.add_argument("--large", type=int, default=LARGE)
    ask.add_argument("--small", type=int, default=SMALL)
    wanted = ask.parse_args()
    with tempfile.TemporaryDirectory(prefix="counterfoil-bench-") as folder:
        found = measure(Path(folder) / "office", wanted.large, wanted.small)
    print(f"{'ms':<32}", *(f"{order:>24}" for order in (*_ORDERS, _COUNT)))
    for name, took in found.items():
        print(f"{name:<32}", *(f"{one:24.1f}" for one in took.values()))


if __name__ == "__main__":
    main()
