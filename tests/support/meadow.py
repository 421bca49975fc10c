"""A garden that two processes write to, and those who look at it off a shelf and afresh."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Final, TypeAlias

from msgspec.structs import replace

from counterfoil.access.caller import Caller
from counterfoil.access.grant import Term
from counterfoil.access.scope import EVERY_SCOPE, Scope, scopes
from counterfoil.access.surface import Surface
from counterfoil.content import define_type, locales, tree, write
from counterfoil.content.publish import publish, unpublish
from counterfoil.content.schedule import set_schedule
from counterfoil.content.trash import destroy
from counterfoil.jsonapi.shelf import Key, Ready, Shelf
from counterfoil.kernel.errors import CounterfoilError
from counterfoil.kernel.ids import NodeId, OrganizationId, TokenId
from counterfoil.office import Office
from counterfoil.operation import OPERATIONS, Work
from counterfoil.runtime.witness import Stamp
from support.content import ROUTES, Garden, token
from support.doors import Probe
from support.office import ACME, ORIGIN, StandingClock

QUERIES: Final = (
    "{ allArticles { id _slug _createdAt _updatedAt _status title } _allArticlesMeta { count } }",
    '{ allArticles(filter: { title: { eq: "changed" } }, first: 2, skip: 1) { id rank } }',
    '{ allStories { lead(locale: "de") author { ... on ArticleRecord { title } } } }',
    "{ __schema { types { name description fields { name } } } }",
    "{ allNothings { id } }",
    "{ allArticles",
)
ELSEWHERE: Final = OrganizationId(ACME + 7)
ANOTHER: Final = TokenId(5_000_000_000_000_005)


class Counting(Shelf):
    """A shelf that says how often something was found on it."""

    def __init__(self) -> None:
        super().__init__(1 << 20)
        self.met = 0

    def find(self, key: Key | None, stamp: Stamp | None) -> Ready | None:
        found = super().find(key, stamp)
        self.met += found is not None
        return found


def before(office: Office, shelf: Shelf) -> Probe:
    return Probe(office, None, routes=ROUTES, operations=OPERATIONS, shelf=shelf)


Ask: TypeAlias = str | tuple[str, str]
"""An address, or one with a query for it."""


def told(probe: Probe, caller: Caller, ask: Ask) -> tuple[int, dict[str, str], bytes]:
    """Return what a caller is told, but for the request's id."""
    probe.caller = caller
    seen = probe("GET", ask) if isinstance(ask, str) else probe("POST", ask[0], {"query": ask[1]})
    request = seen.headers.pop("x-request-id")
    return seen.status, seen.headers, seen.raw.replace(request.encode(), b"-")


class Meadow:
    """An organization's tree that two processes write to and look at."""

    def __init__(self, office: Office, other: Office, clock: StandingClock) -> None:
        self.clock = clock
        self.offices = (office, other)
        self.garden = Garden(office)
        self.strange = Garden(office, ELSEWHERE)
        garden = self.garden
        self.folders = [garden.folder(garden.root, f"folder-{number}") for number in range(3)]
        self.folders.append(garden.folder(self.folders[0], "below"))
        self.entries = [
            garden.entry(self.folders[number % 4], f"entry-{number}", published=number % 2 == 0)
            for number in range(5)
        ]
        naming = {"type": "string", "x-reference": []}
        story = garden.shaped("story", author=naming, lead={"type": "object", "x-localized": True})
        self.entries.append(
            garden.told(self.folders[1], story, "story", author=str(self.entries[0]))
        )
        self.links = [garden.link(garden.root, "link", self.entries[0])]
        self.far = self.strange.entry(self.strange.root, "far", published=True)
        self.shelves = Counting(), Counting()
        self.ready = [before(*pair) for pair in zip(self.offices, self.shelves, strict=True)]
        self.fresh = before(office, Shelf())
        self.number = 0

    @property
    def nodes(self) -> list[NodeId]:
        return [*self.entries, *self.folders, *self.links]

    def callers(self) -> list[Caller]:
        first, second, third, _ = self.folders
        return [
            token(),
            token(first),
            token(second, self.entries[0]),
            token(may=scopes(Scope.CONTENT_READ), surfaces=Surface.DELIVERY.bit),
            token(terms=(Term(EVERY_SCOPE, frozenset({first})), Term(EVERY_SCOPE, frozenset()))),
            token(first, terms=(Term(EVERY_SCOPE, frozenset({third})),)),
            token(organization=ELSEWHERE),
            replace(
                token(), token=TokenId(5_000_000_000_000_005), expires_us=1_900_000_000_000_000
            ),
        ]

    def asks(self) -> list[Ask]:
        found: list[Ask] = []
        for base in ("/cda", "/cda/preview"):
            for node in (*self.nodes, self.far):
                found += [f"{base}/items/{node}", f"{base}/nodes/{node}"]
            found += [
                f"{base}/items",
                f"{base}/items/{self.entries[-1]}?locale=de",
                f"{base}/items?filter[type]=article&sort=-updated_at&page[size]=2",
                f"{base}/nodes?filter[under]={self.folders[0]}&page[size]=1",
                f"{base}/items?filter[fields][title]=changed&filter[type]=article",
            ]
        named = [f'{{ article(id: "{node}") {{ title }} }}' for node in self.entries[:3:2]]
        for path in ("/graphql", "/graphql/preview"):
            found += [(path, query) for query in (*QUERIES, *named)]
        return found

    def write(self, which: int, kind: str, one: int, two: int) -> None:
        """Change something by one of the processes; or try to."""
        self.number += 1
        if kind == "time":
            self.clock.move_on(hours=one)
            return
        node, folder = self.nodes[one % len(self.nodes)], self.folders[two % len(self.folders)]
        entry = self.entries[one % len(self.entries)]
        office = self.offices[which]
        where = self.strange if kind == "elsewhere" else self.garden
        try:
            with office.work(where.gardener, ORIGIN) as work:
                self.verb(kind)(work, node, entry, folder)
        except CounterfoilError:
            pass

    def verb(self, kind: str) -> Callable[[Work, NodeId, NodeId, NodeId], object]:
        said = {"title": "changed", "rank": self.number}
        later = timedelta(days=1)
        verbs: dict[str, Callable[[Work, NodeId, NodeId, NodeId], object]] = {
            "publish": lambda work, _, entry, __: publish(work, entry),
            "unpublish": lambda work, _, entry, __: unpublish(work, entry),
            "edit": lambda work, _, entry, __: write.edit_entry(work, entry, said),
            "move": lambda work, node, _, folder: tree.move(work, node, folder),
            "rename": lambda work, node, *_: tree.rename(work, node, f"name-{self.number}"),
            "trash": lambda work, node, *_: tree.trash(work, node),
            "restore": lambda work, node, *_: tree.restore(work, node),
            "make": self.make,
            "destroy": self.destroy,
            "locales": lambda work, *_: locales.edit_locales(
                work, ["de", "en"] if self.number % 2 else ["en", "de"]
            ),
            "schedule": lambda work, _, entry, __: set_schedule(
                work, entry, work.now + later, None
            ),
            "type": lambda work, *_: define_type.edit_content_type(
                work, self.garden.article, name=f"Article {self.number}"
            ),
            "elsewhere": lambda work, *_: unpublish(work, self.far),
        }
        return verbs[kind]

    def make(self, work: Work, _node: NodeId, _entry: NodeId, folder: NodeId) -> None:
        name = f"made-{self.number}"
        made = write.create_entry(work, folder, self.garden.article, {"title": name}, name)
        publish(work, made.id)

    def destroy(self, work: Work, _node: NodeId, _entry: NodeId, folder: NodeId) -> None:
        name = f"gone-{self.number}"
        made = write.create_entry(work, folder, self.garden.article, {"title": name}, name)
        tree.trash(work, made.id)
        destroy(work, made.id)
