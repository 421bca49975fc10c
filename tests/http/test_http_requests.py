"""What comes in: every wrong request gets the answer that names what is wrong."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from msgspec import structs
from sqlalchemy import select

from counterfoil.access.caller import Caller
from counterfoil.access.grant import Grant
from counterfoil.audit.record import entries
from counterfoil.jsonapi.body import LARGEST
from counterfoil.jsonapi.datocms import DATOCMS
from counterfoil.jsonapi.fit import UnfitRouteError
from counterfoil.jsonapi.given import One
from counterfoil.jsonapi.incoming import Room, read_body
from counterfoil.jsonapi.route import Answer, Route
from counterfoil.kernel.entropy import Entropy
from counterfoil.kernel.errors import Refused
from counterfoil.office import Office
from counterfoil.runtime.database import Database
from counterfoil.secret import Kind, Secret
from support.doors import Probe, ThingDocument, thing
from support.office import StandingClock, office_on, session

USER = 1_000_000_000_000_001


@pytest.fixture
def probe(office: Office) -> Probe:
    return Probe(office, session(USER))


def _nested(levels: int) -> bytes:
    return b'{"data":' + b"[" * levels + b"]" * levels + b"}"


MALFORMED: list[tuple[str, bytes, int, str]] = [
    ("empty", b"", 400, "INVALID_JSON_BODY"),
    ("blank", b"  ", 400, "INVALID_JSON_BODY"),
    ("no JSON", b"{", 400, "INVALID_JSON_BODY"),
    ("two documents", b"{} {}", 400, "INVALID_JSON_BODY"),
    ("byte order mark", b"\xef\xbb\xbf{}", 400, "INVALID_JSON_BODY"),
    ("UTF-16", '{"data": 1}'.encode("utf-16"), 400, "INVALID_JSON_BODY"),
    ("broken UTF-8", b'{"data": "\xff"}', 400, "INVALID_JSON_BODY"),
    ("key twice", b'{"data": 1, "data": 2}', 400, "INVALID_JSON_BODY"),
    ("NaN", b'{"data": NaN}', 400, "INVALID_JSON_BODY"),
    ("infinity", b'{"data": -Infinity}', 400, "INVALID_JSON_BODY"),
    ("number out of range", b'{"data": 1e999}', 400, "INVALID_JSON_BODY"),
    ("integer beyond 2**53", b'{"data": 9007199254740993}', 400, "INVALID_JSON_BODY"),
    ("integer of 5,000 digits", b'{"data": ' + b"9" * 5000 + b"}", 400, "INVALID_JSON_BODY"),
    ("33 levels", _nested(32), 400, "INVALID_JSON_BODY"),
    ("100,000 levels", _nested(100_000), 400, "INVALID_JSON_BODY"),
    ("2,001 keys", b"{" + b",".join(b'"%d":1' % n for n in range(2001)) + b"}", 400,
     "INVALID_JSON_BODY"),
    ("lone surrogate", b'{"data": "\\ud800"}', 400, "INVALID_JSON_BODY"),
    ("NUL", b'{"data": "a\\u0000"}', 422, "INVALID_FIELD"),
    ("too large", b'{"data": "' + b"a" * LARGEST + b'"}', 413, "BODY_TOO_LARGE"),
    ("an array", b"[]", 422, "INVALID_FIELD"),
    ("null", b"null", 422, "INVALID_FIELD"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("_what", "raw", "status", "code"), MALFORMED, ids=[m[0] for m in MALFORMED]
)
def test_malformed_body(probe: Probe, _what: str, raw: bytes, status: int, code: str) -> None:
    """A body that two readers could understand differently is refused, by status and code (S38)."""
    seen = probe("POST", "/cma/things", raw, {"content-type": "application/json"})
    assert (seen.status, seen.code) == (status, code)


WRONG: list[tuple[object, str]] = [
    ({}, "/data"),
    ({"data": 3}, "/data"),
    ({"data": {"type": "thing"}}, "/data/attributes"),
    (thing("a", count="3"), "/data/attributes/count"),
    (thing("a", count=True), "/data/attributes/count"),
    (thing("a", admin=True), "/data/attributes/admin"),
    ({**thing("a"), "role~/": 1}, "/role~0~1"),
    ({"data": {"type": "thing", "attributes": {"name": None}}}, "/data/attributes/name"),
]


@pytest.mark.parametrize(("body", "pointer"), WRONG)
def test_pointer(probe: Probe, body: object, pointer: str) -> None:
    """What a struct does not allow answers 422 and a pointer at it, unknown members too (S39)."""
    seen = probe("POST", "/cma/things", body)
    assert (seen.status, seen.code) == (422, "INVALID_FIELD")
    assert seen.json["errors"][0]["source"] == {"pointer": pointer}


TOKEN = Secret.mint(Kind.PERSONAL, lambda size: bytes(range(size))).reveal()
ESCAPED = "".join(f"\\u{ord(char):04x}" for char in TOKEN)
NAMED = b'{"data": {"type": "thing", "attributes": {"name": %s}}}'


@pytest.mark.parametrize(
    ("raw", "pointer"),
    [
        (NAMED % b'"%s"', "/data/attributes/name"),
        (NAMED % b'["a", "x%sy"]', "/data/attributes/name/1"),
        (b'{"data": {"%s": 1}}', "/data"),
    ],
)
@pytest.mark.parametrize("spelled", [TOKEN, ESCAPED], ids=["plain", "escaped"])
def test_a_token_in_a_text(probe: Probe, raw: bytes, pointer: str, spelled: str) -> None:
    """A body that holds an access token in a text or key is refused, and does not say it (S9)."""
    headers = {"content-type": "application/json"}
    seen = probe("POST", "/cma/things", raw % spelled.encode(), headers)
    assert (seen.status, seen.code) == (422, "INVALID_FIELD")
    assert seen.json["errors"][0]["source"] == {"pointer": pointer}
    assert TOKEN not in seen.raw.decode()


@pytest.mark.parametrize(
    "content_type",
    ["", "text/plain", "application/xml", "application/json; charset=utf-16",
     "application/vnd.api+json; profile=x", "application/x-www-form-urlencoded"],
)  # fmt: skip
def test_media_type(probe: Probe, content_type: str) -> None:
    """A body in another media type is refused with 415 (S39, D13)."""
    seen = probe("POST", "/cma/things", thing("a"), {"content-type": content_type})
    assert (seen.status, seen.code) == (415, "INVALID_CONTENT_TYPE_HEADER")


@pytest.mark.parametrize(
    "content_type",
    ["application/json", "application/vnd.api+json", "Application/JSON; charset=UTF-8"],
)
def test_media_types_accepted(probe: Probe, content_type: str) -> None:
    """Both spellings of JSON are read (D1)."""
    assert probe("POST", "/cma/things", thing("a"), {"content-type": content_type}).status == 201


def test_empty_body_with_json_type(probe: Probe) -> None:
    """A request without a body may carry the JSON content type, as vendors' clients do (D15)."""
    headers = {"content-type": "application/json", "if-match": '"3"'}
    assert probe("PATCH", "/cma/things/3", None, headers).status == 200
    assert probe("PATCH", "/cma/things/3", {}, headers).status == 200
    assert probe("PATCH", "/cma/things/3", {"a": 1}, headers).status == 400


PATHS = ["//cma/things", "/cma//things", "/cma/../things", "/./cma", "/cma/things/..", "/cma;x=1",
         "/cma\\things", "/cma/\x00", "/cma/%2f", "cma", "/cma/\x7f"]  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
def test_ambiguous_path(probe: Probe, path: str) -> None:
    """A path with an empty, dotted or twice encoded step is refused before any door (S34)."""
    seen = probe("GET", "/", PATH_INFO=path)
    assert (seen.status, seen.code) == (400, "INVALID_REQUEST")


@pytest.mark.parametrize("host", ["", "a,b", "localhost, evil", "a b", "a/b", "a@b", "[::1"])
def test_host(probe: Probe, host: str) -> None:
    """A missing or joined Host is refused (S51)."""
    assert probe("GET", "/cma/things", headers={"host": host}).status == 400


@pytest.mark.parametrize("host", ["localhost", "a.example:8400", "[::1]:80", "127.0.0.1"])
def test_good_host(probe: Probe, host: str) -> None:
    """Every usual form of one Host is served (S51)."""
    assert probe("GET", "/cma/things", headers={"host": host}).status == 200


@pytest.mark.parametrize("value", ["Bearer one,Bearer two", "Bearer good,", ","])
def test_two_credentials(probe: Probe, value: str) -> None:
    """Two Authorization headers, which a server joins by a comma, are refused with 400 (S11)."""
    seen = probe("GET", "/cma/things", headers={"authorization": value})
    assert (seen.status, seen.code) == (400, "INVALID_REQUEST")


def test_two_lengths(probe: Probe) -> None:
    """A body with a length and chunks is refused (S51)."""
    headers = {"transfer-encoding": "chunked"}
    assert probe("POST", "/cma/things", thing("a"), headers).status == 400


def test_cut_off(probe: Probe) -> None:
    """A body that ends before its Content-Length changes nothing (S38)."""
    raw = b'{"data":{"type":"thing","attributes":{"name":"a"}}}'
    seen = probe("POST", "/cma/things", raw, CONTENT_LENGTH=str(len(raw) + 1))
    assert seen.status == 400
    assert probe("GET", "/cma/things").json["meta"]["total_count"] == 0


@pytest.mark.parametrize("length", ["x", "-1", "1e3", "9" * 40, "²"])
def test_odd_length(probe: Probe, length: str) -> None:
    """A Content-Length that is no number is refused (S38)."""
    assert probe("POST", "/cma/things", thing("a"), CONTENT_LENGTH=length).status == 400


QUERIES = ["x=1", "page[size]=0", "page[size]=101", "page[size]=x", "page[size]=1&page[size]=2",
           "page[size]=%32%30%30", "page[after]=", "page[after]=%00", "page%5Bsize%5D=%ff",
           "page[size]=" + "1" * 400, "&".join(["page[size]=1"] * 51)]  # fmt: skip


@pytest.mark.parametrize("query", QUERIES)
def test_query(probe: Probe, query: str) -> None:
    """A parameter that the route does not name, or does not understand, answers 400 (S39)."""
    seen = probe("GET", f"/cma/things?{query}")
    assert (seen.status, seen.code) == (400, "INVALID_REQUEST")


@pytest.mark.parametrize("tag", ["3", '"x"', '""', '"1","2"', '"1", *', '"1" x'])
def test_odd_tag(probe: Probe, tag: str) -> None:
    """An If-Match that names no single version answers 400 (S22)."""
    assert probe("PATCH", "/cma/things/3", headers={"if-match": tag}).status == 400


@pytest.mark.parametrize(
    ("tag", "status"), [(None, 428), ("*", 428), ('"2"', 412), ('W/"3"', 412), ('"3"', 200)]
)
def test_if_match(probe: Probe, tag: str | None, status: int) -> None:
    """No version, or just any, answers 428, an old or weak one 412; the present one acts (S22)."""
    headers = {} if tag is None else {"if-match": tag}
    assert probe("PATCH", "/cma/things/3", headers=headers).status == status


def test_methods(probe: Probe) -> None:
    """Another method answers 405 with Allow, OPTIONS 204, HEAD as GET without a body (S34)."""
    refused = probe("PUT", "/cma/things")
    assert (refused.status, refused.code) == (405, "METHOD_NOT_ALLOWED")
    assert refused.headers["allow"] == "GET, HEAD, OPTIONS, POST"
    options = probe("OPTIONS", "/cma/things")
    assert (options.status, options.headers["allow"]) == (204, "GET, HEAD, OPTIONS, POST")
    head, get = probe("HEAD", "/cma/things"), probe("GET", "/cma/things")
    assert (head.status, head.raw) == (200, b"")
    assert head.headers["content-length"] == get.headers["content-length"]
    assert probe("TRACE", "/cma/things").status in {400, 405}


def test_unknown_address(probe: Probe) -> None:
    """An unknown address answers 404 in JSON; a slash at the end makes one, no redirect (S34)."""
    for path in ("/nope", "/cma/things/", "/access_tokens/"):
        seen = probe("GET", path)
        assert seen.status == 404
        assert seen.headers["content-type"] == "application/json"
        assert "location" not in seen.headers


def test_nothing_changed(probe: Probe, office: Office) -> None:
    """A refused body changes nothing and leaves one entry in the trail (R14, S38)."""
    probe("POST", "/cma/things", b"{", {"content-type": "application/json"})
    with office.database.reading() as tx:
        found = tx.execute(select(entries.c.operation, entries.c.outcome)).all()
    assert found == [("probe.make", "INVALID_JSON_BODY")]


class _Late(io.BytesIO):
    """A body that arrives after something else has happened."""

    def __init__(self, raw: bytes, meanwhile: Callable[[], object]) -> None:
        super().__init__(raw)
        self._meanwhile = meanwhile

    def read(self, size: int | None = -1) -> bytes:
        self._meanwhile()
        return super().read(size)


def test_a_late_body(database: Database, clock: StandingClock, entropy: Entropy) -> None:
    """Who is verified is so when the body is there: even a look comes too late then (I1)."""
    revoked: list[bool] = []

    def verify(caller: Caller, position: int, _address: str | None) -> tuple[Caller, int]:
        if revoked:
            raise Refused
        return caller, position

    probe = Probe(office_on(database, clock, entropy, verify=verify), session(USER))

    def late(raw: bytes) -> dict[str, Any]:
        return {
            "wsgi.input": _Late(raw, lambda: revoked.append(True)),
            "CONTENT_LENGTH": str(len(raw)),
        }

    assert probe("GET", "/cma/things").status == 200
    assert probe("GET", "/cma/things", **late(b"{}")).status == 401
    revoked.clear()
    narrowed = structs.replace(session(USER), grant=Grant(()))
    office = office_on(
        database,
        clock,
        entropy,
        verify=lambda caller, at, _from: (narrowed if revoked else caller, at),
    )
    seen = Probe(office, session(USER))("POST", "/cma/things", **late(b"{"))
    assert (seen.status, seen.code) == (403, "INSUFFICIENT_SCOPE")


def _nothing(_asked: object) -> Answer:
    return Answer(200, One(None))


FIT: dict[str, Any] = {
    "method": "POST",
    "path": "/a",
    "handle": _nothing,
    "operation": "probe.make",
    "summary": "Make",
    "gives": {200: One[None]},
    "section": "Things",
}
LOOKING: dict[str, Any] = {"method": "GET", "operation": "probe.look", "lasting": True}
ASKING: dict[str, Any] = {
    **LOOKING,
    "method": "POST",
    "path": "/b",
    "takes": ThingDocument,
    "example": {"data": {"type": "thing", "attributes": {"name": "a"}}},
}
UNFIT: list[tuple[str, dict[str, Any]]] = [
    ("operation", {"operation": "no.such"}),
    ("operation", {"operation": ""}),
    ("operation", {"also": ("no.such",)}),
    ("method", {"method": "TRACE"}),
    ("Idempotency-Key", {"open": True, "idempotent": True}),
    ("section", {"section": ""}),
    ("what it gives", {"gives": {}}),
    ("what it gives with 201", {"gives": {200: One[None], 201: None}}),
    ("what it gives with 204", {"gives": {204: One[None]}}),
    ("braces", {"path": "/a/{id}"}),
    ("may change by itself", {"lasting": True}),
    ("may change by itself", {**LOOKING, "open": True}),
    ("may change by itself", {**LOOKING, "everywhere": True}),
    ("may change by itself", {**LOOKING, "dialect": DATOCMS}),
    ("may change by itself", {**LOOKING, "also": ("probe.make",)}),
    ("may change by itself", {**LOOKING, "method": "POST"}),
    ("may change by itself", {**ASKING, "operation": "probe.make"}),
    ("example", {"takes": ThingDocument}),
    ("example", {"takes": ThingDocument, "example": {"data": {"type": "thing"}}}),
]


@pytest.mark.parametrize(("what", "changed"), UNFIT)
def test_unfit_route(office: Office, what: str, changed: dict[str, Any]) -> None:
    """A route that names no operation, or is silent in the reference, is not served (S17, G2)."""
    with pytest.raises(UnfitRouteError, match=what):
        Probe(office, None, routes=(Route(**{**FIT, **changed}),))
    fit = (Route(**FIT), Route(**{**FIT, **LOOKING}), Route(**{**FIT, **ASKING}))
    Probe(office, None, routes=fit)


def test_loose_struct(office: Office) -> None:
    """A door cannot take a struct that ignores unknown members, at any depth (S39)."""
    import msgspec  # noqa: PLC0415

    from counterfoil.jsonapi.body import Body  # noqa: PLC0415

    loose = msgspec.defstruct("Loose", [("a", int)])
    outer = msgspec.defstruct("Outer", [("inner", list[loose])], bases=(Body,), frozen=True)  # type: ignore[valid-type]
    with pytest.raises(UnfitRouteError, match="Loose"):
        Probe(office, None, routes=(Route(**FIT, takes=outer),))


def test_twice(office: Office) -> None:
    """One method at one address stands in the table once (S17)."""
    with pytest.raises(UnfitRouteError, match="twice"):
        Probe(office, None, routes=(Route(**FIT), Route(**FIT)))


def test_many_bodies_at_once_are_all_read() -> None:
    """A burst of more bodies than places is no stall: each waits for its turn and is read (R18)."""
    room = Room(4)

    def read(_: int) -> bytes:
        body = {"CONTENT_LENGTH": "4", "wsgi.input": Slow(b"body")}
        return read_body(body, room)

    with ThreadPoolExecutor(8) as burst:
        assert set(burst.map(read, range(40))) == {b"body"}


class Slow(io.BytesIO):
    """A body that takes a moment to come."""

    def read(self, size: int | None = -1) -> bytes:
        time.sleep(0.005)
        return super().read(size)
