"""`counterfoil doctor --proxy`: finds what a proxy lets through that it should not."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

import pytest

from counterfoil.cli.doctor.finding import Finding, Health
from counterfoil.cli.doctor.proxy import Worse, look
from counterfoil.cli.doctor.stand_in import standing_in
from counterfoil.cli.doctor.way import Way
from infra import proxies
from infra.echo import echo
from infra.proxies import BEFORE
from infra.server import COUNTERFOIL
from infra.wait import free_port
from support.gate import BASE
from support.proxied import Live, Proxied
from support.shop import HOUR_US, READ, SHOP, holder, now_us, paced

Run: TypeAlias = Callable[[tuple[str, str], str, str], dict[str, Health]]
DICE = random.Random(11)
READS = "/items/18?a=1"
"""What the reader may read, and who is restricted to the shelf may not."""


def at(port: int) -> Way:
    return Way(f"http://127.0.0.1:{port}{READS}", DICE.randbytes)


def health(found: Iterator[Finding]) -> dict[str, Health]:
    """Return how each thing is."""
    return {one.what: one.health for one in found}


def test_what_we_ship_is_in_order(proxied: Proxied) -> None:
    """A proxy that is set up as we ship it passes every probe, but for what only the API sees."""
    tokens = proxied.live.tokens
    worse = Worse(
        expired=tokens.expired,
        outside=tokens.shelf,
        limited=paced(
            proxied.live.replica, 2, token=BASE + 310 + sorted(BEFORE).index(proxied.kind)
        ),
    )
    seen = health(look(at(proxied.port), tokens.reader, worse))
    assert seen.pop("what arrives") is Health.DOUBTFUL
    assert set(seen.values()) == {Health.GOOD}, seen
    assert {"expired token", "other nodes", "too fast"} < set(seen)


@pytest.fixture
def mended(tmp_path: Path, live: Live) -> Run:
    """Run a proxy with a line of our configuration replaced; the doctor stands in for the API."""

    def run(where: tuple[str, str], line: str, instead: str) -> dict[str, Health]:
        deploy, (kind, file) = tmp_path / "deploy", where
        shutil.copytree(proxies.DEPLOY / kind, deploy / kind)
        text = (deploy / kind / file).read_text()
        assert line in text
        (deploy / kind / file).write_text(text.replace(line, instead))
        api = free_port()
        with (
            BEFORE[kind](tmp_path, gate=live.gate.port, api=api, id_=SHOP, deploy=deploy) as port,
            standing_in(f"127.0.0.1:{api}") as arrivals,
        ):
            return health(look(at(port), live.tokens.reader, arrivals=arrivals))

    return run


@pytest.mark.parametrize("kind", sorted(BEFORE))
def test_in_place_of_the_api_nothing_forged_arrives(kind: str, mended: Run) -> None:
    """Behind each configuration that we ship no forged name and no secret reaches the API (S51)."""
    file = {"nginx": "gate.conf", "caddy": "counterfoil.caddy"}.get(
        kind, f"{kind}-counterfoil.yaml"
    )
    seen = mended((kind, file), "", "")
    assert set(seen.values()) == {Health.GOOD}
    assert "Connection" in seen


@pytest.mark.parametrize(
    ("where", "line", "instead", "wrong"),
    [
        (("nginx", "protect.conf"), "auth_request /_counterfoil;", "",
         {"no token", "unknown token"}),
        (("nginx", "gate.conf"), "proxy_set_header X-Original-URI $request_uri;", "",
         {"forged X-Original-URI"}),
        (("nginx", "gate.conf"), "underscores_in_headers off;", "underscores_in_headers on;",
         {"forged Counterfoil_Subject"}),
        (("nginx", "gate.conf"), 'proxy_set_header Counterfoil-Subject "";', "",
         {"forged Counterfoil-Subject"}),
        (("nginx", "protect.conf"),
         "proxy_set_header Counterfoil-Subject $cf_subject;", "",
         {"forged Counterfoil-Subject"}),
        (("nginx", "protect.conf"),
         "proxy_set_header Counterfoil-Roots $cf_roots;", "",
         {"forged Counterfoil-Roots"}),
        (("caddy", "counterfoil.caddy"), "request_header -Counterfoil*", "",
         {"forged Counterfoil-Subject"}),
        (("caddy", "counterfoil.caddy"),
         'request_header Connection (?i)\\bCounterfoil[^,]* ""', "",
         {"Connection"}),
        (("caddy", "counterfoil.caddy"), "request_header Upgrade ^.*$ websocket", "",
         {"Upgrade"}),
        (("envoy", "envoy-counterfoil.yaml"),
         "- remove_on_match: { key_matcher: { prefix: counterfoil, ignore_case: true } }", "",
         {"forged Counterfoil-Subject"}),
        (("traefik", "traefik-counterfoil.yaml"), 'Counterfoil-Subject: ""', "",
         {"forged Counterfoil-Subject"}),
    ],
)  # fmt: skip
def test_a_line_that_is_missing_is_found(
    mended: Run, where: tuple[str, str], line: str, instead: str, wrong: set[str]
) -> None:
    """The doctor names what a proxy lets through once a line of its configuration is gone."""
    seen = mended(where, line, instead)
    assert wrong <= {what for what, how in seen.items() if how is Health.BAD}


def test_the_secret_that_arrives_is_told(mended: Run) -> None:
    """That the API gets the token itself is said, as what somebody may want and few do."""
    seen = mended(("nginx", "protect.conf"), 'proxy_set_header Authorization "";', "")
    assert seen["the secret"] is Health.DOUBTFUL


def ran(*options: str, token: str) -> tuple[int, dict[str, str]]:
    """Type `counterfoil doctor`; return its exit code and how each thing is."""
    done = subprocess.run(
        [COUNTERFOIL, "doctor", "--json", "health,what", *options],
        env={"COUNTERFOIL_TOKEN": token, "COUNTERFOIL_URL": "http://127.0.0.1:9", "HOME": "/"},
        capture_output=True,
        check=False,
    )
    told = json.loads(done.stdout or b"[]")
    return done.returncode, {one["what"]: one["health"] for one in told}


def test_the_command_probes(live: Live, tmp_path: Path) -> None:
    """What is typed sends every probe with each token given, and sees for the API what arrives."""
    later = now_us() + HOUR_US
    for name, text in {
        "expired": live.tokens.expired,
        "outside": live.tokens.shelf,
        "limited": paced(live.replica, 2, token=BASE + 321),
    }.items():
        (tmp_path / name).write_text(f"{text}\n")
        (tmp_path / name).chmod(0o600)
    worse = [f"--{name}={tmp_path / name}" for name in ("expired", "outside", "limited")]
    api = free_port()
    with BEFORE["nginx"](tmp_path, gate=live.gate.port, api=api, id_=SHOP) as port:
        proxy = f"--proxy=http://127.0.0.1:{port}{READS}"
        options = (proxy, f"--stand-in=127.0.0.1:{api}", *worse)
        _, told = ran(
            *options, token=holder(live.replica, READ, token=BASE + 322, expires_at=later)
        )
    assert {told[what] for what in ("expired token", "other nodes", "too fast")} == {"✓"}
    assert {told[what] for what in told if what.startswith("forged")} == {"✓"}
    assert told["the secret"] == "✓"


@pytest.mark.parametrize(
    "options",
    [
        ("--proxy=api.example.com",),
        ("--proxy=http://127.0.0.1:9/", "--stand-in=8000"),
        ("--stand-in=127.0.0.1:8000",),
    ],
)
def test_what_is_no_address_is_refused(options: tuple[str, ...]) -> None:
    """A wrong address is a mistake in what was typed, and nothing is sent."""
    assert ran(*options, token="cfp_" + "0" * 49) == (2, {})


def test_a_file_without_a_token_is_refused(tmp_path: Path) -> None:
    """A file with no token in it, or with two, sends nothing."""
    file = tmp_path / "expired"
    for text in ("", "cfp_1\ncfp_2\n"):
        file.write_text(text)
        file.chmod(0o600)
        options = ("--proxy=http://127.0.0.1:9/", f"--expired={file}")
        assert ran(*options, token="cfp_" + "0" * 49) == (3, {})


def test_a_stand_in_that_hears_nothing_says_so(live: Live, tmp_path: Path) -> None:
    """Where the proxy passes requests on to another address the doctor calls nothing in order."""
    other = free_port()
    with (
        echo() as api,
        BEFORE["nginx"](tmp_path, gate=live.gate.port, api=api.port, id_=SHOP) as port,
        standing_in(f"127.0.0.1:{other}") as arrivals,
    ):
        seen = health(look(at(port), live.tokens.reader, arrivals=arrivals))
    assert seen["your token"] is Health.BAD
    assert seen["forged identity"] is Health.DOUBTFUL
