"""Requests: bound to their origin, asked again where that is safe, and no further."""

from __future__ import annotations

from email.utils import format_datetime
from typing import Protocol

import pytest

from counterfoil.client import Client, Pair, Session, SessionTokens, errors
from counterfoil.client.credential import Bearer
from counterfoil.client.patience import USUAL
from infra.wait import free_port
from support.clients import AnyWire, Dial
from support.fake_server import Heard, Says, StandIn
from support.office import START, StandingClock

TOKEN = "cfp_" + "a" * 49
OK = Says(200, {"data": []})


class WireTo(Protocol):
    def __call__(self, url: str, naps: list[float] | None = None) -> AnyWire: ...


@pytest.fixture
def wire_to(dial: Dial) -> WireTo:
    """Return what connects to a server with our token, and does not really sleep."""

    def connect(url: str, naps: list[float] | None = None) -> AnyWire:
        return dial.wire(url, Bearer(TOKEN), sleep=(naps if naps is not None else []).append)

    return connect


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_no_redirect_is_followed(
    wire_to: WireTo, server: StandIn, other: StandIn, status: int, method: str
) -> None:
    """A redirect, to another origin or to our own, is an error: no token travels by it (S16)."""
    other.script(OK)
    for home in (other.url, server.url):
        server.script(Says(status, {}, {"location": f"{home}/cma/token"}))
        server.heard.clear()
        with pytest.raises(errors.Unexpected, match="redirect"):
            wire_to(server.url).ask(method, "/cma/token")
        assert len(server.heard) == 1
    assert other.heard == []


def test_the_token_goes_to_the_bound_server_as_a_bearer(wire_to: WireTo, server: StandIn) -> None:
    """A request carries the token in the one header, and never in its address (S16, X12)."""
    server.script(OK)
    wire_to(server.url).ask("GET", "/cma/token", query={"filter[state]": "active"})
    heard = server.heard[0]
    assert heard.headers["authorization"] == f"Bearer {TOKEN}"
    assert TOKEN not in heard.target


def test_what_carries_a_token_does_not_print_it() -> None:
    """Neither the credential nor the client shows the token when printed (A19, S16)."""
    refresh = "cfr_" + "b" * 49
    session = Session(SessionTokens(TOKEN, refresh, 0))
    client = Client("http://127.0.0.1:1", Bearer(TOKEN))
    printed = repr([client, vars(client), Bearer(TOKEN), Pair("id", "cfk_" + "c" * 49), session])
    printed += repr(SessionTokens(TOKEN, refresh, 0))
    assert "aaaaa" not in printed
    assert "bbbbb" not in printed
    assert "ccccc" not in printed
    client.close()


@pytest.mark.parametrize(
    "url",
    [
        "ftp://cms.example.com",
        "cms.example.com",
        "https://",
        "https://me:secret@cms.example.com",
        "https://cms.example.com/?token=x",
        "https://cms.example.com/#x",
        "http://[",
    ],
)
def test_a_base_url_is_an_origin_and_a_path(dial: Dial, url: str) -> None:
    """What is no plain http(s) address is refused before anything is sent (S16)."""
    with pytest.raises(errors.Unexpected) as refused:
        dial.wire(url)
    assert "me:secret" not in str(refused.value)


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_safe_call_is_asked_again(wire_to: WireTo, server: StandIn, status: int) -> None:
    """A read that met a limit or a broken gateway is asked again, and then answered (R9)."""
    server.script(Says(status, {}), Says(status, {}), OK)
    naps: list[float] = []
    assert wire_to(server.url, naps).ask("GET", "/cma/token").status == 200
    assert len(server.heard) == 3
    assert naps == [0.5, 1.0]


def test_retrying_ends(wire_to: WireTo, server: StandIn) -> None:
    """A server that stays busy is left alone after a few attempts (D12)."""
    server.script(Says(429, {"errors": [{"code": "RATE_LIMIT_EXCEEDED"}]}, {"retry-after": "1"}))
    naps: list[float] = []
    with pytest.raises(errors.Limited) as limited:
        wire_to(server.url, naps).ask("GET", "/cma/token")
    assert len(server.heard) == USUAL.attempts
    assert naps == [1.0] * (USUAL.attempts - 1)
    assert limited.value.wait == 1.0


@pytest.mark.parametrize(
    ("headers", "pause"),
    [
        ({"retry-after": "7"}, 7.0),
        ({"x-ratelimit-reset": "3"}, 3.0),
        ({"ratelimit": '"token";r=0;t=4', "x-ratelimit-reset": "3"}, 4.0),
        ({"retry-after": "7", "ratelimit": '"token";r=0;t=4'}, 7.0),
        ({"ratelimit": '"token";r=0'}, 0.5),
        ({"retry-after": "7", "x-ratelimit-reset": "3"}, 7.0),
        ({"retry-after": format_datetime(START.replace(minute=1), usegmt=True)}, 60.0),
        ({"retry-after": format_datetime(START.replace(hour=1), usegmt=True)}, 0.0),
        ({"retry-after": "soon"}, 0.5),
        ({}, 0.5),
    ],
)
def test_the_wait_is_what_the_server_says(
    dial: Dial, server: StandIn, clock: StandingClock, headers: dict[str, str], pause: float
) -> None:
    """`Retry-After`, in seconds or as a date, goes before `X-RateLimit-Reset` in seconds (D12)."""
    server.script(Says(429, {}, headers), OK)
    naps: list[float] = []
    dial.wire(server.url, sleep=naps.append, clock=clock).ask("GET", "/cma/token")
    assert naps == [pause]


def test_nobody_waits_for_long(wire_to: WireTo, server: StandIn) -> None:
    """A wait of more than a minute is the caller's to decide: the error says how long (D12)."""
    server.script(Says(429, {}, {"retry-after": "3600"}))
    naps: list[float] = []
    with pytest.raises(errors.Limited) as limited:
        wire_to(server.url, naps).ask("GET", "/cma/token")
    assert (naps, limited.value.wait) == ([], 3600.0)


def test_a_call_that_is_not_safe_is_made_once(wire_to: WireTo, server: StandIn) -> None:
    """A plain POST or PATCH is never repeated, whatever comes back (R9)."""
    server.script(Says(503, {}), OK)
    for method in ("POST", "PATCH"):
        server.heard.clear()
        server.script(Says(503, {}), OK)
        with pytest.raises(errors.Broken):
            wire_to(server.url).ask(method, "/cma/x", body={})
        assert len(server.heard) == 1


@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_what_met_a_limit_is_asked_again(wire_to: WireTo, server: StandIn, method: str) -> None:
    """A limit refuses before anything is done, so any call is made again after its time (D12)."""
    server.script(Says(429, {}, {"retry-after": "2"}), OK)
    naps: list[float] = []
    assert wire_to(server.url, naps).ask(method, "/cma/x", body={}).status == 200
    assert naps == [2.0]


def test_a_create_is_repeated_under_one_key(wire_to: WireTo, server: StandIn) -> None:
    """A create that broke off is asked again under the same Idempotency-Key (R9)."""
    server.script(Says(0), Says(503, {}), Says(201, {"data": {}}))
    assert wire_to(server.url).create("/cma/x", {"data": {}}).status == 201
    keys = {heard.headers["idempotency-key"] for heard in server.heard}
    assert len(server.heard) == 3
    assert len(keys) == 1
    assert 16 <= len(keys.pop()) <= 255


def test_two_creates_have_two_keys(wire_to: WireTo, server: StandIn) -> None:
    """Asking for two things is not asking for one thing twice (R9)."""
    server.script(Says(201, {"data": {}}))
    wire = wire_to(server.url)
    wire.create("/cma/x", {})
    wire.create("/cma/x", {})
    assert len({heard.headers["idempotency-key"] for heard in server.heard}) == 2


def test_nobody_there(wire_to: WireTo, server: StandIn) -> None:
    """A server that does not listen, or hangs up, is unreachable: an error of its own (A19)."""
    with pytest.raises(errors.Unreachable, match="cannot be reached"):
        wire_to(f"http://127.0.0.1:{free_port()}").ask("POST", "/cma/x")
    server.script(Says(0))
    with pytest.raises(errors.Unreachable):
        wire_to(server.url).ask("POST", "/cma/x")
    assert len(server.heard) == 1


@pytest.mark.parametrize(
    ("status", "body", "kind", "code"),
    [
        (401, {"errors": [{"code": "TOKEN_PENDING_APPROVAL"}]}, errors.TokenPending, None),
        (401, {"errors": [{"code": "TOKEN_DISABLED"}]}, errors.TokenDisabled, None),
        (401, {"errors": [{"code": "TOKEN_EXPIRED"}]}, errors.TokenExpired, None),
        (401, {"errors": [{"code": "OWNER_DEACTIVATED"}]}, errors.OwnerGone, None),
        (401, {"errors": [{"code": "INVALID_TOKEN"}]}, errors.Refused, None),
        (403, {"errors": [{"code": "OUTSIDE_ROOT_NODES"}]}, errors.OutsideRoots, None),
        (403, {"errors": [{"code": "INSUFFICIENT_SCOPE"}]}, errors.ScopeMissing, None),
        (403, {"errors": [{"code": "A_NEW_ONE"}]}, errors.Denied, "A_NEW_ONE"),
        (404, {"errors": [{"code": "NOT_FOUND"}]}, errors.NotFound, None),
        (409, {"errors": [{"code": "TOKEN_QUOTA_EXCEEDED"}]}, errors.QuotaExceeded, None),
        (412, {"errors": [{"code": "STALE_VERSION"}]}, errors.Stale, None),
        (428, {"code": "PRECONDITION_REQUIRED"}, errors.Stale, None),
        (422, {"errors": [{"code": "INVALID_FIELD"}]}, errors.Invalid, None),
        (
            422,
            {"data": [{"id": "1", "type": "api_error", "attributes": {"code": "INVALID_FIELD"}}]},
            errors.Invalid,
            "INVALID_FIELD",
        ),
        (400, {"error": "invalid_request", "error_description": "no"}, errors.Invalid, None),
        (500, b"<html>nginx</html>", errors.Broken, "HTTP_500"),
        (403, b"\xff\xfe", errors.Denied, "HTTP_403"),
        (418, [], errors.Invalid, "HTTP_418"),
        (401, {"errors": ["odd"]}, errors.Refused, "HTTP_401"),
    ],
)
def test_errors_are_classes(  # noqa: PLR0917 - two fixtures and one row of the table
    wire_to: WireTo,
    server: StandIn,
    status: int,
    body: object,
    kind: type[errors.ApiError],
    code: str | None,
) -> None:
    """Each code has its class, an unknown code the class of its status, in every dialect (A19)."""
    server.script(Says(status, body, {"retry-after": "9999"}))
    with pytest.raises(errors.ApiError) as caught:
        wire_to(server.url).ask("GET", "/cma/token")
    assert type(caught.value) is kind
    assert caught.value.status == status
    assert code is None or caught.value.code == code


def test_an_error_keeps_all_its_parts(wire_to: WireTo, server: StandIn) -> None:
    """An error carries field, request id and figures, and no secret that was in it (A19)."""
    server.script(
        Says(
            422,
            {
                "errors": [
                    {
                        "id": "r-1",
                        "code": "INVALID_FIELD",
                        "detail": f"what is {TOKEN}",
                        "source": {"pointer": "/data/attributes/name"},
                        "meta": {"limit": 5},
                    }
                ]
            },
        )
    )
    with pytest.raises(errors.Invalid) as caught:
        wire_to(server.url).ask("GET", "/cma/token")
    error = caught.value
    assert (error.field, error.request_id, error.meta) == (
        "/data/attributes/name",
        "r-1",
        {"limit": 5},
    )
    assert error.detail == "what is cfp_…aaaa"


@pytest.mark.parametrize("body", [b"<html>", b"", b"[1]", b"\xff", b"[" * 100_000])
def test_what_is_no_api_is_named(wire_to: WireTo, server: StandIn, body: bytes) -> None:
    """An answer that is no JSON object is an error that says so, not a crash (A19)."""
    server.script(Says(200, body))
    answer = wire_to(server.url).ask("GET", "/cma/token")
    if body:
        with pytest.raises(errors.Unexpected, match="Counterfoil server"):
            _ = answer.data
    else:
        assert answer.data is None


def test_the_organization_is_named(dial: Dial, server: StandIn) -> None:
    """A client for one organization of several says which in each request (K13)."""
    server.says = lambda heard: Says(200, {"data": heard.headers.get("counterfoil-organization")})
    wire = dial.wire(server.url, organization="1000000000000001")
    assert wire.ask("GET", "/cma/token").data == "1000000000000001"


def test_a_base_url_may_have_a_path(wire_to: WireTo, server: StandIn) -> None:
    """A server below a path is reached there (D14)."""
    targets: list[str] = []

    def says(heard: Heard) -> Says:
        targets.append(heard.target)
        return OK

    server.says = says
    wire_to(f"{server.url}/below/").ask("GET", "/cma/token")
    assert targets == ["/below/cma/token"]
