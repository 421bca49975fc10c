"""Trying a request: what is said of it is what the request itself would be answered."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from functools import partial

import pytest
from falcon.routing import CompiledRouter
from sqlalchemy import func, select

from counterfoil import content
from counterfoil.access.caller import Caller, Origin
from counterfoil.access.scope import Scope
from counterfoil.app.routes import ROUTES
from counterfoil.audit.record import entries
from counterfoil.gate import limits
from counterfoil.jsonapi.rehearse import Verdict, found, rehearse
from counterfoil.jsonapi.route import Asked
from counterfoil.kernel.errors import Malformed, NotFound
from counterfoil.operation import OPERATIONS
from support.inside import Inside, inside
from support.sample import Sample

UNKNOWN = "4444444444444444"
LOOKS = sorted(
    route.path
    for route in ROUTES
    if route.method == "GET"
    and not (route.page or route.open or route.place)
    and (doing := OPERATIONS[route.operation]).reads
    and doing.requires is not None
)


@pytest.fixture(scope="module")
def house(seeded: Sample, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Inside]:
    """The sample in this process, of which nobody else knows."""
    mine = tmp_path_factory.mktemp("rehearse") / "data"
    shutil.copytree(seeded.directory, mine)
    with inside(Sample(mine, seeded.told)) as opened:
        yield opened


@pytest.fixture(autouse=True)
def unlimited(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nobody ask too often."""

    def window(*_args: object, **_how: object) -> limits.Count:
        return limits.Count(allowed=True, limit=30, remaining=30, reset_s=0.0, retry_s=0.0)

    monkeypatch.setattr(limits.Counters, "window", window)


def tried(house: Inside, caller: Caller, method: str, address: str) -> Verdict:
    """Return what is said of a request of this caller."""
    asked = Asked(None, Origin("test"), house.app.office, routes=ROUTES)
    with house.app.database.reading() as tx:
        where = partial(content.lineage, tx, caller.organization)
        return rehearse(asked, caller, method, address, where)


def filled(house: Inside, path: str) -> list[str]:
    """Return an address with nodes in and out of reach, and with one that is nowhere."""
    nodes = house.sample.told["nodes"]
    ids = (nodes["/site"], *list(nodes.values())[-2:], UNKNOWN) if "{" in path else ("",)
    return [re.sub(r"\{[^}]+\}", one, path) for one in ids]


@pytest.mark.parametrize("who", ["personal", "weak"])
@pytest.mark.parametrize("path", LOOKS)
def test_what_is_tried_is_what_comes(house: Inside, who: str, path: str) -> None:
    """Whatever only looks is said to answer what it answers: let in, or refused with that code."""
    secret = house.sample.told["tokens"][who]
    caller = house.app.verifier.verify(secret)
    for address in filled(house, path):
        said = tried(house, caller, "GET", address)
        came = house.bearing(secret)("GET", address)
        assert (said.status if said.error else 200) == (200 if came.status < 300 else came.status)
        if said.error and came.body and "errors" in came.body:
            assert str(said.error.code) == came.body["errors"][0]["code"], address


@pytest.mark.parametrize("who", ["personal", "weak"])
def test_what_changes_things_is_judged_by_its_node(house: Inside, who: str) -> None:
    """A write to a node is refused in the trial with the code of the real refusal, or let in."""
    secret = house.sample.told["tokens"][who]
    caller = house.app.verifier.verify(secret)
    for node in (*house.sample.told["nodes"].values(), UNKNOWN):
        address = f"/cma/nodes/{node}"
        said = tried(house, caller, "DELETE", address)
        if said.error is None:
            assert caller.grant.scopes & Scope.CONTENT_DELETE.bit
            continue
        came = house.bearing(secret)("DELETE", address)
        assert (said.status, said.error.code) == (came.status, came.body["errors"][0]["code"])


def test_a_trial_leaves_no_trace(house: Inside) -> None:
    """What is only tried is in nobody's audit trail, and changes nothing."""
    caller = house.app.verifier.verify(house.sample.told["tokens"]["personal"])
    house.app.journal.flush()
    with house.app.database.reading() as tx:
        before = tx.execute(select(func.count()).select_from(entries)).scalar_one()
    for method, address in [("GET", "/cma/items"), ("POST", "/cma/items"), ("GET", "/cma/roles")]:
        tried(house, caller, method, address)
    house.app.journal.flush()
    with house.app.database.reading() as tx:
        assert tx.execute(select(func.count()).select_from(entries)).scalar_one() == before


@pytest.mark.parametrize(
    ("method", "address", "code"),
    [
        ("GET", "", "INVALID_REQUEST"),
        ("GET", "cda/items", "INVALID_REQUEST"),
        ("GET", "/nowhere", "NOT_FOUND"),
        ("GET", "/cda/items?no=such", "INVALID_REQUEST"),
        ("BREW", "/cda/items", "METHOD_NOT_ALLOWED"),
        ("PATCH", "/cda/items", "METHOD_NOT_ALLOWED"),
        ("GET", "/cda/items/x" + "\0", "NOT_FOUND"),
        ("GET", "/cda/%ff", "INVALID_REQUEST"),
        ("GET", "http://[", "INVALID_REQUEST"),
        ("GET", "/tokens", "INVALID_TOKEN"),
        ("POST", "/cma/personal_access_tokens", "PAT_CANNOT_CREATE_PAT"),
    ],
)
def test_what_cannot_be_sent_is_said(house: Inside, method: str, address: str, code: str) -> None:
    """An address that is none, a method that it does not know, and a page are refused by name."""
    caller = house.app.verifier.verify(house.sample.told["tokens"]["personal"])
    assert str(getattr(tried(house, caller, method, address).error, "code", "")) == code


def test_a_whole_address_may_be_pasted(house: Inside) -> None:
    """Scheme and host of what is pasted count for nothing, and open doors ask for no token."""
    caller = house.app.verifier.verify(house.sample.told["tokens"]["personal"])
    said = tried(house, caller, "GET", "https://cms.example.com/cda/items?page[size]=1")
    assert (said.path, said.allowed) == ("/cda/items", True)
    assert tried(house, caller, "GET", "/signin").allowed


def test_the_table_is_found_in_as_the_router_does() -> None:
    """Whatever address is asked for, the trial finds the row that the router finds."""
    router = CompiledRouter()
    for path in {route.path for route in ROUTES}:
        router.add_route(path, Probe(path))
    for route in ROUTES:
        for word in ("4444444444444444", "new", "preview", "items"):
            address = re.sub(r"\{[^}]+\}", word, route.path)
            there = router.find(address)
            assert there is not None
            try:
                row, params = found(ROUTES, route.method, address)
            except (NotFound, Malformed):
                continue
            assert isinstance(there[0], Probe)
            assert (row.path, params) == (there[0].path, there[2])


class Probe:
    """Stands in the router for a row of the table."""

    def __init__(self, path: str) -> None:
        self.path = path

    def on_get(self) -> None:
        """Answer nothing."""
