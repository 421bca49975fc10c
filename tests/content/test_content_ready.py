"""Answers that stand ready are what their door would say: after every write, to every caller."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from counterfoil.access.surface import Surface
from counterfoil.audit.record import entries
from counterfoil.jsonapi.reply import Spelled
from counterfoil.jsonapi.route import Answer
from counterfoil.jsonapi.shelf import Ready, Shelf
from counterfoil.kernel.errors import Limited
from counterfoil.office import Office
from counterfoil.operation import OPERATIONS
from counterfoil.runtime.database import Database
from support.content import ROUTES, Garden, token
from support.doors import Probe, Seen
from support.meadow import ELSEWHERE, QUERIES, Ask, Counting, Meadow, before, told
from support.office import StandingClock, office_on
from support.trail import bodies
from support.twins import CALLERS, Twin
from support.twins import QUERIES as TWIN_QUERIES


@pytest.fixture
def meadow(office: Office, clock: StandingClock) -> Iterator[Meadow]:
    """A meadow whose second process has its own way to the same database."""
    second = Database(str(office.database.url))
    dice, key = random.Random(8).randbytes, office.cursor_key
    yield Meadow(office, office_on(second, clock, dice, cursor_key=key), clock)
    second.close()


KINDS: Final = (
    "publish", "unpublish", "edit", "move", "rename", "trash", "restore", "make", "destroy",
    "locales", "schedule", "type", "elsewhere", "time",
)  # fmt: skip
STEP = st.tuples(
    st.integers(0, 1),
    st.sampled_from(KINDS),
    st.integers(0, 99),
    st.integers(0, 99),
    st.lists(st.tuples(st.integers(0, 99), st.integers(0, 99)), min_size=1, max_size=4),
)


@settings(
    max_examples=15,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(STEP, min_size=1, max_size=10))
def test_what_stands_ready_is_what_would_be_read(meadow: Meadow, steps: list[Any]) -> None:
    """After any writes by two processes, what stands ready for anybody is the fresh answer."""
    asked: set[tuple[int, Ask]] = set()
    callers = meadow.callers()
    for which, kind, one, two, looks in steps:
        meadow.write(which, kind, one, two)
        asks = meadow.asks()
        asked |= {(caller % len(callers), asks[ask % len(asks)]) for caller, ask in looks}
        for caller, ask in asked:
            expected = told(meadow.fresh, callers[caller], ask)
            for probe in meadow.ready:
                assert told(probe, callers[caller], ask) == expected, (kind, ask)


def test_the_law_is_awake(meadow: Meadow) -> None:
    """Where nothing is written every second answer comes off the shelf, and none after a write."""
    asks = [ask for ask in meadow.asks() if told(meadow.fresh, token(), ask)[0] == 200]
    assert len([ask for ask in asks if isinstance(ask, str)]) > 20
    assert len([ask for ask in asks if not isinstance(ask, str)]) == 2 * (len(QUERIES) + 2)
    for ask in asks:
        told(meadow.ready[0], token(), ask)
    assert meadow.shelves[0].met == 0
    for ask in asks:
        told(meadow.ready[0], token(), ask)
    assert meadow.shelves[0].met == len(asks)
    meadow.write(1, "edit", 0, 0)
    for ask in asks:
        told(meadow.ready[0], token(), ask)
    assert meadow.shelves[0].met == len(asks)
    meadow.write(1, "elsewhere", 0, 0)
    for ask in asks:
        told(meadow.ready[0], token(), ask)
    assert meadow.shelves[0].met == 2 * len(asks)


@pytest.mark.parametrize("who", CALLERS)
def test_twins_off_the_shelf(twins: tuple[Twin, Twin], who: str) -> None:
    """The answers that stand ready tell two trees apart that differ outside no more (S30)."""
    shelves = Counting(), Counting()
    pairs = [
        (twin, before(twin.garden.office, shelf))
        for twin, shelf in zip(twins, shelves, strict=True)
    ]
    for ask in asks_of(twins[0]):
        for _ in range(2):
            poor, rich = (told(probe, CALLERS[who](twin), ask) for twin, probe in pairs)
            assert poor == rich, ask
    assert shelves[0].met == shelves[1].met > 0


def asks_of(twin: Twin) -> Iterator[Ask]:
    """Every kind of address and query whose answer may stand ready."""
    for base in ("/cda", "/cda/preview"):
        yield from (f"{base}/{view}/{id_}" for view in ("items", "nodes") for id_ in twin.named)
        yield f"{base}/items?page[size]=2"
        yield f"{base}/nodes?page[size]=2&page[offset]=1"
    for path in ("/graphql", "/graphql/preview"):
        yield from ((path, query) for query in TWIN_QUERIES)
        yield from ((path, f'{{ article(id: "{id_}") {{ title }} }}') for id_ in twin.named)


@pytest.mark.parametrize("query", [False, True])
def test_a_ready_answer_is_on_record(meadow: Meadow, query: bool) -> None:  # noqa: FBT001 - pytest's
    """Each time that what stands ready is told leaves entries in the trail of its own (R16)."""
    probe, body = meadow.ready[0], {"query": QUERIES[0]}
    probe.caller = token()
    seen = [
        probe("POST", "/graphql", body)
        if query
        else probe("GET", f"/cda/items/{meadow.entries[0]}")
        for _ in range(3)
    ]
    ids = [one.headers["x-request-id"] for one in seen]
    assert meadow.shelves[0].met == 2
    with meadow.offices[0].database.reading() as tx:
        found = bodies(tx)
    each = [
        [
            (one.operation, one.target, one.outcome, one.token_id)
            for one in found
            if one.request_id == id_
        ]
        for id_ in ids
    ]
    assert each[0] == each[1] == each[2]
    expected = ["delivery.models", "delivery.list", "delivery.list"] if query else ["delivery.show"]
    assert [row[0] for row in each[0]] == expected


def test_another_query_is_another_question(meadow: Meadow) -> None:
    """Other variables, another operation or other words are another question (S40)."""
    probe = meadow.ready[0]
    probe.caller = token()
    text = "query A($n: IntType) { allArticles(first: $n) { id } } query B { __typename }"
    bodies: list[Any] = [
        {"query": text, "variables": {"n": 1}, "operationName": "A"},
        {"query": text, "variables": {"n": 2}, "operationName": "A"},
        {"query": text, "variables": {"n": 101}, "operationName": "A"},
        {"query": text, "operationName": "B"},
        {"query": f"{text} ", "operationName": "B"},
    ]
    first = [probe("POST", "/graphql", body).json for body in bodies]
    assert meadow.shelves[0].met == 0
    assert [len(one["data"]["allArticles"]) for one in first[:2]] == [1, 2]
    assert first[2]["errors"][0]["extensions"]["code"] == "INVALID_REQUEST"
    assert first[3] == first[4] == {"data": {"__typename": "Query"}}
    assert [probe("POST", "/graphql", body).json for body in bodies] == first
    assert meadow.shelves[0].met == len(bodies)
    assert probe("POST", "/graphql/preview", bodies[1]).status == 200
    assert probe("POST", "/graphql", {"query": "mutation { a }"}).json["errors"]
    probe.caller = token(surfaces=Surface.PREVIEW.bit)
    assert probe("POST", "/graphql", bodies[0]).status == 403
    assert meadow.shelves[0].met == len(bodies)


def test_what_a_query_may_not_see_is_refused_each_time(meadow: Meadow) -> None:
    """What a query was refused is on record each time: such an answer never stands ready (S31)."""
    probe = meadow.ready[0]
    probe.caller = token(meadow.folders[2])
    query = f'{{ article(id: "{meadow.entries[0]}") {{ title }} }}'
    for _ in range(2):
        said = probe("POST", "/graphql", {"query": query}).json
        assert said["errors"][0]["extensions"]["code"] == "OUTSIDE_ROOT_NODES"
    assert meadow.shelves[0].met == 0
    refused = (entries.c.operation == "delivery.show", entries.c.outcome == "OUTSIDE_ROOT_NODES")
    with meadow.offices[0].database.reading() as tx:
        count = select(func.count()).select_from(entries).where(*refused)
        assert tx.execute(count).scalar_one() == 2


def test_what_cannot_be_recorded_is_not_told(meadow: Meadow) -> None:
    """Where the trail cannot be written what stands ready is not told either (R10, R16)."""
    url = f"/cda/items/{meadow.entries[0]}"
    assert told(meadow.ready[0], token(), url)[0] == 200
    with meadow.offices[0].database.transaction(of=ELSEWHERE) as tx:
        tx.exec_driver_sql("ALTER TABLE audit_entry RENAME TO gone")
    assert told(meadow.ready[0], token(), url)[0] == 503
    assert meadow.shelves[0].met == 1


def test_a_ready_answer_is_counted(office: Office, garden: Garden) -> None:
    """What stands ready counts towards the limit, carries its headers, and ends with it (S42)."""
    near = garden.entry(garden.root, "near", published=True)
    left, met = [3], []

    def limits(_route: object, _caller: object, headers: dict[str, str]) -> None:
        left[0] -= 1
        headers["X-RateLimit-Remaining"] = str(max(left[0], 0))
        if left[0] < 0:
            raise Limited

    shelf = Counting()
    probe = Probe(office, token(), limits, ROUTES, OPERATIONS, shelf=shelf)
    for body in (None, {"query": "{ __typename }"}):
        left[0], so_far = 3, shelf.met
        asking = ("GET", f"/cda/items/{near}") if body is None else ("POST", "/graphql", body)
        seen = [probe(*asking) for _ in range(4)]
        assert [one.status for one in seen] == [200, 200, 200, 429]
        assert [one.headers["x-ratelimit-remaining"] for one in seen] == ["2", "1", "0", "0"]
        met.append(shelf.met - so_far)
    assert met == [3, 2]


def test_what_is_held_is_not_sent_again(meadow: Meadow) -> None:
    """Whoever holds what stands ready gets 304 with its tag, as from the door itself."""
    url = f"/cda/items/{meadow.entries[0]}"

    def ask(probe: Probe, tag: str) -> Seen:
        probe.caller = token()
        return probe("GET", url, None, {"if-none-match": tag})

    tag = told(meadow.ready[0], token(), url)[1]["etag"]
    for held in (tag, f'"other", {tag}', tag.removeprefix("W/"), "*", '"other"', ""):
        ready, fresh = ask(meadow.ready[0], held), ask(meadow.fresh, held)
        ready.headers.pop("x-request-id")
        fresh.headers.pop("x-request-id")
        assert (ready.status, ready.headers, ready.raw) == (fresh.status, fresh.headers, fresh.raw)
    assert meadow.shelves[0].met == 6


def test_what_asks_otherwise_is_no_reader(meadow: Meadow) -> None:
    """HEAD, other methods and requests with a body are answered by the doors, and as ever."""
    url = f"/cda/items/{meadow.entries[0]}"
    probe = meadow.ready[0]
    assert told(probe, token(), url)[0] == 200
    head = probe("HEAD", url)
    assert (head.status, head.raw) == (200, b"")
    assert probe("DELETE", url).status == 405
    assert probe("GET", url, b"{}").status == 200
    assert probe("GET", url, b"x" * 100).status == 400
    assert probe("GET", url, None, {"accept": "text/html"}).status == 406
    assert meadow.shelves[0].met == 0
    ours = (entries.c.operation == "delivery.show", entries.c.outcome == "allowed")
    count = select(func.count()).select_from(entries).where(*ours)
    with meadow.offices[0].database.reading() as tx:
        assert tx.execute(count).scalar_one() == 3


def ready_of(size: int) -> Ready:
    said = Spelled("200 OK", [], b"")
    return Ready(ROUTES[0], (0, 0), (), Answer(200, b""), said, said, size)


def test_a_shelf_has_a_bound() -> None:
    """A shelf holds so many bytes; the oldest answer goes first, and none takes much of it."""
    shelf, stamp = Shelf(1600), (0, 0)
    for number in range(40):
        shelf.keep((number,), ready_of(100))
    kept = [number for number in range(40) if shelf.find((number,), stamp)]
    assert kept == list(range(24, 40))
    shelf.keep((39,), ready_of(100))
    assert [number for number in range(40) if shelf.find((number,), stamp)] == kept
    shelf.keep(("large",), ready_of(101))
    assert shelf.find(("large",), stamp) is None
    assert shelf.find((39,), (2, 0)) is None
    assert shelf.find((39,), None) is None


def test_a_large_question_takes_room(meadow: Meadow) -> None:
    """What was asked counts with what was answered: large bodies fill no memory (S40)."""
    probe = meadow.ready[0]
    probe.caller = token()
    padding = {"query": "{ __typename }", "extensions": {"a": "x" * 70_000}}
    for _ in range(2):
        assert probe("POST", "/graphql", padding).status == 200
    assert meadow.shelves[0].met == 0


def test_a_shelf_without_room() -> None:
    """Without room nothing stands ready."""
    shelf = Shelf()
    shelf.keep(("one",), ready_of(1))
    assert shelf.find(("one",), (0, 0)) is None
