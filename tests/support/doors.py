"""A small office with a few doors, behind the real guard and router, for HTTP tests to knock at."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import BigInteger, Column, Table, Text, insert, select

from counterfoil.access.caller import Caller
from counterfoil.access.scope import Scope
from counterfoil.gate.middleware_wsgi import CALLER, Begun
from counterfoil.jsonapi.body import Body
from counterfoil.jsonapi.datocms import DATOCMS
from counterfoil.jsonapi.desk import Desk
from counterfoil.jsonapi.given import Given, Id, Once, One, Paged, etag, paged
from counterfoil.jsonapi.guard import Guard
from counterfoil.jsonapi.parameter import PAGING, id_in
from counterfoil.jsonapi.route import Answer, Asked, Route, spoken_in
from counterfoil.jsonapi.shelf import Shelf
from counterfoil.jsonapi.wsgi import router
from counterfoil.kernel.errors import Conflict, Stale
from counterfoil.kernel.ids import Prefix
from counterfoil.kernel.page import Page
from counterfoil.office import Office
from counterfoil.operation import ANY_CALLER, OPERATIONS, Operation, Work, operation
from counterfoil.runtime.database import metadata
from counterfoil.secret import Kind
from support.conformance import Conformance

things = Table(
    "probe_thing",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False, unique=True),
)


class ThingAttributes(Body, frozen=True):
    name: str
    count: int | None = None


class ThingData(Body, frozen=True):
    type: str
    attributes: ThingAttributes


class ThingDocument(Body, frozen=True):
    data: ThingData


@operation("probe.make", requires=Scope.CONTENT_WRITE, methods=ANY_CALLER, fresh=True)
def make(work: Work, name: str) -> tuple[int, str]:
    """Make a thing with a secret."""
    work.permit(target=name)
    if work.tx.execute(select(things).where(things.c.name == name)).first():
        raise Conflict
    id_ = work.new_id()
    work.tx.execute(insert(things).values(id=id_, name=name))
    return id_, work.mint(Kind.SERVICE).reveal()


@operation("probe.change", requires=Scope.CONTENT_WRITE, methods=ANY_CALLER)
def change(work: Work, version: int | None) -> None:
    """Change nothing, if the version is the third."""
    work.permit()
    if version != 3:
        raise Stale


@operation("probe.look", requires=Scope.CONTENT_READ, methods=ANY_CALLER, reads=True)
def look(work: Work) -> int:
    """Count the things."""
    work.permit()
    return len(work.tx.execute(select(things)).all())


PROBES = {name: OPERATIONS[name] for name in ("probe.make", "probe.change", "probe.look")}


class ThingFacts(Given, frozen=True):
    name: str
    token: str | None


class Thing(Given, frozen=True, tag_field="type", tag="thing"):
    id: Id
    attributes: ThingFacts


def _make(asked: Asked) -> Answer:
    wanted = asked.struct(ThingDocument).data.attributes
    with asked.work() as work:
        id_, secret = make(work, wanted.name)
    body = Once(Thing(id=str(id_), attributes=ThingFacts(name=wanted.name, token=secret)))
    return Answer(201, body, {"Location": f"/cma/things/{id_}"}, secret=True)


def _change(asked: Asked) -> Answer:
    with asked.work() as work:
        change(work, asked.if_match())
    return Answer(200, One(None), etag(4))


def _look(asked: Asked) -> Answer:
    wanted = asked.query.page()
    with asked.read() as work:
        page: Page[None] = Page([], total=look(work))
        return Answer(200, paged("/cma/things", page, wanted, []))


def _break(_asked: Asked) -> Answer:
    message = "cfp_0123456789012345678901234567890123456789012345678 broke"
    raise ValueError(message)


route = partial(Route, section="Things", gives={200: One[None]})
_making = partial(
    route,
    takes=ThingDocument,
    example={"data": {"type": "thing", "attributes": {"name": "a"}}},
    gives={201: Once[Thing]},
)

ROUTES = (
    _making("POST", "/cma/things", _make, "probe.make", "Make", idempotent=True),
    route("PATCH", "/cma/things/{id}", _change, "probe.change", "Change", conditional=True,
          parts=(id_in("id", "The thing.", Prefix.NODE),)),
    route("GET", "/cma/things", _look, "probe.look", "Look", query=PAGING,
          gives={200: Paged[None]}),
    route("GET", "/cma/broken", _break, "probe.look", "Break"),
    _making("POST", "/access_tokens", _make, "probe.make", "Make", dialect=DATOCMS),
)  # fmt: skip


@dataclass
class Seen:
    """An answer, as a client sees it."""

    status: int
    headers: dict[str, str]
    raw: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.raw)

    @property
    def code(self) -> str:
        return str(self.json["errors"][0]["code"])


class Probe:
    """Knocks at the whole stack but the server: guard, caller, router, desk, office."""

    def __init__(
        self,
        office: Office,
        caller: Caller | None,
        limits: Callable[..., None] = lambda *_: None,
        routes: tuple[Route, ...] = ROUTES,
        operations: Mapping[str, Operation] = PROBES,
        *,
        shelf: Shelf | None = None,
    ) -> None:
        self.caller = caller
        self.refused: list[tuple[str, int]] = []
        ready = Shelf(1 << 20) if shelf is None else shelf
        inner = router(routes, Desk(office, limits, shelf=ready), operations)

        def gate(environ: dict[str, Any], start: Any) -> Any:
            if self.caller is not None:
                environ[CALLER] = self.caller
            return inner(environ, start)

        guard = Guard(
            gate, office.entropy, lambda *seen: self.refused.append(seen), spoken_in(routes)
        )
        self.app = Conformance(guard, routes, operations)

    def __call__(
        self,
        method: str,
        url: str,
        body: object = None,
        headers: Mapping[str, str] | None = None,
        **environ: Any,
    ) -> Seen:
        raw = (
            body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        )
        parts = urlsplit(url)
        all_headers = {"host": "localhost", **({"content-type": "application/json"} if raw else {})}
        env = {
            "REQUEST_METHOD": method,
            "PATH_INFO": parts.path,
            "QUERY_STRING": parts.query,
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "8400",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "192.0.2.7",
            "CONTENT_LENGTH": str(len(raw)) if raw else "",
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(raw),
            "wsgi.errors": io.StringIO(),
        }
        for name, value in {**all_headers, **(headers or {})}.items():
            key = name.upper().replace("-", "_")
            env[key if key == "CONTENT_TYPE" else f"HTTP_{key}"] = value
        seen: list[Any] = []
        env.update(environ)
        out = self.app(env, lambda line, found: seen.extend([line, found]))
        body = b"".join(out)
        if isinstance(out, Begun):
            out.close()
        found = {name.lower(): value for name, value in seen[1]}
        return Seen(int(seen[0][:3]), found, body)


def thing(name: str, **more: Any) -> dict[str, Any]:
    return {"data": {"type": "thing", "attributes": {"name": name, **more}}}
