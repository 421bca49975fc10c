"""Two trees alike inside a root and different outside answer alike in every dialect (S30)."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from counterfoil.access.caller import Caller
from counterfoil.dialects import agility, datocms, dx, squiz
from counterfoil.kernel.ids import NodeId
from counterfoil.operation import OPERATIONS
from support.content import token
from support.doors import Probe
from support.office import ACME, StandingClock, empty_database
from support.twins import CALLERS, QUERIES, Twin
from support.workshop import Workshop

ROUTES = (*datocms.ROUTES, *agility.ROUTES, *squiz.ROUTES)
_TREE = ("node.", "delivery.", "preview.")
_PATHS = ("/", "/top", "/top/inside", "/top/inside/blog/draft", "/top/other/hidden", "/missing")

Heard = tuple[int, dict[str, str], bytes]


@pytest.fixture
def twins(tmp_path: Path) -> Iterator[tuple[Twin, Twin]]:
    poor = Twin(tmp_path / "poor.sqlite", rich=False)
    rich = Twin(tmp_path / "rich.sqlite", rich=True)
    yield poor, rich
    poor.database.close()
    rich.database.close()


def hear(probe: Probe, method: str, url: str, body: object = None, **headers: str) -> Heard:
    """Return what a caller is told, but for the request's id."""
    seen = probe(method, url, body, headers)
    request = seen.headers.pop("x-request-id")
    return seen.status, seen.headers, seen.raw.replace(request.encode(), b"-")


def requests(twin: Twin) -> Iterator[str]:
    """Every way to read the tree in a dialect: each address with each id, orders and paths."""
    for id_ in twin.named:
        yield from one_by_one(id_)
    for path in _PATHS:
        for end in ("?", "/lineage?", "/children?page[limit]=2&"):
            yield f"/__api/assets{end}url={path}"
    asked = ["", "&page[limit]=1", "&page[limit]=2&page[offset]=1"]
    asked += [f"&order_by={order}" for order in ("_created_at_ASC", "_updated_at_DESC")]
    types = ("article", "story", "extra", str(twin.garden.article), "7")
    asked += [f"&filter[type]={type_}" for type_ in types]
    for version in ("current", "published"):
        yield from (f"/datocms/items?version={version}{what}" for what in asked)
    yield "/datocms/uploads"
    yield "/datocms/uploads?page[limit]=1"


def one_by_one(id_: NodeId) -> Iterator[str]:
    """Every way to read one node."""
    for version in ("", "?version=published", "?nested=true"):
        yield f"/datocms/items/{id_}{version}"
    yield f"/datocms/uploads/{id_}"
    for step in ("", "/approve", "/decline", "/request-approval"):
        yield f"/agility/api/v1/instance/{ACME}/en/item/{id_}{step}"
    yield f"/agility/api/v1/instance/{ACME}/batch/{id_}?expandItems=true"
    for end in ("", "/lineage", "/children?page[limit]=2", "/children?page[offset]=1"):
        yield f"/__api/assets/{id_}{end}"


@pytest.mark.parametrize("who", CALLERS)
def test_twins_answer_alike(twins: tuple[Twin, Twin], who: str) -> None:
    """In no dialect does what is outside a restriction change a byte of an answer (Q12, S30)."""
    probes = [_before(twin, CALLERS[who](twin)) for twin in twins]
    statuses = set()
    for url in requests(twins[0]):
        poor, rich = (hear(probe, "GET", url) for probe in probes)
        assert poor == rich, url
        statuses.add(poor[0])
    assert statuses <= {200, 403, 404, 409}


def _before(twin: Twin, caller: Caller) -> Probe:
    return Probe(twin.garden.office, caller, routes=ROUTES, operations=OPERATIONS)


@pytest.mark.parametrize("drafts", ["true", "false"])
def test_twins_answer_queries_alike(twins: tuple[Twin, Twin], drafts: str) -> None:
    """DatoCMS's delivery API tells no more of what is outside than the others do (S30)."""
    probes = [_before(twin, token(twin.inside)) for twin in twins]
    for query in (
        *QUERIES,
        *(f'{{ article(id: "{id_}") {{ title }} }}' for id_ in twins[0].named),
    ):
        asked = {"query": query}
        poor, rich = (
            hear(probe, "POST", "/datocms/cda", asked, **{"x-include-drafts": drafts})
            for probe in probes
        )
        assert poor == rich, query


def test_the_oracle_is_awake(twins: tuple[Twin, Twin]) -> None:
    """Without a restriction the same requests show the difference, in each dialect."""
    probes = [_before(twin, token()) for twin in twins]
    differ = {
        url.split("/")[1]
        for url in requests(twins[0])
        if hear(probes[0], "GET", url) != hear(probes[1], "GET", url)
    }
    assert differ == {"datocms", "agility", "__api"}


def test_every_read_route_is_asked(twins: tuple[Twin, Twin]) -> None:
    """No GET of the tree in a dialect is missing from the requests of this oracle (S30)."""
    public = str(twins[0].public)
    asked = {url.partition("?")[0].replace(public, "{id}") for url in requests(twins[0])}
    here = {"{guid}": str(ACME), "{locale}": "en"}
    for route in ROUTES:
        if route.method == "GET" and route.gives and route.operation.startswith(_TREE):
            path = route.path
            for part, ours in here.items():
                path = path.replace(part, ours)
            assert path in asked, route.path


@contextmanager
def shop(path: Path, *, rich: bool) -> Iterator[Workshop]:
    """Give a catalog whose folder is always the same; a rich one has more outside of it."""
    with empty_database(f"sqlite:///{path}") as database:
        made = Workshop(database, StandingClock(), random.Random(1).randbytes)
        for name in ("Alpha", "Beta", "Gamma"):
            made.service(name)
        made.office.entropy = random.Random(2).randbytes
        if rich:
            for name in ("Aaa", "Alphabet", "Zeta"):
                made.service(name, made.root)
            made.entry({"identifier": "team-a", "name": "A", "type": "team"}, made.root)
        made.office.entropy = random.Random(3).randbytes
        yield made


CATALOG = (
    *(f"list{query}" for query in ("", "?limit=1", "?type=service", "?type=team")),
    *(f"list?search_term={term}" for term in ("alpha", "zeta", "a")),
    *(f"info?identifier={name}" for name in ("alpha", "zeta", "aaa", "nobody")),
)


def test_catalogs_answer_alike(tmp_path: Path) -> None:
    """An entity outside of a token's root is in no list, on no page, and has no name (S30)."""
    with (
        shop(tmp_path / "poor.sqlite", rich=False) as poor,
        shop(tmp_path / "rich.sqlite", rich=True) as rich,
    ):
        assert poor.folder == rich.folder
        told: list[list[Heard]] = []
        open_: list[list[Heard]] = []
        for one in (poor, rich):
            inside, everywhere = one.bearer(frozenset({one.folder})), one.bearer()
            for caller, kept in ((inside, told), (everywhere, open_)):
                probe = Probe(one.office, caller, routes=dx.ROUTES, operations=OPERATIONS)
                kept.append([hear(probe, "GET", f"/dx/catalog.entities.{url}") for url in CATALOG])
        assert told[0] == told[1]
        assert open_[0] != open_[1]
