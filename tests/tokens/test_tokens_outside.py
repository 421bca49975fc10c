"""Two installations that differ only outside somebody's roots read the same to them (S30)."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from falcon.testing import TestClient

from counterfoil import directory
from counterfoil.access.scope import Scope
from counterfoil.app.routes import PROGRAMS
from counterfoil.app.routes import ROUTES as EVERY
from counterfoil.directory.enroll import assign
from counterfoil.jsonapi.desk import Desk
from counterfoil.jsonapi.guard import Guard
from counterfoil.jsonapi.route import spoken_in
from counterfoil.jsonapi.wsgi import router
from counterfoil.kernel.ids import NodeId, RoleId, TokenId, UserId
from counterfoil.operation import OPERATIONS
from counterfoil.signin import digest_password, set_password
from counterfoil.tokens.key_pair import create_pair
from counterfoil.tokens.wish import Wish
from support.doors import Probe
from support.office import StandingClock, emptied
from support.signin import PASSWORD, Visitor
from support.tokens import Agency, Hall

GOVERNS = (
    Scope.CONTENT_READ,
    Scope.TOKENS_APPROVE,
    Scope.TOKENS_MANAGE,
    Scope.ROLES_READ,
    Scope.ROLES_MANAGE,
    Scope.USERS_READ,
)
SECTIONS = {
    "API tokens", "API tokens in DatoCMS's contract", "Agility tokens", "Agility users", "Audit",
    "Invitations", "Key-and-secret pairs", "Leaks", "Notices", "Organizations",
    "Personal Access Tokens", "Registered APIs", "Roles and scopes", "The token itself",
    "Token requests", "Users",
}  # fmt: skip
"""The doors of all that stands in no tree."""
PAGES = (
    "/member-roles", "/member-roles/{role}", "/approvals", "/approvals/{request}",
    "/tokens", "/tokens?owner=all", "/tokens/export.csv?owner=all", "/tokens/{personal}",
    "/tokens/{pending}/request", "/content-api-manager",
    "/content-api-manager/{api}", "/content-api-manager/{api}/edit",
)  # fmt: skip


class Twin:
    """An agency in which something reaches outside `public`, to one folder or to another."""

    def __init__(self, path: Path, outside: str) -> None:
        path.mkdir()
        database = emptied(f"sqlite:///{path / 'office.db'}")
        self.hall = Hall(database, StandingClock(), path, random.Random(1).randbytes)
        self.agency = agency = Agency(self.hall)
        self.folders = {"internal": agency.internal, "secret": agency.folder("secret")}
        self.outside: NodeId = self.folders[outside]
        self.both = frozenset({agency.press, self.outside})
        agency.role("manager", *GOVERNS, roots=frozenset({agency.public}))
        agency.role("mixed", Scope.CONTENT_READ, roots=self.both)
        agency.role("empty", roots=self.both)
        self.max = self.hire("Max", "manager")
        self.ids = self.stock()

    def hire(self, name: str, role: str) -> UserId:
        user = self.agency.hire(name, role)
        office = self.hall.office
        with self.agency.operating() as work:
            set_password(work, user, digest_password(PASSWORD, office.entropy))
        return user

    def stock(self) -> dict[str, int]:
        """Make whatever names nodes, by everybody but Max."""
        agency, both, alone = self.agency, self.both, frozenset({self.outside})
        granted = agency.granted(agency.dan, "granted", roots=both)
        pending = agency.ask(agency.dan, "pending", roots=both)
        assert pending.request
        agency.ask(agency.rea, "alone", roots=alone)
        api = agency.api_token("admin", name="api", roots=both)
        agency.api_token("admin", name="alone", roots=alone)
        lent: dict[str, Any] = {"authority": "role", "subject": agency.roles["reader"].id}
        with agency.acting(agency.ada) as work:
            pair = create_pair(work, Wish(name="pair", roots=both, **lent))
        return {
            "personal": granted.token.id,
            "pending": pending.token.id,
            "request": pending.request.id,
            "api": api.token.id,
            "pair": pair.token.id,
            "role": agency.roles["mixed"].id,
            "empty": agency.roles["empty"].id,
            "user": agency.dan,
        }

    def before(self, user: UserId) -> Probe:
        """Put somebody before every door for programs."""
        caller = self.agency.caller(user)
        return Probe(self.hall.office, caller, routes=PROGRAMS, operations=OPERATIONS)


def asked_for(twin: Twin) -> Iterator[str]:
    """Every address at which something is shown that stands in no tree."""
    for route in PROGRAMS:
        if route.method != "GET" or route.section not in SECTIONS:
            continue
        filled = {route.path} if "{" not in route.path else set[str]()
        if re.findall(r"\{(\w+)\}", route.path) == ["id"]:
            filled = {route.path.replace("{id}", str(id_)) for id_ in twin.ids.values()}
        yield from sorted(filled)
        if route.path == "/cma/personal_access_tokens":
            yield f"{route.path}?filter[owner]=all"
    yield f"/cma/who_can?scope=content:read&node={twin.agency.press}"
    yield "/cma/who_can?scope=content:write"


def told(probe: Probe, url: str) -> tuple[int, bytes]:
    answer = probe("GET", url)
    request = answer.headers["x-request-id"].encode()
    return answer.status, answer.raw.replace(request, b"-")


@pytest.fixture
def twins(tmp_path: Path) -> Iterator[tuple[Twin, Twin]]:
    both = (Twin(tmp_path / "one", "internal"), Twin(tmp_path / "other", "secret"))
    yield both
    for twin in both:
        twin.hall.replica.close()
        twin.hall.database.close()


def test_no_door_tells_of_roots_outside(twins: tuple[Twin, Twin]) -> None:
    """A manager bounded by roots reads the same tokens, requests and roles in both (S30)."""
    one, other = (twin.before(twin.max) for twin in twins)
    seen = {url: told(one, url) for url in asked_for(twins[0])}
    assert {url: told(other, url) for url in seen} == seen
    for kind, id_ in twins[0].ids.items():
        paths = [url for url, (status, _) in seen.items() if str(id_) in url and status == 200]
        assert paths, kind
    inside = str(twins[0].agency.press).encode()
    assert sum(inside in raw for _, raw in seen.values()) > 10


def test_the_same_doors_tell_an_admin(twins: tuple[Twin, Twin]) -> None:
    """To whom nothing bounds each of them says more: the oracle is awake."""
    one, other = (twin.before(twin.agency.ada) for twin in twins)
    differ = {url for url in asked_for(twins[0]) if told(one, url) != told(other, url)}
    for kind in ("personal", "request", "api", "pair", "role", "empty"):
        assert any(str(twins[0].ids[kind]) in url for url in differ), kind
    assert {"/cma/asset_tree", "/cma/roles", "/cma/token_requests", "/cma/api_tokens"} <= differ


def pages_of(twin: Twin) -> dict[str, tuple[int, bytes]]:
    """Let Max sign in by a browser and open each page that shows what may name nodes."""
    visitor = Visitor(twin.hall.office)
    assert visitor.sign_in("max@people.test").status == 204
    desk = Desk(twin.hall.office, lambda _route, _caller, _headers: None)
    inner = router(EVERY, desk, OPERATIONS)
    client = TestClient(Guard(inner, twin.hall.entropy, lambda *_: None, spoken_in(EVERY)))
    found = {}
    for path in PAGES:
        url, _, query = path.format(**twin.ids).partition("?")
        answer = client.simulate_get(
            url,
            query_string=query,
            headers={"Accept": "text/html", "Host": visitor.host},
            cookies=visitor.cookies,
        )
        found[path] = answer.status_code, answer.content
    return found


def test_no_page_tells_of_roots_outside(twins: tuple[Twin, Twin]) -> None:
    """Their pages are the same too: lists, forms, what waits, and the list as a file (S30)."""
    one, other = (pages_of(twin) for twin in twins)
    assert {path: status for path, (status, _) in one.items()} == dict.fromkeys(PAGES, 200)
    for path, (_, raw) in one.items():
        assert raw == other[path][1], path
    inside = (str(twins[0].agency.press).encode(), b"/public/press", b">press<")
    shown = {path for path, (_, raw) in one.items() if any(name in raw for name in inside)}
    assert {"/member-roles/{role}", "/approvals/{request}", "/tokens/{personal}"} <= shown


def roots_of(twin: Twin, kind: str) -> frozenset[NodeId] | None:
    """Return the roots that something has, whoever is told of them."""
    agency, id_ = twin.agency, twin.ids[kind]
    if kind in {"role", "empty"}:
        with agency.office.database.reading() as tx:
            return directory.role(tx, agency.id, RoleId(id_)).roots
    return agency.token(TokenId(id_)).grant_in(agency.id).bounds.roots


@pytest.mark.parametrize(
    ("kind", "path", "type_"),
    [("api", "/cma/api_tokens", "api_token"), ("empty", "/roles", "role")],
)
def test_what_is_not_told_stays(twins: tuple[Twin, Twin], kind: str, path: str, type_: str) -> None:
    """Who writes the roots that they read keeps the others, or is refused, and lifts none (S30)."""
    twin = twins[0]
    probe, url = twin.before(twin.max), f"{path}/{twin.ids[kind]}"

    def write(roots: object) -> int:
        body = {"data": {"type": type_, "attributes": {"roots": roots}}}
        return probe("PATCH", url, body).status

    read = probe("GET", url).json["data"]["attributes"]["roots"]
    assert read == [str(twin.agency.press)]
    assert write(read) == (200 if kind == "api" else 403)
    assert roots_of(twin, kind) == twin.both
    assert write(None) == 403
    assert roots_of(twin, kind) == twin.both
    assert write([]) == (200 if kind == "api" else 403)
    left = {twin.outside} if kind == "api" else twin.both
    assert roots_of(twin, kind) == frozenset(left)


def test_nobody_approves_what_they_are_not_told(twins: tuple[Twin, Twin]) -> None:
    """A request that reaches outside is for somebody else to approve, or for less (S22, S30)."""
    twin = twins[0]
    probe, url = twin.before(twin.max), f"/cma/token_requests/{twin.ids['request']}"
    seen = probe("GET", url)
    tag = {"if-match": seen.headers["etag"]}
    refused = probe("POST", f"{url}/approve", None, tag)
    assert (refused.status, refused.code) == (403, "INSUFFICIENT_ROLE")
    roots = seen.json["data"]["attributes"]["asked"]["roots"]
    body = {"data": {"type": "token_request", "attributes": {"roots": roots}}}
    assert probe("POST", f"{url}/approve", body, tag).status == 200
    assert roots_of(twin, "pending") == frozenset({twin.agency.press})


def test_ones_own_stays_whole(twins: tuple[Twin, Twin]) -> None:
    """Whoever was moved away still reads where their own tokens and requests reach (G6)."""
    twin = twins[0]
    with twin.agency.acting(twin.agency.ada) as work:
        assign(work, twin.agency.dan, [twin.agency.roles["manager"].id])
    probe = twin.before(twin.agency.dan)
    token = probe("GET", f"/cma/personal_access_tokens/{twin.ids['personal']}")
    request = probe("GET", f"/cma/token_requests/{twin.ids['request']}")
    whole = sorted(str(root) for root in twin.both)
    assert token.json["data"]["attributes"]["roots"] == whole
    assert request.json["data"]["attributes"]["asked"]["roots"] == whole
