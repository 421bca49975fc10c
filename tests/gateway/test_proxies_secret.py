"""A gate that asks for a secret, by the line for it in each configuration that we ship."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.echo import echo
from infra.proxies import BEFORE, DEPLOY
from infra.server import Server, gateway
from support.proxied import Live
from support.raw_http import say
from support.shop import SHOP
from support.smuggling import Case

SECRET = "0123456789abcdef-ABCDEF.0123456789"
FILES = {
    "nginx": "gate.conf",
    "caddy": "counterfoil.caddy",
    "envoy": "envoy-counterfoil.yaml",
    "traefik": "traefik-counterfoil.yaml",
}
_LINE = re.compile(r"^(\s*)# (.*counterfoil-gate-secret.*….*)$", re.MULTILINE | re.IGNORECASE)
"""What an operator takes the comment's sign away from, and fills in."""

OWN = ("Counterfoil-Gate-Secret", "s" * 40)


@pytest.fixture(scope="module")
def careful(live: Live, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A gate of the shop that believes who presents the secret, and nobody else."""
    file = tmp_path_factory.mktemp("secret") / "gate.secret"
    file.write_text(SECRET)
    file.chmod(0o600)
    with gateway(live.home, f"--secret-file={file}") as running:
        yield running


def presenting(kind: str, deploy: Path) -> Path:
    """Return a copy of our configuration, in which the line is no comment."""
    shutil.copytree(DEPLOY / kind, deploy / kind)
    file = deploy / kind / FILES[kind]
    text, lines = _LINE.subn(lambda line: line[1] + line[2].replace("…", SECRET), file.read_text())
    assert lines == 1
    file.write_text(text)
    return deploy


@pytest.mark.parametrize("kind", sorted(BEFORE))
def test_the_proxy_presents_it_and_the_api_never_hears_it(
    kind: str, careful: Server, live: Live, tmp_path: Path
) -> None:
    """By one line each proxy is believed; what a client presents for it changes nothing (S51).

    The API behind gets neither the secret nor what the client wrote.
    """
    deploy = presenting(kind, tmp_path / "deploy")
    with (
        echo() as api,
        BEFORE[kind](tmp_path, gate=careful.port, api=api.port, id_=SHOP, deploy=deploy) as port,
    ):
        for headers in ((), (OWN,), (("Connection", f"close, {OWN[0]}"),)):
            assert say(port, Case("", headers=headers).raw(live.tokens.shelf)).status == 200
    assert len(api.seen) == 3
    for seen in api.seen:
        assert "".join(seen.values(OWN[0])) == ""
        assert SECRET not in str(seen.headers)


@pytest.mark.parametrize("kind", sorted(BEFORE))
def test_without_the_line_nothing_passes(
    kind: str, careful: Server, live: Live, tmp_path: Path
) -> None:
    """A proxy that presents no secret lets nobody through."""
    with (
        echo() as api,
        BEFORE[kind](tmp_path, gate=careful.port, api=api.port, id_=SHOP) as port,
    ):
        for headers in ((), (OWN,)):
            heard = say(port, Case("", headers=headers).raw(live.tokens.shelf))
            assert heard.status == 403
    assert api.seen == []
