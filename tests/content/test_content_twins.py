"""Two trees alike inside a root and different outside answer a token of that root alike (S30)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

import pytest
from sqlalchemy import Connection, event

from counterfoil.access.caller import Caller
from counterfoil.kernel.ids import NodeId
from counterfoil.runtime.prepared import Prepared
from support.content import ROUTES, token
from support.twins import CALLERS, OUTSIDER, QUERIES, UNKNOWN, Twin


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
