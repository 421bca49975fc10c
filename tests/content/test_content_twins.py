"""Two trees alike inside a root and different outside answer a token of that root alike (S30)."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, event

from counterfoil.access.caller import Caller
from counterfoil.access.grant import Term
from counterfoil.access.scope import EVERY_SCOPE, Scope, scopes
from counterfoil.audit.journal import Journal
from counterfoil.content import define_type, locales, tree, write
from counterfoil.content.lock import lock_node
from counterfoil.content.schedule import set_schedule
from counterfoil.content.upload import File, create_uploaded_asset, request_upload
from counterfoil.feed.outbox import open_books
from counterfoil.kernel.ids import NodeId
from counterfoil.office import Office, at_their_word
from counterfoil.runtime.database import Database, metadata
from counterfoil.runtime.files import Files
from counterfoil.runtime.prepared import Prepared
from support.content import ROUTES, Garden, token
from support.office import StandingClock

OUTSIDER = NodeId(4_000_000_000_000_004)
UNKNOWN = NodeId(4_000_000_000_000_777)


class Twin:
    """A tree whose inside is always the same; what is `rich` has a lot going on outside."""

    def __init__(self, folder: Path, *, rich: bool) -> None:
        self.database = Database(f"sqlite:///{folder}")
        metadata.create_all(self.database.engine)
        with self.database.transaction() as tx:
            open_books(tx)
        office = Office(
            self.database,
            Journal(self.database),
            StandingClock(),
            random.Random(1).randbytes,
            committed=lambda _position: None,
            verify=at_their_word,
            cursor_key=b"k" * 32,
            files=Files(folder.with_suffix(".files"), random.Random(1).randbytes),
        )
        self.garden = Garden(office)
        garden = self.garden
        garden.article  # noqa: B018 - made now, so that its id is the same
        nursery = garden.folder(garden.root, "nursery")
        self.inside = garden.folder(nursery, "inside")
        self.grow_inside(nursery)
        office.entropy = random.Random(2 if rich else 4).randbytes
        self.top = garden.folder(garden.root, "top")
        garden.move(self.inside, self.top)
        if rich:
            self.grow_outside()
        else:
            garden.trash(self.beyond)
            garden.trash(self.remote)
        office.entropy = random.Random(3).randbytes

    def grow_inside(self, outside: NodeId) -> None:
        garden, inside = self.garden, self.inside
        self.blog = garden.folder(inside, "blog")
        self.public = garden.entry(self.blog, "public", published=True, text="open")
        self.draft = garden.entry(self.blog, "draft")
        self.updated = garden.entry(inside, "updated", published=True)
        with garden.work() as work:
            write.edit_entry(work, self.updated, {"text": "not yet"})
        self.asset = garden.asset(inside, "logo.png")
        self.file = self.upload(inside)
        self.link = garden.link(inside, "link", self.public)
        self.astray = garden.link(inside, "astray", outside)
        self.trashed = garden.entry(self.blog, "trashed", published=True)
        with garden.work() as work:
            lock_node(work, self.public)
        with garden.work() as work:
            set_schedule(work, self.draft, work.now + timedelta(days=1), None)
        garden.trash(self.trashed)
        self.sub = garden.entry(self.draft, "sub", published=True)
        self.beyond = garden.entry(outside, "beyond", published=True)
        self.remote = garden.asset(outside, "remote.png")
        with garden.work() as work:
            locales.edit_locales(work, ["en", "de"])
        naming = {"type": "string", "x-reference": []}
        story = garden.shaped(
            "story",
            author=naming,
            related={"type": "array", "items": naming, "x-localized": True},
            cover={"type": "string", "x-asset": True},
        )
        named = [str(one) for one in (self.beyond, self.public, self.draft)]
        self.story = garden.told(
            inside,
            story,
            "story",
            author=str(self.beyond),
            related={"en": named},
            cover=str(self.remote),
        )

    def upload(self, parent: NodeId) -> NodeId:
        """Put a file into the tree as an asset."""
        garden = self.garden
        with garden.work() as work:
            asked = request_upload(work)
            garden.office.files.receive(garden.organization, asked.upload, [b"a picture"])
            file = File(asked.upload, "picture.txt", "text/plain")
            return create_uploaded_asset(work, parent, None, file, garden.office.files).id

    def grow_outside(self) -> None:
        """Put much around it, and move the inside to another place altogether."""
        garden = self.garden
        for number in range(3):
            garden.entry(self.top, f"sibling-{number}", published=True)
        with garden.work() as work:
            work.entropy = lambda _size: (OUTSIDER << 3).to_bytes(7)
            tree.create_folder(work, self.top, "other")
        garden.entry(OUTSIDER, "hidden", published=True)
        garden.trash(garden.entry(OUTSIDER, "thrown"))
        garden.link(self.top, "into", self.public)
        garden.link(garden.root, "blog", self.blog)
        self.upload(self.top)
        with garden.work() as work:
            define_type.create_content_type(work, "extra", "Extra", "u:extra", {})
        for _ in range(3):
            garden.move(OUTSIDER, garden.root)
            garden.move(OUTSIDER, self.top)
        deep = garden.folder(garden.root, "deep")
        with garden.work() as work:
            tree.move(work, self.top, deep)
            tree.move(work, self.top, garden.root)

    @property
    def named(self) -> list[NodeId]:
        """Every id that a request may name: inside, above, outside and unknown."""
        return [
            self.inside, self.blog, self.public, self.draft, self.updated, self.asset, self.file,
            self.link, self.astray, self.trashed, self.sub, self.story, self.beyond, self.top,
            self.garden.root, OUTSIDER, UNKNOWN,
        ]  # fmt: skip


@pytest.fixture
def twins(tmp_path: Path) -> Iterator[tuple[Twin, Twin]]:
    poor, rich = (
        Twin(tmp_path / "poor.sqlite", rich=False),
        Twin(tmp_path / "rich.sqlite", rich=True),
    )
    yield poor, rich
    poor.database.close()
    rich.database.close()


def entry_requests(twin: Twin) -> Iterator[str]:
    """Every way to read what an entry says: in each locale."""
    for base in ("/cda", "/cda/preview"):
        for locale in ("en", "de"):
            yield f"{base}/items/{twin.story}?locale={locale}"
            yield f"{base}/items?locale={locale}&filter[type]=story"
    for base in ("/cma", "/cda", "/cda/preview"):
        yield from (f"{base}/items?{query}" for query in found_by(twin))


def found_by(twin: Twin) -> Iterator[str]:
    """Every way to find an entry by what it says, or by what it names outside."""
    for type_ in ("article", "story", "extra", "nothing"):
        of = f"filter[type]={type_}&page[size]=2"
        for sort in ("fields.title", "-fields.title,slug", "fields.rank", "fields.author"):
            yield f"{of}&sort={sort}"
        for ask in ("[title]=public", "[title][gte]=p", "[rank][exists]=false", "[rank][lt]=2"):
            yield f"{of}&filter[fields]{ask}"
        for id_ in (twin.public, twin.beyond, OUTSIDER, twin.remote, NodeId(7)):
            yield f"{of}&filter[fields][author]={id_}"
            yield f"{of}&filter[fields][cover][in]={id_},{twin.asset}"
            yield f"{of}&filter[query]={id_}"
    for words in ("public", "beyond", "hid*", "sibling*", "open", "nothing"):
        yield f"filter[query]={words}&page[size]=1"


def requests(twin: Twin) -> Iterator[str]:
    """Every way to read: each address, each filter with each id, orders, pages and paths."""
    for base in ("/cma", "/cda", "/cda/preview"):
        for id_ in twin.named:
            yield f"{base}/assets/{id_}/file"
        for view in ("items", "nodes"):
            address = f"{base}/{view}"
            for id_ in twin.named:
                yield f"{address}/{id_}"
                yield f"{address}?filter[parent]={id_}"
                yield f"{address}?filter[under]={id_}"
            yield f"{address}/nod_{twin.public}"
            yield f"{address}/nonsense"
            yield f"{address}?filter[under]=nonsense"
            for sort in ("created_at", "-created_at", "slug", "-slug", "updated_at", "-updated_at"):
                yield f"{address}?sort={sort}&page[size]=2"
                yield f"{address}?sort={sort}&page[size]=2&page[offset]=1"
            for type_ in ("article", "story", "extra", str(twin.garden.article), "7", "UPPER"):
                yield f"{address}?filter[type]={type_}"
            for path in (
                "/", "/top", "/top/inside", "/top/inside/blog/public", "/top/inside/blog/draft",
                "/top/inside/blog/trashed", "/top/inside/blog/missing", "/top/inside/astray",
                "/top/inside/blog/draft/sub", "/top/other", "/top/other/hidden", "/missing",
                "/top/sibling-0", "/top/into",
            ):  # fmt: skip
                yield f"{address}?filter[path]={path}"
    yield from entry_requests(twin)
    yield "/cma/trash?page[size]=1"
    for id_ in twin.named:
        yield f"/cma/nodes/{id_}/lineage"
        yield from history_of(id_)
    for kind in ("link", "folder,asset", "root"):
        yield f"/cma/nodes?filter[kind]={kind}"
        yield f"/cda/nodes?filter[kind]={kind}"


def history_of(id_: NodeId) -> Iterator[str]:
    """Every way to read what an entry or asset was, what it will be, and who works at it."""
    for view in ("items", "assets"):
        yield f"/cma/{view}/{id_}/versions?page[size]=1"
        yield f"/cma/{view}/{id_}/versions/1"
    yield f"/cma/assets/{id_}/versions/1/file"
    yield f"/cma/items/{id_}/schedule"
    yield f"/cma/nodes/{id_}/lock"


def told(twin: Twin, caller: Caller, url: str) -> list[tuple[int, dict[str, str], bytes]]:
    """Return what the caller is told, page after page, but for the request's id."""
    knock, answers = twin.garden.knock(caller), []
    while url:
        answer = knock("GET", url)
        request = answer.headers.pop("x-request-id")
        answers.append((answer.status, answer.headers, answer.raw.replace(request.encode(), b"-")))
        listed = answer.status == 200 and not url.endswith("/file")
        links: dict[str, Any] = answer.json.get("links", {}) if listed else {}
        url = links.get("next") or ""
    return answers


CALLERS: dict[str, Callable[[Twin], Caller]] = {
    "token of the root": lambda twin: token(twin.inside),
    "token of two roots": lambda twin: token(twin.blog, twin.asset),
    "token of a root and an unknown one": lambda twin: token(twin.inside, UNKNOWN),
    "token of a role that reads content alone": lambda twin: token(
        twin.inside, may=scopes(Scope.CONTENT_READ)
    ),
    "token of nothing": lambda _: token(limited=True),
    "role of the root": lambda twin: token(terms=(Term(EVERY_SCOPE, frozenset({twin.inside})),)),
    "token of the root, role of a part": lambda twin: token(
        twin.inside, terms=(Term(EVERY_SCOPE, frozenset({twin.blog})),)
    ),
}


@pytest.mark.parametrize("who", CALLERS)
def test_twins_answer_alike(twins: tuple[Twin, Twin], who: str) -> None:
    """Status, headers, body, count, order, cursor and error are equal to the byte (Q12, S30)."""
    poor, rich = twins
    assert poor.named[:-4] == rich.named[:-4]
    assert poor.top != rich.top
    statuses: set[int] = set()
    for url in requests(poor):
        alike = told(poor, CALLERS[who](poor), url)
        assert told(rich, CALLERS[who](rich), url) == alike, url
        statuses |= {status for status, _, _ in alike}
    met = statuses - {400}  # what can be no id is refused in a filter, whoever asks
    assert met == ({200, 404} if who == "role of the root" else {200, 403} | met)


def test_the_oracle_can_tell_the_twins_apart(twins: tuple[Twin, Twin]) -> None:
    """Without the restriction the same requests do show the difference: the oracle is awake."""
    poor, rich = twins
    differ = (url for url in requests(poor) if told(poor, token(), url) != told(rich, token(), url))
    assert len(list(islice(differ, 30))) == 30


QUERIES = (
    "{ allArticles(first: 50) { id _slug _createdAt _updatedAt title text } }",
    "{ _allArticlesMeta { count } allArticles(orderBy: _updatedAt_DESC, skip: 1) { id } }",
    "{ __schema { types { name fields { name } } } }",
    "{ allArticle { id } }",
    "{ allStories { author { ...a } cover related { ...a } } } fragment a on ArticleRecord { id }",
)


@pytest.mark.parametrize("path", ["/graphql", "/graphql/preview"])
def test_twins_answer_queries_alike(twins: tuple[Twin, Twin], path: str) -> None:
    """GraphQL tells no more of what is outside than REST does: lists, counts and schema (S30)."""
    for query in (
        *QUERIES,
        *(f'{{ article(id: "{id_}") {{ title }} }}' for id_ in twins[0].named),
    ):
        plain, rich = (
            twin.garden.knock(token(twin.inside))("POST", path, {"query": query}).raw
            for twin in twins
        )
        assert plain == rich, query


def test_every_read_route_is_before_the_oracle(twins: tuple[Twin, Twin]) -> None:
    """No GET of the tree is missing from the requests of this oracle (S30)."""
    asked = {
        url.partition("?")[0].replace(str(id_), "{id}")
        for url in requests(twins[0])
        for id_ in twins[0].named
    }
    reads = {
        route.path.replace("{number}", "1")
        for route in ROUTES
        if route.method == "GET"
        and route.operation != "locales.show"
        and not route.operation.startswith("content_type.")
    }
    assert reads <= asked


def test_refused_writes_answer_alike(twins: tuple[Twin, Twin]) -> None:
    """A write that names what is outside is refused alike, be it there or not (S28, S31)."""
    for id_ in (OUTSIDER, UNKNOWN, twins[0].top):
        answers = []
        for twin in twins:
            knock = twin.garden.knock(token(twin.inside))
            parent = {"parent": {"data": {"type": "node", "id": str(id_)}}}
            move = {"data": {"type": "node", "relationships": parent}}
            make = {
                "data": {"type": "node", "attributes": {"slug": "new"}, "relationships": parent}
            }
            told_ = [
                knock("PATCH", f"/cma/nodes/{twin.blog}", move),
                knock("PATCH", f"/cma/nodes/{id_}", move),
                knock("POST", "/cma/nodes", make),
                knock("DELETE", f"/cma/nodes/{id_}"),
                knock("POST", f"/cma/nodes/{id_}/restore"),
                knock("PUT", f"/cma/items/{id_}/publish"),
            ]
            assert {answer.status for answer in told_} == {403}
            answers.append(
                [
                    answer.raw.replace(answer.headers["x-request-id"].encode(), b"-")
                    for answer in told_
                ]
            )
        assert answers[0] == answers[1]


def test_refused_references_answer_alike(twins: tuple[Twin, Twin]) -> None:
    """A reference to what is outside is refused alike, be it there or not, and none is written."""
    for id_ in (OUTSIDER, UNKNOWN, twins[0].beyond, twins[0].remote):
        for name in ("author", "cover"):
            answers = []
            for twin in twins:
                knock = twin.garden.knock(token(twin.inside))
                body = {"data": {"type": "item", "attributes": {name: str(id_)}}}
                refused = knock("PATCH", f"/cma/items/{twin.story}", body)
                assert refused.status == 422
                request = refused.headers["x-request-id"].encode()
                answers.append(refused.raw.replace(request, b"-"))
            assert answers[0] == answers[1]


def test_only_paths_below_a_root_are_not_found(twins: tuple[Twin, Twin]) -> None:
    """Under a restricted token a missing path is 404 below a root and 403 elsewhere (S31)."""
    twin = twins[1]
    knock = twin.garden.knock(token(twin.inside))
    expected = {
        "/top/inside/blog/public": 200,
        "/top/inside/blog/missing": 404,
        "/top/inside/blog/draft": 404,
        "/top/inside/blog/trashed": 404,
        "/top/inside/astray": 404,
        "/top/other/hidden": 403,
        "/top/missing": 403,
        "/top": 403,
        "/": 403,
    }
    for path, status in expected.items():
        assert knock("GET", f"/cda/nodes?filter[path]={path}").status == status, path
    assert knock("GET", "/cda/preview/nodes?filter[path]=/top/inside/blog/draft").status == 200


def sought(
    monkeypatch: pytest.MonkeyPatch, twin: Twin, method: str, url: str
) -> list[tuple[str, int]]:
    """Return what a refused request of a restricted token asks of the nodes, and how many rows."""
    asked: list[tuple[str, int]] = []
    first, every = Prepared.first, Prepared.all

    def for_first(one: Prepared, tx: Connection, told: Mapping[str, Any]) -> Any:
        row = first(one, tx, told)
        asked.append((one.text, int(row is not None)))
        return row

    def for_all(one: Prepared, tx: Connection, told: Mapping[str, Any]) -> list[Any]:
        rows = every(one, tx, told)
        asked.append((one.text, len(rows)))
        return rows

    def note(on: Connection, _cursor: Any, statement: str, told: Any, *_: Any) -> None:
        if "FROM node" in statement:
            again = on.connection.cursor()
            asked.append((statement, len(again.execute(statement, told).fetchall())))

    while twin.database.resting:  # what is open already hears of no listener
        twin.database.resting.pop().close()
    engine = twin.database.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        with monkeypatch.context() as patch:
            patch.setattr(Prepared, "first", for_first)
            patch.setattr(Prepared, "all", for_all)
            assert twin.garden.knock(token(twin.inside))(method, url).status == 403
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert asked
    return asked


def test_what_is_outside_takes_no_other_work(
    monkeypatch: pytest.MonkeyPatch, twins: tuple[Twin, Twin]
) -> None:
    """The unknown and what is outside are sought by the same statements, for as many rows (S7).

    However deep it lies, and whether it is in the trash, a link, or above the root.
    """
    _, rich = twins
    garden = rich.garden
    trashed = garden.entry(OUTSIDER, "thrown")
    garden.trash(trashed)
    link = garden.link(OUTSIDER, "way", rich.public)
    there = (OUTSIDER, trashed, link, rich.top, garden.root)
    ways: list[tuple[str, str]] = [
        *(("GET", f"{base}/nodes/{{}}") for base in ("/cma", "/cda", "/cda/preview")),
        *(("GET", f"/cma/items?filter[{by}]={{}}") for by in ("under", "parent")),
        ("DELETE", "/cma/nodes/{}"),
        ("PUT", "/cma/items/{}/publish"),
    ]
    for method, way in ways:
        unknown = sought(monkeypatch, rich, method, way.format(UNKNOWN))
        for id_ in there:
            assert sought(monkeypatch, rich, method, way.format(id_)) == unknown, (way, id_)
    by_path = "/cda/nodes?filter[path]="
    unknown = sought(monkeypatch, rich, "GET", f"{by_path}/no")
    for path in ("/", "/top", "/top/other", "/top/other/hidden", "/top/other/hidden/no", "/a/b/c"):
        assert sought(monkeypatch, rich, "GET", by_path + path) == unknown, path
