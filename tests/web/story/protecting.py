"""Minute 8: an API of one's own, protected by what its page says, and probed by the doctor."""

from __future__ import annotations

import json
import re
import subprocess
from datetime import timedelta
from shlex import quote

from playwright.sync_api import expect

from counterfoil.kernel.clock import spell_instant, system_clock
from counterfoil.kernel.errors import Code
from infra.echo import echo
from infra.nginx import nginx
from infra.server import COUNTERFOIL
from infra.wait import free_port, wait_until
from support.browse import At
from web.story.desk import Desk

FORGED = "usr_1000000000000000"
LIFE = timedelta(seconds=4)
PROBES = {
    "no token",
    "expired token",
    "other nodes",
    "too fast",
    "your token",
    "forged Counterfoil-…",
}


def protect(desk: Desk, ann: At) -> None:
    """Put a real nginx before an API by what its page says, and let the doctor look."""
    _sign_the_terminal_in(desk, ann)
    _register(desk, ann)
    gate, proxy, upstream = free_port(), free_port(), free_port()
    _fill_in(desk, ann, gate=gate, proxy=proxy, upstream=upstream)
    ann.page.locator("summary", has_text="nginx").click()
    ann.shot("story-8-in-front")
    starts, server, makes, checks = (
        ann.page.locator(f"#{id_}").inner_text()
        for id_ in ("gate-starts", "nginx-1", "gate-token", "gate-checks")
    )
    desk.type(makes)
    for name, option in (
        ("expired", f"--expires {spell_instant(system_clock() + LIFE)}"),
        ("outside", f"--root {_nodes(desk, ann)['13']}"),
        ("limited", "--rate 3/h"),
    ):
        desk.type(f"counterfoil pat create {name} --scope pages:read {option} > {name}.token")
    here = desk.folder / "nginx"
    here.mkdir()
    with desk.running(starts, gate), nginx(here, server, proxy):
        page = f"http://localhost:{proxy}/pages/12"
        _see_it_expired(desk, page)
        with echo(upstream):
            desk.type(checks)
        _ask_the_doctor(desk, checks, upstream)
        _forge(desk, page, upstream)


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


def _register(desk: Desk, ann: At) -> None:
    """Register the API that the page of all APIs begins with, and tell of its tree."""
    ann.goto("/apis")
    ann.shot("story-8-register")
    for file, id_ in (("counterfoil.yaml", "register-file"), ("tree.json", "register-tree")):
        (desk.folder / file).write_text(ann.page.locator(f"#{id_}").inner_text())
    for id_ in ("register-command", "register-tree-command"):
        desk.type(ann.page.locator(f"#{id_}").inner_text())
    ann.page.reload()
    ann.page.get_by_role("link", name="Pages", exact=True).click()


def _fill_in(desk: Desk, ann: At, *, gate: int, proxy: int, upstream: int) -> None:
    """Say on the API's page where things are; the data is where the demo said that it is."""
    [data] = re.findall(r"^● in (/.+)$", desk.demo.said, re.MULTILINE)
    for label, said in (
        ("Your API listens at", f"127.0.0.1:{upstream}"),
        ("Port of the proxy", str(proxy)),
        ("The gate listens at", f"127.0.0.1:{gate}"),
        ("Data of this server", data),
    ):
        ann.page.get_by_label(label).fill(said)
    ann.page.get_by_role("button", name="Fill it in").click()
    expect(ann.page.locator("#gate-starts")).to_contain_text(str(gate))
    expect(ann.page.get_by_label("An address to try")).to_have_value("/pages/12")


def _nodes(desk: Desk, ann: At) -> dict[str, str]:
    """Return the nodes of the API's resources by their keys, as the drawer of its page says."""
    ann.page.get_by_text("As a command").click()
    listing = ann.page.locator("#as-cli").inner_text().splitlines()[-1]
    found = json.loads(desk.type(listing))["data"]
    return {one["attributes"]["key"]: one["id"] for one in found}


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


def _ask_the_doctor(desk: Desk, checks: str, upstream: int) -> None:
    """Let the doctor probe, in the place of the API; every probe is answered as it should be.

    What else it can try it says itself (`counterfoil doctor --help`).
    """
    worse = " ".join(f"--{name} {name}.token" for name in ("expired", "outside", "limited"))
    told = desk.type(f"{checks} --stand-in 127.0.0.1:{upstream} {worse} --json health,what,seen")
    found = {one["what"]: one["health"] for one in json.loads(told)}
    assert found.keys() >= PROBES
    assert set(found.values()) == {"✓"}, told


def _forge(desk: Desk, page: str, upstream: int) -> None:
    """Say with a good token that one is somebody else: the API hears who it really was."""
    with echo(upstream) as api:
        status, body = _bearing(desk, "gate-check", page, f"Counterfoil-Subject: {FORGED}")
        assert status == 200, body
        assert desk.curl(f"curl -H 'Counterfoil-Subject: {FORGED}' {page}")[0] == 401
    [seen] = api.seen
    assert seen.target == "/pages/12"
    assert seen.values("Counterfoil-Subject") == [f"usr_{desk.demo.kept['users']['Ann']}"]
    assert seen.values("Authorization") == []
