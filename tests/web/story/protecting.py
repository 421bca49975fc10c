"""Minute 8: an API of one's own, protected by what we ship, and probed by the doctor."""

from __future__ import annotations

import json
import re
import subprocess
from datetime import timedelta
from shlex import quote
from typing import Any

from playwright.sync_api import expect

from counterfoil.kernel.clock import spell_instant, system_clock
from counterfoil.kernel.errors import Code
from docs.pages import nginx_of
from infra.echo import echo
from infra.nginx import nginx
from infra.server import COUNTERFOIL, gateway
from infra.wait import free_port, wait_until
from support.browse import At
from web.story.desk import Desk

FORGED = "usr_1000000000000000"
LIFE = timedelta(seconds=4)
API = {
    "name": "Pages",
    "audience": "https://pages.example.com",
    "scopes": [{"name": "pages:read", "description": "Read pages"}],
}
ROUTES = [{"methods": ["GET"], "path": "/pages/{page}", "scope": "pages:read", "node": "{page}"}]
TREE = [["12", None, "Hello"], ["13", None, "Legal"]]
PROBES = {
    "no token",
    "expired token",
    "other nodes",
    "too fast",
    "your token",
    "forged Counterfoil-…",
}


def protect(desk: Desk, ann: At) -> str:
    """Put the shipped nginx before an API, and let the doctor look; return the token's id."""
    _sign_the_terminal_in(desk, ann)
    api = _registered(desk)
    for name, option in (
        ("expired", f"--expires {spell_instant(system_clock() + LIFE)}"),
        ("pages", ""),
        ("outside", f"--root {_node(desk, api, '13')}"),
        ("limited", "--rate 3/h"),
    ):
        desk.type(f"counterfoil pat create {name} --scope pages:read {option} > {name}.token")
    port, upstream, here = free_port(), free_port(), desk.folder / "nginx"
    here.mkdir()
    with gateway(desk.demo.data) as gate:
        pasted = nginx_of("how-to/protect-an-api.md", gate=gate.port, api=upstream, proxy=port)
        with nginx(here, pasted.replace("api_0000000000000000", f"api_{api}"), port):
            page = f"http://localhost:{port}/pages/12"
            _see_it_expired(desk, page)
            _ask_the_doctor(desk, page, upstream)
            _forge(desk, page, upstream)
    return _id_of(desk, "pages")


def _sign_the_terminal_in(desk: Desk, ann: At) -> None:
    """Sign in as `counterfoil auth login` has it: the browser that is signed in opens its link."""
    with subprocess.Popen(
        [COUNTERFOIL, "auth", "login", "--no-browser"],
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        cwd=desk.folder,
        env=desk.environment(),
    ) as terminal:
        assert terminal.stderr is not None
        link = next(found for line in terminal.stderr if (found := re.search(r"http\S+", line)))
        ann.page.goto(link[0])
        expect(ann.page.get_by_text("go back to the terminal")).to_be_visible()
        assert "✓ signed in" in terminal.stderr.read()
        assert terminal.wait(20) == 0


def _registered(desk: Desk) -> str:
    """Register the API with its routes and its tree; return its id."""
    api = desk.type(f"counterfoil api POST /cma/apis --pick data.id --data {_data('api', API)}")
    for what, body in (
        ("routes", _data("api_routes", {"routes": ROUTES})),
        ("tree", _data("api_tree", {"nodes": TREE})),
    ):
        desk.type(f"counterfoil api PUT /cma/apis/{api}/{what} --data {body}")
    return api


def _data(type_: str, attributes: dict[str, Any]) -> str:
    return quote(json.dumps({"data": {"type": type_, "attributes": attributes}}))


def _node(desk: Desk, api: str, key: str) -> str:
    path = f"/cma/apis/{api}/resources?filter%5Bkey%5D={key}"
    return desk.type(f'counterfoil api GET "{path}" --pick data.0.id')


def _id_of(desk: Desk, name: str) -> str:
    listed = json.loads(desk.type("counterfoil pat list --json id,name"))
    return str(next(one["id"] for one in listed if one["name"] == name))


def _bearing(desk: Desk, name: str, page: str, *headers: str) -> tuple[int, str]:
    """Ask for the page through the proxy, with a token and whatever else one writes."""
    more = "".join(f" -H {quote(one)}" for one in headers)
    return desk.curl(f'curl -H "Authorization: Bearer $(cat {name}.token)"{more} {page}')


def _see_it_expired(desk: Desk, page: str) -> None:
    """Wait until the clock has ended the token that was made for a few seconds."""
    wait_until(
        lambda: Code.TOKEN_EXPIRED in _bearing(desk, "expired", page)[1],
        "the token to expire",
        pause=0.5,
    )


def _ask_the_doctor(desk: Desk, page: str, upstream: int) -> None:
    """Let the doctor probe, in the place of the API; every probe is answered as it should be."""
    worse = " ".join(f"--{name} {name}.token" for name in ("expired", "outside", "limited"))
    told = desk.type(
        f"counterfoil doctor --proxy {page} --stand-in 127.0.0.1:{upstream} {worse}"
        " --json health,what,seen",
        COUNTERFOIL_TOKEN_FILE="pages.token",
    )
    found = {one["what"]: one["health"] for one in json.loads(told)}
    assert found.keys() >= PROBES
    assert set(found.values()) == {"✓"}, told


def _forge(desk: Desk, page: str, upstream: int) -> None:
    """Say with a good token that one is somebody else: the API hears who it really was."""
    with echo(upstream) as api:
        status, body = _bearing(desk, "pages", page, f"Counterfoil-Subject: {FORGED}")
        assert status == 200, body
        assert desk.curl(f"curl -H 'Counterfoil-Subject: {FORGED}' {page}")[0] == 401
    [seen] = api.seen
    assert seen.target == "/pages/12"
    assert seen.values("Counterfoil-Subject") == [f"usr_{desk.demo.kept['users']['Ann']}"]
    assert seen.values("Authorization") == []
