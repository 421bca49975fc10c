"""Who is told a gateway's numbers: who presents their secret, which opens nothing else (S54)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from counterfoil.feed.page import PURPOSE
from counterfoil.gateway.admission import Admission
from counterfoil.gateway.books import Books
from counterfoil.gateway.credential import Credential
from counterfoil.gateway.doors import Gateway
from counterfoil.gateway.kept import Kept
from counterfoil.gateway.meters import Meters
from counterfoil.gateway.serve import Plan, admission
from counterfoil.gateway.unservable import UnservableError
from counterfoil.kernel.entropy import system_entropy
from counterfoil.runtime.signing import Signer
from counterfoil.secret import Kind, Secret
from infra.server import begun, gateway
from infra.wait import free_port, listens, wait_until
from support.decisions import trail_in
from support.doorway import House
from support.shop import READ, SHOP, holder

PROXY, SCRAPER = "p" * 40, "scraped-every-fifteen-seconds-by-us"
DOORS = (
    f"/authz/nginx/api_{SHOP}",
    f"/authz/forward/api_{SHOP}",
    f"/authz/envoy/api_{SHOP}/health",
)
ORIGINAL = {
    "x_original_method": "GET",
    "x_original_uri": "/health",
    "x_forwarded_method": "GET",
    "x_forwarded_uri": "/health",
}
SHOWN = {"authorization": f"Bearer {SCRAPER}"}

Asking = Callable[[Admission], House]


@pytest.fixture
def asking(house: House) -> Iterator[Asking]:
    """A gateway of the shop that lets in whom it is told to."""
    books = Books(house.replica, house.clock, house.home / "follower.lock")
    counts = Meters(house.home / "meters")

    def let_in(by: Admission) -> House:
        kept = Kept(counts, trail_in(house.home))
        house.gateway = Gateway(books, kept, lambda: "7" * 32, admission=by)
        return house

    yield let_in
    books.pace.close()
    counts.close()


@pytest.mark.parametrize("proxy", ["", PROXY])
def test_numbers_are_told_by_their_own_secret(asking: Asking, proxy: str) -> None:
    """Who presents it as a bearer is told the numbers, whether proxies present one or not."""
    told = asking(Admission(proxy, SCRAPER)).ask("/metrics", **SHOWN)
    assert told.status == "200 OK"
    names = {one.name for one in text_string_to_metric_families(told.body.decode())}
    assert "counterfoil_gate_ready" in names


@pytest.mark.parametrize("proxy", ["", PROXY])
@pytest.mark.parametrize(
    ("said", "code"),
    [
        (None, "MISSING_AUTHORIZATION_HEADER"),
        ("", "MISSING_AUTHORIZATION_HEADER"),
        ("Bearer ", "INVALID_TOKEN"),
        (f"Bearer {SCRAPER[:-1]}", "INVALID_TOKEN"),
        (f"Bearer {SCRAPER}x", "INVALID_TOKEN"),
        (f"Bearer {SCRAPER},Bearer {SCRAPER}", "INVALID_TOKEN"),
        (f"Basic {SCRAPER}", "INVALID_TOKEN"),
        (SCRAPER, "INVALID_TOKEN"),
        (f"Bearer {PROXY}", "INVALID_TOKEN"),
        ("Bearer \u00e9\u20ac", "INVALID_TOKEN"),
    ],
)
def test_nothing_else_opens_them(asking: Asking, proxy: str, said: str | None, code: str) -> None:
    """Missing, cut short, longer, twice, in another scheme, or the proxies' own: 401, no number."""
    house = asking(Admission(proxy, SCRAPER))
    told = house.ask("/metrics", **({} if said is None else {"authorization": said}))
    assert (told.status, told.code) == ("401 Unauthorized", code)
    assert told.headers["WWW-Authenticate"].startswith("Bearer ")
    assert b"counterfoil_" not in told.body


def test_a_token_opens_no_numbers(asking: Asking) -> None:
    """The numbers are of all organizations, so nobody's token is told them."""
    house = asking(Admission("", SCRAPER))
    token = holder(house.replica, READ)
    assert house.ask("/metrics", authorization=f"Bearer {token}").status == "401 Unauthorized"


def test_who_is_a_proxy_is_told_them_too(asking: Asking) -> None:
    """A gate's own secret opens its numbers as before, and a wrong one does not."""
    house = asking(Admission(PROXY, SCRAPER))
    assert house.ask("/metrics", counterfoil_gate_secret=PROXY).status == "200 OK"
    for wrong in ("", PROXY[:-1], SCRAPER):
        told = house.ask("/metrics", counterfoil_gate_secret=wrong, **SHOWN)
        assert told.status == "403 Forbidden"


def test_the_secret_of_numbers_opens_no_door(asking: Asking) -> None:
    """Presented as either of both, it lets nobody pass for a proxy or ask a question."""
    house = asking(Admission(PROXY, SCRAPER))
    for given in (SHOWN, {"counterfoil_gate_secret": SCRAPER}):
        for path in (*DOORS, "/authz/other", "/nothing"):
            assert house.ask(path, **{**ORIGINAL, **given}).status == "403 Forbidden"
        for path in ("/authz/decision", "/authz/explain"):
            assert house.ask(path, "POST", b"[]", **given).status == "403 Forbidden"
    passed = house.ask(DOORS[0], **ORIGINAL, counterfoil_gate_secret=PROXY)
    assert passed.status == "200 OK"


def test_without_one_they_are_asked_for_as_all_else_is(asking: Asking) -> None:
    """A gate that has no secret for its numbers tells them to whoever may ask it anything."""
    assert asking(Admission()).ask("/metrics").status == "200 OK"
    house = asking(Admission(PROXY))
    assert house.ask("/metrics", **SHOWN).status == "403 Forbidden"
    assert house.ask("/metrics", counterfoil_gate_secret=PROXY).status == "200 OK"


def _secret(file: Path, text: str, mode: int = 0o600) -> str:
    file.write_text(f"{text}\n")
    file.chmod(mode)
    return str(file)


@pytest.mark.parametrize(
    ("text", "mode", "why"),
    [("short", 0o600, "at least 32"), (SCRAPER, 0o644, "chmod 600"), (PROXY, 0o600, "another")],
)
def test_a_poor_secret_is_refused(tmp_path: Path, text: str, mode: int, why: str) -> None:
    """A gate begins with none that is short, that others may read, or that the proxies have."""
    plan = Plan(
        str(tmp_path),
        secret_file=_secret(tmp_path / "gate.secret", PROXY),
        metrics_secret_file=_secret(tmp_path / "metrics.secret", text, mode),
    )
    with pytest.raises(UnservableError, match=why):
        admission(plan)


def _asked(port: int, path: str, headers: dict[str, str]) -> HTTPResponse:
    line = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        line.request("GET", path, headers=headers)
        answer = line.getresponse()
        answer.read()
        return answer
    finally:
        line.close()


def _require_told(port: int) -> None:
    bearer = {"Authorization": f"Bearer {SCRAPER}"}
    assert _asked(port, "/metrics", bearer).status == 200
    assert _asked(port, "/metrics", {"Authorization": "Bearer no"}).status == 401
    assert _asked(port, "/metrics", {}).status == 401


@pytest.mark.parametrize("is_said", [True, False])
def test_a_gate_is_told_its_secret(house: House, tmp_path: Path, *, is_said: bool) -> None:
    """By `--metrics-secret-file`, or by COUNTERFOIL_METRICS_SECRET_FILE as at the office."""
    file = _secret(tmp_path / "metrics.secret", SCRAPER)
    options = (f"--metrics-secret-file={file}",) if is_said else ()
    env = {} if is_said else {"COUNTERFOIL_METRICS_SECRET_FILE": file}
    with gateway(house.home, *options, env=env) as gate:
        _require_told(gate.port)


def test_so_is_a_gate_of_another_host(tmp_path: Path) -> None:
    """It tells its numbers before it has heard of its office, which is when they are wanted."""
    credential, port = tmp_path / "eu-1.gate", free_port()
    key = Signer(PURPOSE, bytes(32)).public
    Credential(Secret.mint(Kind.GATE, system_entropy), key).write(credential)
    far = ("--office", f"http://127.0.0.1:{free_port()}", "--credential", str(credential))
    own = ("--metrics-secret-file", _secret(tmp_path / "metrics.secret", SCRAPER))
    with begun(tmp_path / "far", "gate", "--listen", f"127.0.0.1:{port}", *far, *own):
        wait_until(lambda: listens(port), "the gate to listen")
        _require_told(port)
