"""Routes and trees of registered APIs in the office, on both engines."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest

from counterfoil import directory
from counterfoil.access.caller import Method
from counterfoil.directory import lineage
from counterfoil.directory.api import Api, ApiWish
from counterfoil.directory.declare_routes import declare_routes, show_routes
from counterfoil.directory.register_api import create_api, retire
from counterfoil.directory.routed import Placed, RouteTable, Synced, TreeWish
from counterfoil.directory.sync_resources import list_resources, sync
from counterfoil.feed.event import AnyEvent, ApiRouted, ResourcePlaced, ResourceRemoved
from counterfoil.kernel.entropy import Entropy
from counterfoil.kernel.errors import Code, Conflict, CounterfoilError, Denied, Invalid, Stale
from counterfoil.kernel.ids import NodeId
from counterfoil.kernel.page import Wanted
from counterfoil.operation import Work
from counterfoil.routing.table import Route
from counterfoil.runtime.database import Database
from support.directory import Company
from support.office import StandingClock, office_on

GET = frozenset({"GET"})
READ = Route(GET, "/items/{item}", "shop:read", "{item}")
OPEN = Route(GET, "/health", "")


@pytest.fixture
def acme(any_database: Database, clock: StandingClock, entropy: Entropy) -> Company:
    return Company(office_on(any_database, clock, entropy))


@pytest.fixture
def shop(acme: Company) -> Api:
    with acme.acting(acme.ada) as work:
        return create_api(work, ApiWish("Shop", "https://shop.test", [("shop:read", "")]))


def declare(acme: Company, api: Api, *routes: Route, expected: int | None = None) -> RouteTable:
    with acme.acting(acme.ada) as work:
        return declare_routes(work, api.id, routes, expected)


def tell(
    acme: Company,
    api: Api,
    *placed: tuple[str, str | None],
    gone: Iterable[str] = (),
    whole: bool = False,
    revision: int | None = None,
) -> Synced:
    rows = tuple(Placed(key, parent, key.title()) for key, parent in placed)
    with acme.acting(acme.ada) as work:
        return sync(work, api.id, TreeWish(rows, tuple(gone), whole=whole, revision=revision))


def places(acme: Company, api: Api) -> dict[str, str | None]:
    """Return what stands under what."""
    with acme.looking(acme.ada) as work:
        found = list_resources(work, api.id, Wanted(100)).items
    keys = {one.id: one.key for one in found}
    return {one.key: None if one.parent is None else keys[one.parent] for one in found}


def rebuilt(acme: Company) -> list[AnyEvent]:
    """Return what gates that are built anew are told of routes and trees."""
    with acme.office.database.reading() as tx:
        found = list(directory.records(tx))
    return [one for one in found if isinstance(one, ApiRouted | ResourcePlaced)]


def test_routes_are_declared_as_a_whole(acme: Company, shop: Api) -> None:
    """A table replaces the one before, the gates hear of it, and to repeat it is nothing."""
    before = acme.head()
    first = declare(acme, shop, OPEN, READ)
    assert first.version == 1
    assert declare(acme, shop, OPEN, READ) == first
    second = declare(acme, shop, READ)
    with acme.looking(acme.ada) as work:
        assert show_routes(work, shop.id) == second
    told = [one for one in acme.events(before) if isinstance(one, ApiRouted)]
    assert [len(one.routes) for one in told] == [2, 1]
    with pytest.raises(Stale):
        declare(acme, shop, OPEN, expected=1)


@pytest.mark.parametrize(
    ("route", "field"),
    [
        (Route(frozenset(), "/a", ""), "methods"),
        (Route(frozenset({"get"}), "/a", ""), "methods"),
        (Route(frozenset({"TRACE"}), "/a", ""), "methods"),
        (Route(GET, "/a", "shop:other"), "scope"),
        (Route(GET, "/a", "content:read"), "scope"),
        (Route(GET, "a", "shop:read"), "path"),
        (Route(GET, "/a//b", "shop:read"), "path"),
        (Route(GET, "/items/{other}", "shop:read"), "path"),
        (Route(GET, "/a/{b}", "shop:read", "{c}"), "node"),
        (Route(GET, "/a", "", "any"), "node"),
    ],
)
def test_a_wrong_route_is_named(acme: Company, shop: Api, route: Route, field: str) -> None:
    """What no gate could decide by is refused with its place, and nothing of it is kept."""
    with pytest.raises(Invalid) as refused:
        declare(acme, shop, READ, route)
    assert refused.value.field == f"/data/attributes/routes/1/{field}"
    with acme.looking(acme.ada) as work:
        assert show_routes(work, shop.id).routes == ()


def test_a_grace_is_kept_and_told(acme: Company, shop: Api) -> None:
    """A table says for how long reads pass after a lease; one that does not say leaves it (R2)."""
    with acme.acting(acme.ada) as work:
        assert declare_routes(work, shop.id, ()).grace_seconds == 0
        assert declare_routes(work, shop.id, (), grace_seconds=30).grace_seconds == 30
        table = declare_routes(work, shop.id, (), preflights=True)
        told = work.events[-1]
    assert table.grace_seconds == 30
    assert isinstance(told, ApiRouted)
    assert told.grace_seconds == 30


def test_a_tree_is_told_as_a_whole_or_in_parts(acme: Company, shop: Api) -> None:
    """An API says all of its tree, or what changed: the same tree comes of both."""
    tell(acme, shop, ("17", "toys"), ("toys", None), ("books", None), whole=True)
    assert places(acme, shop) == {"": None, "toys": "", "books": "", "17": "toys"}
    done = tell(acme, shop, ("17", "books"), ("18", "books"), gone=["toys"])
    assert (len(done.written), len(done.removed)) == (2, 1)
    in_parts = places(acme, shop)
    again = tell(acme, shop, ("books", None), ("18", "books"), ("17", "books"), whole=True)
    assert (again.written, again.removed) == ((), ())
    assert places(acme, shop) == in_parts
    tell(acme, shop, whole=True)
    assert places(acme, shop) == {"": None}


def test_to_say_it_again_tells_nobody(acme: Company, shop: Api) -> None:
    """A sync that changes nothing writes nothing: it may be sent as often as one likes."""
    tell(acme, shop, ("toys", None), ("17", "toys"), whole=True, revision=3)
    before = acme.head()
    tell(acme, shop, ("toys", None), ("17", "toys"), whole=True, revision=3)
    assert [one for one in acme.events(before) if isinstance(one, ResourcePlaced)] == []


def test_an_older_tree_is_refused(acme: Company, shop: Api) -> None:
    """What arrives late does not undo what arrived before it."""
    tell(acme, shop, ("toys", None), revision=5)
    with pytest.raises(Conflict) as refused:
        tell(acme, shop, whole=True, revision=4)
    assert refused.value.meta == {"revision": 5}
    assert "toys" in places(acme, shop)


@pytest.mark.parametrize(
    ("rows", "field"),
    [
        ([("a", "b")], "nodes/0/1"),
        ([("a", "a")], "nodes/0/1"),
        ([("a", "b"), ("b", "a")], "nodes/0/1"),
        ([("a", None), ("a", None)], "nodes/1/0"),
        ([("", None)], "nodes/0/0"),
        ([("a\n", None)], "nodes/0/0"),
        ([("a" * 101, None)], "nodes/0/0"),
        ([(str(at), str(at - 1) if at else None) for at in range(40)], "nodes/30/1"),
        ([("toys", "17")], "nodes/0/1"),
    ],
)
def test_what_is_no_tree_is_refused(
    acme: Company, shop: Api, rows: list[tuple[str, str | None]], field: str
) -> None:
    """A circle, a lost parent and a doubled key are named, and the tree stays as it was."""
    tell(acme, shop, ("toys", None), ("17", "toys"))
    before = places(acme, shop)
    with pytest.raises(Invalid) as refused:
        tell(acme, shop, *rows)
    assert refused.value.field == f"/data/attributes/{field}"
    assert places(acme, shop) == before


def test_a_resource_may_be_a_root(acme: Company, shop: Api) -> None:
    """A resource stands where nodes stand, until it or its API is gone; its key lends nothing."""
    tell(acme, shop, ("toys", None), ("17", "toys"))
    ids = ids_of(acme, shop)
    assert where(acme, ids["17"]) == {ids[""], ids["toys"], ids["17"]}
    tell(acme, shop, gone=["17"])
    tell(acme, shop, ("17", None))
    assert where(acme, ids["17"]) == frozenset()
    with acme.acting(acme.ada) as work:
        retire(work, shop.id)
    assert where(acme, ids["toys"]) == frozenset()


def test_who_may_tell(acme: Company, shop: Api) -> None:
    """A program may tell of the tree with a service token; routes are declared by people alone."""
    with acme.acting(acme.ada, Method.SERVICE) as work:
        sync(work, shop.id, TreeWish((Placed("a", None, ""),)))
    for method, act in (
        (Method.SERVICE, lambda work: declare_routes(work, shop.id, (OPEN,))),
        (Method.PERSONAL, lambda work: declare_routes(work, shop.id, (OPEN,))),
        (Method.PERSONAL, lambda work: sync(work, shop.id, TreeWish(()))),
    ):
        assert refusal(acme, method, act) is Code.CREDENTIAL_KIND_NOT_ADMITTED


def test_gates_built_anew_know_the_same(acme: Company, shop: Api) -> None:
    """The books tell a new gate what the feed told an old one, of routes and of trees."""
    declare(acme, shop, OPEN, READ)
    tell(acme, shop, ("toys", None), ("17", "toys"), ("books", None))
    tell(acme, shop, ("17", "books"), gone=["toys"])
    followed: dict[object, AnyEvent] = {}
    for event in acme.events():
        if isinstance(event, ApiRouted):
            followed["routes"] = event
        elif isinstance(event, ResourcePlaced):
            followed[event.key] = event
        elif isinstance(event, ResourceRemoved):
            followed.pop(event.key)
    assert sorted(map(repr, rebuilt(acme))) == sorted(map(repr, followed.values()))


def ids_of(acme: Company, api: Api) -> dict[str, NodeId]:
    with acme.looking(acme.ada) as work:
        return {one.key: one.id for one in list_resources(work, api.id, Wanted(100)).items}


def where(acme: Company, node: NodeId) -> frozenset[NodeId]:
    with acme.office.database.reading() as tx:
        return lineage(tx, acme.id, node)


def refusal(acme: Company, method: Method, act: Callable[[Work], object]) -> Code:
    with pytest.raises(CounterfoilError) as caught, acme.acting(acme.ada, method) as work:
        act(work)
    assert isinstance(caught.value, Denied)
    return caught.value.code
