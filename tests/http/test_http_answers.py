"""What goes out: statuses, headers and the ways of saying that something failed."""

from __future__ import annotations

import io
import json
from datetime import timedelta

import pytest
import structlog
from msgspec.structs import replace
from sqlalchemy import select

from counterfoil.access.caller import Caller, Method
from counterfoil.access.grant import Grant, Term
from counterfoil.access.scope import Scope, scopes
from counterfoil.audit.record import entries
from counterfoil.jsonapi.datocms import DATOCMS
from counterfoil.jsonapi.dialect import JSONAPI
from counterfoil.jsonapi.fault import EXCEPTION, STATUS, TITLE, fault
from counterfoil.jsonapi.oauth import OAUTH
from counterfoil.jsonapi.route import Answer, Asked
from counterfoil.kernel.clock import micros
from counterfoil.kernel.errors import Code, CounterfoilError, Denied, Invalid, NotFound, Refused
from counterfoil.kernel.ids import Prefix, spell
from counterfoil.office import Office
from counterfoil.runtime import logging
from support.doors import ROUTES, Probe, route, thing
from support.office import START, session

USER = 1_000_000_000_000_001
EVERYTHING = session(USER)
SECRET = "cfp_" + "a" * 49


def _probe(office: Office, caller: Caller | None = EVERYTHING) -> Probe:
    return Probe(office, caller)


def _recorded(office: Office) -> list[tuple[str, str]]:
    with office.database.reading() as tx:
        found = tx.execute(
            select(entries.c.operation, entries.c.outcome).order_by(entries.c.position)
        )
        return [(row.operation, row.outcome) for row in found]


def test_every_status_has_a_title() -> None:
    """No family and no code answers without a title."""
    assert {*STATUS.values(), *EXCEPTION.values()} <= set(TITLE)


def test_plain(office: Office) -> None:
    """An answer is JSON with its length, private to the caller, and names its request (D6)."""
    seen = _probe(office)("GET", "/cma/things")
    assert seen.headers["content-type"] == "application/json"
    assert seen.headers["cache-control"] == "max-age=0, private, must-revalidate"
    assert seen.headers["content-length"] == str(len(seen.raw))
    assert len(seen.headers["x-request-id"]) == 32
    assert seen.headers["vary"] == "Accept"


def test_shield(office: Office) -> None:
    """Every answer, of failure too, tells a browser to keep its hands off (S46)."""
    for path in ("/cma/things", "/nope", "//"):
        headers = _probe(office)("GET", "/", PATH_INFO=path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cross-origin-opener-policy"] == "same-origin"
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert "permissions-policy" in headers


def test_https_alone(office: Office) -> None:
    """Behind an https address answers, of failure too, keep browsers to https; else none (S46)."""
    for address, told in (("https://cms.example.com", "max-age=31536000"), ("http://x.test", None)):
        office.address = address
        for caller in (EVERYTHING, None):
            headers = _probe(office, caller)("GET", "/cma/things").headers
            assert headers.get("strict-transport-security") == told


def test_native_media_type(office: Office) -> None:
    """Whoever names JSON:API's media type gets it, in answers and in errors (D6)."""
    accept = {"accept": "application/vnd.api+json"}
    assert (
        _probe(office)("GET", "/cma/things", None, accept).headers["content-type"]
        == accept["accept"]
    )
    refused = _probe(office)("GET", "/cma/things?x=1", None, accept)
    assert refused.headers["content-type"] == accept["accept"]
    assert refused.code == "INVALID_REQUEST"


def test_problem(office: Office) -> None:
    """Whoever names problem+json gets RFC 9457, with the same code (G2)."""
    seen = _probe(office)("GET", "/cma/things?x=1", None, {"accept": "application/problem+json"})
    assert seen.headers["content-type"] == "application/problem+json"
    assert (seen.json["status"], seen.json["code"]) == (400, "INVALID_REQUEST")
    assert seen.json["type"].endswith("#INVALID_REQUEST")


def test_not_acceptable(office: Office) -> None:
    """Whoever takes no JSON at all gets 406 (S39)."""
    probe = _probe(office)
    assert (
        probe("GET", "/cma/things", None, {"accept": "text/html"}).code == "INVALID_ACCEPT_HEADER"
    )
    assert probe("GET", "/cma/things", None, {"accept": "application/json;q=0"}).status == 406
    for good in ("*/*", "text/html, */*;q=0.1", "application/*", ""):
        assert probe("GET", "/cma/things", None, {"accept": good}).status == 200


def test_secret_is_not_stored(office: Office) -> None:
    """An answer that carries a secret says no-store in both ways (S9, D6)."""
    headers = _probe(office)("POST", "/cma/things", thing("a")).headers
    assert headers["cache-control"] == "max-age=0, private, must-revalidate, no-store"
    assert headers["pragma"] == "no-cache"
    assert headers["counterfoil-position"] == "0"
    assert headers["location"].startswith("/cma/things/")


def test_every_write_says_its_position(office: Office) -> None:
    """A write answers where it stands in the feed, though its door forgot to say so (R1)."""
    probe = _probe(office)
    told = probe("PATCH", "/cma/things/3", headers={"if-match": '"3"'}).headers
    assert told["counterfoil-position"] == "0"
    assert "counterfoil-position" not in probe("GET", "/cma/things").headers


def test_the_line_of_a_request(office: Office) -> None:
    """A request's line says of each id what it is of, and no secret, be it the method (S10)."""
    written = io.StringIO()
    logging.configure("info", written)
    try:
        _probe(office)("GET", "/cma/things")
        _probe(office)(SECRET, "/cma/things")
        logging.configure("warning", written)
        _probe(office)("GET", "/cma/things")
    finally:
        structlog.reset_defaults()
        logging.requests.configure(None)
    good, odd = (json.loads(line) for line in written.getvalue().splitlines())
    assert set(good) <= logging.FIELDS
    assert good["event"] == "request"
    assert good["organization"] == spell(Prefix.ORGANIZATION, EVERYTHING.organization)
    assert good["token"] == spell(Prefix.TOKEN, EVERYTHING.token or 0)
    assert good["at"].endswith("Z")
    assert SECRET not in written.getvalue()
    assert odd["method"].startswith("cfp_")


def test_expiry_is_told(office: Office) -> None:
    """Every authenticated answer says when its credential dies (X17)."""
    caller = replace(EVERYTHING, expires_us=micros(START + timedelta(days=1)))
    headers = _probe(office, caller)("GET", "/cma/things").headers
    assert headers["counterfoil-token-expires-at"] == "2026-03-02T12:00:00Z"


def test_datocms_errors(office: Office) -> None:
    """DatoCMS's doors answer errors as its api_error list in JSON, with our code in it (D13)."""
    seen = _probe(office)("POST", "/access_tokens", {"data": 3}, {"accept": "application/json"})
    assert (seen.status, seen.headers["content-type"]) == (422, "application/json")
    (error,) = seen.json["data"]
    assert (error["type"], error["attributes"]["code"]) == ("api_error", "INVALID_FIELD")
    assert error["attributes"]["details"]["field"] == "/data"
    nobody = _probe(office, None)("POST", "/access_tokens", thing("a")).json["data"][0]
    assert nobody["attributes"]["code"] == "INVALID_AUTHORIZATION_HEADER"
    assert nobody["attributes"]["details"]["code"] == "MISSING_AUTHORIZATION_HEADER"


def test_api_version(office: Office) -> None:
    """An absent X-Api-Version is the newest, echoed; an unknown one gets the list (D13)."""
    probe = _probe(office)
    assert probe("POST", "/access_tokens", thing("a")).headers["x-api-version"] == "3"
    known = {"x-api-version": "3"}
    assert probe("POST", "/access_tokens", thing("b"), known).status == 201
    unknown = probe("POST", "/access_tokens", thing("c"), {"x-api-version": "2"})
    assert unknown.status == 400
    assert unknown.json["data"][0]["attributes"]["code"] == "INVALID_API_VERSION"
    assert unknown.json["data"][0]["attributes"]["details"]["supported"] == ["3"]


def test_nobody(office: Office) -> None:
    """Without a credential the answer is 401 and a challenge without an error code (S13)."""
    probe = _probe(office, None)
    seen = probe("GET", "/cma/things")
    assert (seen.status, seen.code) == (401, "MISSING_AUTHORIZATION_HEADER")
    assert seen.headers["www-authenticate"] == 'Bearer realm="counterfoil", scope="content:read"'
    assert probe.refused == [("192.0.2.7", 401)]


def test_denied(office: Office) -> None:
    """A denial names the lacking scope in body and challenge, and is on record once (S13)."""
    weak = session(USER, Term(scopes(Scope.CONTENT_READ)))
    seen = _probe(office, weak)("POST", "/cma/things", thing("a"))
    assert (seen.status, seen.code) == (403, "INSUFFICIENT_SCOPE")
    challenge = seen.headers["www-authenticate"]
    assert 'error="insufficient_scope"' in challenge
    assert 'scope="content:write"' in challenge
    assert _recorded(office) == [("probe.make", "INSUFFICIENT_SCOPE")]


def test_kind(office: Office) -> None:
    """A kind of credential that is not named is refused before its body is read (S17)."""
    caller = Caller(EVERYTHING.organization, None, Method.SYSTEM, Grant((Term(-1),)))
    seen = _probe(office, caller)("POST", "/cma/things", b"{")
    assert (seen.status, seen.code) == (403, "CREDENTIAL_KIND_NOT_ADMITTED")


CASES: list[tuple[str, object, dict[str, str], int]] = [
    ("POST /cma/things", thing("a"), {}, 201),
    ("POST /cma/things", thing("taken"), {}, 409),
    ("POST /cma/things", {"data": {}}, {}, 422),
    ("POST /cma/things", b"{", {}, 400),
    ("POST /cma/things?x=1", thing("a"), {}, 400),
    ("POST /cma/things", thing("a"), {"content-type": "text/plain"}, 415),
    ("POST /cma/things", thing("a"), {"accept": "text/html"}, 406),
    ("PATCH /cma/things/3", None, {"if-match": '"2"'}, 412),
    ("PATCH /cma/things/3", None, {}, 428),
    ("PATCH /cma/things/3", None, {"if-match": '"3"'}, 200),
]


@pytest.mark.parametrize(("line", "body", "headers", "status"), CASES)
def test_one_entry(
    office: Office, line: str, body: object, headers: dict[str, str], status: int
) -> None:
    """Each mutating request, however it ends, leaves exactly one entry in the trail (R14)."""
    probe = _probe(office)
    probe("POST", "/cma/things", thing("taken"))
    before = len(_recorded(office))
    method, path = line.split()
    assert probe(method, path, body, headers).status == status
    assert len(_recorded(office)) == before + 1


def test_broken(office: Office) -> None:
    """What breaks answers 500 in JSON, and its log line holds neither values nor secrets (S10)."""
    written = io.StringIO()
    logging.configure("info", written)
    try:
        seen = _probe(office)("GET", "/cma/broken")
        logging.requests.flush()
    finally:
        structlog.reset_defaults()
    assert (seen.status, seen.code) == (500, "INTERNAL_ERROR")
    lines = [json.loads(line) for line in written.getvalue().splitlines()]
    assert "doors.py" in lines[0]["exception"]
    assert lines[0]["error"] == "ValueError"
    assert "cfp_" not in written.getvalue()
    assert lines[1]["status"] == 500
    assert lines[1]["route"] == "GET /cma/broken"


def test_lost_books(office: Office) -> None:
    """When the database is gone, writes answer 503 and never a success (R10, S14)."""
    probe = _probe(office)
    with office.database.transaction() as tx:
        tx.exec_driver_sql("ALTER TABLE audit_entry RENAME TO gone")
    seen = probe("POST", "/cma/things", thing("a"))
    assert (seen.status, seen.code) == (503, "NOT_READY")
    assert seen.headers["retry-after"] == "1"
    seen = probe("POST", "/cma/things", b"{")
    assert seen.status == 503


def test_details_hold_no_secret() -> None:
    """A token that somebody put where none belongs is not repeated in the error (S9)."""
    error = Invalid(Code.INVALID_FIELD, f"no {SECRET}", field=f"/{SECRET}",
                    meta={"given": [SECRET, {"a": SECRET}]})  # fmt: skip
    for dialect in (JSONAPI, DATOCMS, OAUTH):
        for accept in ("", "application/problem+json"):
            said = dialect.say(fault(error, "r", accept))
            assert SECRET not in json.dumps(said.body)


@pytest.mark.parametrize("error", [Refused(Code.INVALID_TOKEN), Denied(), NotFound()])
def test_oauth_errors(error: CounterfoilError) -> None:
    """The OAuth doors say an RFC 6749 error, with our code beside it (S14)."""
    said = OAUTH.say(fault(error, "r"))
    assert said.body["error"] in {"invalid_client", "insufficient_scope", "invalid_request"}


def test_forged_environment(office: Office) -> None:
    """Nothing that a client or the server put under our keys reaches a door (S51)."""
    probe = _probe(office, None)
    seen = probe("GET", "/cma/things", None, None, **{"counterfoil.caller": EVERYTHING})
    assert seen.status == 401


def test_open_route(office: Office) -> None:
    """An open door sees nobody where nobody said who they are (S17)."""

    def door(asked: Asked) -> Answer:
        assert asked.anyone is None
        return Answer(200, b"<p>", {"Content-Type": "text/html", "Set-Cookie": "a=b"})

    opened = route("GET", "/open", door, "", "Open", open=True, dialect=OAUTH, media="text/html",
                   gives={200: str})  # fmt: skip
    seen = Probe(office, None, routes=(*ROUTES, opened))("GET", "/open")
    assert (seen.raw, seen.headers["content-type"]) == (b"<p>", "text/html")
    assert (seen.headers["cache-control"], seen.headers["set-cookie"]) == ("no-store", "a=b")


def test_open_route_that_needs_somebody(office: Office) -> None:
    """An open door that asks for its caller answers 401 where nobody said who they are (S17)."""

    def door(asked: Asked) -> Answer:
        with asked.read():
            return Answer(200)

    opened = route("GET", "/open", door, "", "Open", open=True,
                   fails=(Code.MISSING_AUTHORIZATION_HEADER,))  # fmt: skip
    seen = Probe(office, None, routes=(*ROUTES, opened))("GET", "/open")
    assert (seen.status, seen.code) == (401, "MISSING_AUTHORIZATION_HEADER")


def test_request_ids_are_ours(office: Office) -> None:
    """A client cannot choose the id under which its request stands in the trail (S42)."""
    probe = _probe(office)
    ids = {
        probe("GET", "/cma/things", None, {"x-request-id": "mine"}).headers["x-request-id"]
        for _ in range(3)
    }
    assert len(ids) == 3
    assert "mine" not in ids
