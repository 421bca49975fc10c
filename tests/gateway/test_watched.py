"""An API in use that a proxy has watched: its routes come out, and it answers as before.

Each proxy is the real one, by the configuration that we ship.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from counterfoil.gateway.recorder import recorded
from counterfoil.routing.propose import propose
from infra.echo import Echo, echo
from infra.proxies import DEPLOY
from infra.server import Server, gateway, is_ready
from infra.wait import free_port, wait_until
from infra.watching import WATCHED, Places
from support.gate import BASE
from support.proxied import Live
from support.raw_http import Heard, say
from support.shop import SHOP

SECRET = "0123456789abcdef-ABCDEF.0123456789"
LINE = re.compile(r"^(\s*)# (.*counterfoil-gate-secret.*….*)$", re.MULTILINE | re.IGNORECASE)
"""What an operator takes the comment's sign away from, and fills in."""
ASKED = (
    ("GET", "/items/17?draft=secret", "", True),
    ("DELETE", "/items/17", "", True),
    ("POST", "/orders", "who=ann", True),
    ("GET", "/orders/2026-000017", "", True),
    ("GET", "/wp-login.php", "", False),
)
"""What clients ask: method, address, body, and whether they show a token."""
PROPOSED = [
    (["DELETE"], "/items/{item}", "{item}"),
    (["GET"], "/items/{item}", "{item}"),
    (["POST"], "/orders", ""),
    (["GET"], "/orders/{order}", ""),
]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "recorded"


@contextmanager
def recording(live: Live, file: Path, *more: str) -> Iterator[Server]:
    """Run a gate of the shop that records."""
    with gateway(live.home, "--record", str(file), *more) as gate:
        yield gate


def ask(port: int, token: str, method: str, target: str, body: str) -> Heard:
    lines = [f"{method} {target} HTTP/1.1", "Host: api.test", "Connection: close"]
    lines += [f"Authorization: Bearer {token}"] if token else []
    lines += [f"Content-Length: {len(body)}"] if body else []
    return say(port, "\r\n".join([*lines, "", body]).encode())


def ask_all(port: int, live: Live) -> list[tuple[int, Any]]:
    answers = []
    for method, target, body, shows in ASKED:
        heard = ask(port, live.tokens.writer if shows else "", method, target, body)
        answers.append((heard.status, heard.json))
    return answers


SERVED = [(200, {"method": method, "target": target}) for method, target, _, _ in ASKED]
"""What the API answers, with nothing before it."""


def require_as_sent(api: Echo, live: Live) -> None:
    """The API heard each request once, as it was sent: with its token, and no word of ours."""
    assert [(one.method, one.target) for one in api.seen] == [(one[0], one[1]) for one in ASKED]
    for seen, (_, _, _, shows) in zip(api.seen, ASKED, strict=True):
        assert seen.values("Authorization") == [f"Bearer {live.tokens.writer}"] * shows
        assert not any(name.lower().startswith("counterfoil") for name, _ in seen.headers)


@pytest.mark.parametrize("kind", sorted(WATCHED))
def test_routes_come_out(kind: str, live: Live, file: Path, tmp_path: Path) -> None:
    """Traffic becomes a table, with whose tokens need what, and the API answers as before (S9).

    In the file stands no token, no key of a node and no value of a query.
    """
    with (
        echo() as api,
        recording(live, file) as gate,
        WATCHED[kind](Places(tmp_path, gate.port, api.port, SHOP)) as port,
    ):
        api.seen.clear()
        assert ask_all(port, live) == SERVED
        require_as_sent(api, live)
        wait_until(lambda: _lines(file) >= len(ASKED), "all to be written down")
    found = propose(one for _, one in recorded(file, f"api_{SHOP}") if one.token)
    assert [(sorted(one.methods), one.path, one.node) for one in found.routes] == PROPOSED
    assert set(found.needs) == {f"tok_{BASE + 303}"}
    text = file.read_text().replace(f"tok_{BASE + 303}", "").replace(str(SHOP), "")
    for value in ("17", "secret", "ann", "cfp_", "2026", live.tokens.writer):
        assert value not in text, value


def _lines(file: Path) -> int:
    """How many shapes of clients are in the file, without what a test asks to see who listens."""
    return sum(b'"nothing"' not in line for line in file.read_bytes().splitlines())


@pytest.mark.parametrize("kind", sorted(WATCHED))
@pytest.mark.parametrize("state", ["gone", "stopped"])
def test_nobody_misses_a_gate_that_is_down(
    kind: str, state: str, live: Live, file: Path, tmp_path: Path
) -> None:
    """The API answers as before where nobody listens for the copies, or whoever does stands still.

    So it does for methods with a body, and again for who asks after.
    """
    with echo() as api, recording(live, file) as gate:
        at = free_port() if state == "gone" else gate.port
        with WATCHED[kind](Places(tmp_path, at, api.port, SHOP)) as port:
            stopped = gate.workers() if state == "stopped" else []
            for pid in stopped:
                os.kill(pid, signal.SIGSTOP)
            try:
                api.seen.clear()
                assert ask_all(port, live) == SERVED
                require_as_sent(api, live)
                assert ask_all(port, live) == SERVED
            finally:
                for pid in stopped:
                    os.kill(pid, signal.SIGCONT)
        wait_until(lambda: is_ready(gate.port), "the gate to answer again")


def test_a_copy_lets_nobody_through(live: Live, file: Path) -> None:
    """Whoever asks at the door of copies hears no, whatever they show."""
    with recording(live, file) as gate:
        for token in (live.tokens.writer, live.tokens.reader, ""):
            heard = ask(gate.port, token, "GET", f"/authz/watch/api_{SHOP}/items/17?a=17", "")
            assert (heard.status, heard.json["errors"][0]["code"]) == (403, "ROUTE_NOT_LISTED")
        for path in ("/authz/watch", "/authz/watch/", f"/authz/watch/api_{SHOP}"):
            assert ask(gate.port, live.tokens.writer, "GET", path, "").status == 404
    shapes = [json.loads(line)["shape"] for line in file.read_text().splitlines()]
    assert shapes == [["items", None]] * 3


def test_there_is_no_such_door_where_nothing_is_written(live: Live) -> None:
    """A gate that does not record has no door for copies."""
    path = f"/authz/watch/api_{SHOP}/items/17"
    assert ask(live.gate.port, live.tokens.writer, "GET", path, "").status == 404


FILES = {
    "nginx": "watch.conf",
    "caddy": "counterfoil-watch.caddy",
    "envoy": "envoy-counterfoil-watch.yaml",
    "traefik": "traefik-counterfoil-watch.yaml",
}


@pytest.mark.parametrize("kind", sorted(WATCHED))
def test_a_gate_elsewhere_is_shown_its_secret(
    kind: str, live: Live, file: Path, tmp_path: Path
) -> None:
    """By the line for it a gate that asks for a secret writes down; without, it writes nothing.

    The API hears nothing of it.
    """
    secret = tmp_path / "gate.secret"
    secret.write_text(SECRET)
    secret.chmod(0o600)
    deploy = tmp_path / "deploy"
    shutil.copytree(DEPLOY / kind, deploy / kind)
    conf = deploy / kind / FILES[kind]
    text, lines = LINE.subn(lambda line: line[1] + line[2].replace("…", SECRET), conf.read_text())
    assert lines == 1
    conf.write_text(text)
    with echo() as api, recording(live, file, f"--secret-file={secret}") as gate:
        for folder, shown in ((DEPLOY, False), (deploy, True)):
            here = tmp_path / str(shown)
            here.mkdir()
            with WATCHED[kind](Places(here, gate.port, api.port, SHOP, folder)) as port:
                assert ask(port, live.tokens.reader, "GET", f"/{kind}-{shown}", "").status == 200
                if shown:
                    wait_until(lambda: b"rue" in file.read_bytes(), "it to be written down")
    assert b"alse" not in file.read_bytes()
    assert SECRET not in str([one.headers for one in api.seen])
