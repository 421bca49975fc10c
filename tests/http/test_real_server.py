"""The traps of the server, on the real one: what its adapter makes of things reaches no door."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import pytest

from infra.server import Server
from infra.wait import free_port, wait_until
from support.installation import Installed
from support.raw_http import Heard, ask, hear, say

_next = count()


@pytest.fixture
def token(installed: Installed) -> str:
    """A good token that no other test uses."""
    return installed.tokens[next(_next) % len(installed.tokens)]


def _bearer(token: str) -> str:
    return f"Authorization: Bearer {token}"


def _me(server: Server, *headers: str) -> Heard:
    return ask(server.port, "GET", "/cma/token", *headers)


def test_good_token(server: Server, token: str) -> None:
    """A good token is let in, whatever the case of the scheme (K9)."""
    for scheme in ("Bearer", "bearer", "BEARER"):
        assert _me(server, f"Authorization: {scheme} {token}").status == 200


@pytest.mark.parametrize("second", ["Bearer cfp_other", "", "Basic abc", "B\xe9"])
def test_two_authorization_headers(server: Server, token: str, second: str) -> None:
    """A second Authorization header, even an empty one, makes the request ambiguous: 400 (S11)."""
    seen = _me(server, _bearer(token), f"Authorization: {second}")
    assert seen.status == 400
    assert seen.json["errors"][0]["code"] == "INVALID_REQUEST"
    assert _me(server, f"Authorization: {second}", _bearer(token)).status == 400


@pytest.mark.parametrize("last", [0, 1])
def test_underscore_header(server: Server, installed: Installed, token: str, last: int) -> None:
    """What a client adds to what the proxy says puts no other address on record (S42, S51)."""
    said = "Clientaddress: 198.51.100.3"
    forged = ["X_Forwarded_For: 203.0.113.9", "X-Forwarded-For: 203.0.113.9", "X_Request_Id: mine",
              "Client_Address: 203.0.113.9", "Client-Address: 203.0.113.9"]  # fmt: skip
    headers = [*forged, said] if last else [said, *forged]
    body = _folder(f"from-elsewhere-{last}", installed.root)
    made = _create(server, token, f"Content-Length: {len(body)}", *headers, raw=body)
    assert made.status == 201, made.body
    assert made.header("x-request-id") != "mine"
    trail = ask(server.port, "GET", "/cma/audit_events?page[size]=100", _bearer(token)).json["data"]
    (entry,) = (one["attributes"] for one in trail if made.json["data"]["id"] in str(one))
    assert entry["address"] == "198.51.100.3"


def test_underscore_organization(server: Server, token: str) -> None:
    """Naming another organization, however it is spelled, only ever takes away (S25, S51)."""
    for header in ("Counterfoil-Organization", "Counterfoil_Organization"):
        assert _me(server, _bearer(token), f"{header}: 1234567890123456").status == 403


def test_environment_does_not_leak(server: Server, installed: Installed) -> None:
    """A worker keeps nothing in its environment that the server would copy into requests (S9)."""
    code = (
        "import os; from counterfoil.app.worker import worker; worker();"
        "print(sorted(k for k in os.environ if k.startswith(('HTTP_', 'COUNTERFOIL_'))))"
    )
    env = {**os.environ, **installed.settings.as_environment(), "HTTP_PROXY": "x"}
    seen = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, check=True)
    assert seen.stdout.strip() == b"[]"
    log = server.log.read_text()
    assert "proxy.test" not in log
    assert "a-secret-of-the-operator" not in log


def test_environment_is_no_header(server: Server, installed: Installed, token: str) -> None:
    """A variable named like a header of the server's process is no header of a request (S11).

    The server of these tests has a good token in `HTTP_AUTHORIZATION`.
    """
    assert _me(server).status == 401
    assert _me(server, _bearer(installed.tokens[-1])).status == 200
    assert _me(server, _bearer(token)).status == 200


def test_missing_and_double_host(server: Server) -> None:
    """A request names one host; none and two are refused (S51)."""
    assert say(server.port, b"GET /livez HTTP/1.1\r\nConnection: close\r\n\r\n").status == 400
    seen = ask(server.port, "GET", "/livez", "Host: evil.test")
    assert seen.status == 400


@pytest.mark.parametrize(
    "path",
    ["//cma/token", "/cma//token", "/cma/../cma/token", "/cma/./token", "/cma%2F%2Ftoken",
     "/cma/%2e%2e/cma/token", "/cma/token%00", "/cma/token;a=b", "/cma%5Ctoken", "/%252e%252e/a"],
)  # fmt: skip
def test_paths(server: Server, token: str, path: str) -> None:
    """A path that two readers could take for two is refused, also with a good token (S34)."""
    assert ask(server.port, "GET", path, _bearer(token)).status == 400


def test_an_encoded_slash_is_the_proxys_to_refuse(server: Server, token: str) -> None:
    """A `%2F` is a slash here, which we cannot see, and gets no more than the slash does (S34)."""
    for path in ("/cma%2Ftoken", "/cma%2ftoken"):
        assert ask(server.port, "GET", path).status == 401
        assert ask(server.port, "GET", path, _bearer(token)).status == 200
        assert ask(server.port, "GET", path, _bearer("cfp_" + "x" * 49)).status == 401


def test_trailing_slash(server: Server, token: str) -> None:
    """A trailing slash is another address, which there is not; nothing is ever redirected (S34)."""
    seen = ask(server.port, "GET", "/cma/token/", _bearer(token))
    assert (seen.status, seen.header("location")) == (404, None)


def test_lengths(server: Server, token: str) -> None:
    """Every answer carries its length, so that a kept-alive line stays in step (S13)."""
    raw = f"GET /cma/token HTTP/1.1\r\nHost: localhost\r\n{_bearer('cfp_bad')}\r\n\r\n".encode()
    good = f"GET /cma/token HTTP/1.1\r\nHost: localhost\r\n{_bearer(token)}\r\n\r\n".encode()
    head = raw.replace(b"GET", b"HEAD", 1)
    with socket.create_connection(("127.0.0.1", server.port), 10) as line:
        statuses = []
        for request in (raw, good, head, good):
            line.sendall(request)
            seen = hear(line, bodiless=request is head)
            assert seen.header("content-length") is not None
            statuses.append(seen.status)
    assert statuses == [401, 200, 401, 200]


def _folder(name: str, parent: int) -> bytes:
    relationships = {"parent": {"data": {"type": "node", "id": str(parent)}}}
    attributes = {"kind": "folder", "slug": name}
    return json.dumps(
        {"data": {"type": "node", "attributes": attributes, "relationships": relationships}}
    ).encode()


def _create(server: Server, token: str, *headers: str, raw: bytes) -> Heard:
    lines = ["POST /cma/nodes HTTP/1.1", "Host: localhost", "Connection: close", _bearer(token),
             "Content-Type: application/json", *headers, "", ""]  # fmt: skip
    return say(server.port, "\r\n".join(lines).encode() + raw)


def test_chunked_body(server: Server, installed: Installed, token: str) -> None:
    """A chunked body is read whole and strictly, and one that is too large is refused (S38)."""
    body = _folder("chunked", installed.root)
    chunks = b"%x\r\n%s\r\n%x\r\n%s\r\n0\r\n\r\n" % (10, body[:10], len(body) - 10, body[10:])
    made = _create(server, token, "Transfer-Encoding: chunked", raw=chunks)
    assert made.status == 201, made.body
    piece = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    large = _create(server, token, "Transfer-Encoding: chunked", raw=piece * 5 + b"0\r\n\r\n")
    assert large.status == 413


def test_two_lengths(server: Server, token: str) -> None:
    """A body with a length and chunks is refused by somebody before any door (S51)."""
    seen = _create(server, token, "Transfer-Encoding: chunked", "Content-Length: 5",
                   raw=b"0\r\n\r\nX")  # fmt: skip
    assert seen.status == 400


def test_too_large(server: Server, token: str) -> None:
    """A body that says it is too large is refused without being read (S38)."""
    assert _create(server, token, "Content-Length: 999999999", raw=b"").status == 413


def test_aborted_body(server: Server, installed: Installed, token: str) -> None:
    """A body that breaks off changes nothing and is no success (S38)."""
    body = _folder("aborted", installed.root)
    with socket.create_connection(("127.0.0.1", server.port), 10) as line:
        head = (
            f"POST /cma/nodes HTTP/1.1\r\nHost: localhost\r\n{_bearer(token)}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body) + 10}\r\n\r\n"
        )
        line.sendall(head.encode() + body)
    time.sleep(0.2)
    listed = ask(server.port, "GET", "/cma/nodes?page[size]=100", _bearer(token))
    assert listed.status == 200
    assert "aborted" not in listed.body.decode()


def test_status_is_not_sent_early(server: Server) -> None:
    """A refusal goes out with its own status: no door is a generator (S12)."""
    for _ in range(20):
        seen = _me(server, _bearer("cfp_" + "x" * 49))
        assert (seen.status, seen.json["errors"][0]["code"]) == (401, "INVALID_TOKEN")


def test_options_needs_no_credential(server: Server) -> None:
    """OPTIONS says which methods there are, and performs none (S18)."""
    seen = ask(server.port, "OPTIONS", "/cma/nodes")
    assert (seen.status, seen.header("allow")) == (204, "GET, HEAD, OPTIONS, POST")


def test_token_in_the_query(server: Server, token: str) -> None:
    """A token in the address is refused with 400, alone and beside a good one (S11)."""
    assert ask(server.port, "GET", f"/cma/token?access_token={token}").status == 400
    assert ask(server.port, "GET", f"/cma/token?a={token}", _bearer(token)).status == 400
    assert token not in server.log.read_text()


def test_limit_across_workers(server: Server, token: str) -> None:
    """30 requests in 3 seconds of a token are counted over all workers, then 429 (D12, S42)."""
    with ThreadPoolExecutor(8) as pool:
        began = time.monotonic()
        seen = list(pool.map(lambda _: _me(server, _bearer(token)), range(40)))
    statuses = [one.status for one in seen]
    if time.monotonic() - began < 3:
        assert (statuses.count(200), statuses.count(429)) == (30, 10)
    refused = next(one for one in seen if one.status == 429)
    assert refused.json["errors"][0]["code"] == "RATE_LIMIT_EXCEEDED"
    assert refused.header("x-ratelimit-limit") == "30"
    assert refused.header("x-ratelimit-remaining") == "0"
    reset = int(refused.header("x-ratelimit-reset") or 0)
    assert 1 <= reset <= 3
    assert 1 <= int(refused.header("retry-after") or 0) <= 3
    left = [int(one.header("x-ratelimit-remaining") or -1) for one in seen if one.status == 200]
    assert sorted(left) == list(range(30))
    time.sleep(reset + 0.1)
    assert _me(server, _bearer(token)).status == 200


def test_killed_worker(server: Server, token: str) -> None:
    """A worker that is killed comes back, and the server answers meanwhile (R4)."""
    before = server.workers()
    os.kill(before[0], signal.SIGKILL)
    wait_until(lambda: len(set(server.workers()) - set(before)) == 1, "a new worker")
    answers = [_me(server, _bearer(token)).status for _ in range(10)]
    assert set(answers) == {200}


def test_drain(installed: Installed) -> None:
    """SIGTERM lets requests under way end, and those who wait get an answer (R20)."""
    from infra.server import serving  # noqa: PLC0415 - a server of this test's own

    statuses: list[int] = []
    with serving(installed.settings.data_dir, "--workers", "1") as own:
        body = b"email=nobody%40acme.test&password=wrong-password"

        def sign_in() -> None:
            seen = ask(own.port, "POST", "/signin",
                       "Content-Type: application/x-www-form-urlencoded", body=body)  # fmt: skip
            statuses.append(seen.status)

        threads = [threading.Thread(target=sign_in) for _ in range(3)]
        for thread in threads:
            thread.start()
        time.sleep(0.15)
        own.process.send_signal(signal.SIGTERM)
        for thread in threads:
            thread.join()
        own.process.wait(20)
    assert statuses
    assert set(statuses) <= {401, 429}


def test_no_revision(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A program does not serve a database of another revision than its own (R17)."""
    from counterfoil.app.build import build  # noqa: PLC0415
    from counterfoil.app.fit import UnreadyError  # noqa: PLC0415
    from counterfoil.runtime.settings import Settings  # noqa: PLC0415

    assert free_port()
    place = tmp_path_factory.mktemp("old") / "data"
    with pytest.raises(UnreadyError, match="counterfoil migrate"):
        build(Settings(data_dir=place))
