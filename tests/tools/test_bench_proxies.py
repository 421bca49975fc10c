"""The benchmark of proxies: what it is about to measure protects, or nothing is measured."""

from __future__ import annotations

import shutil
from contextlib import ExitStack
from pathlib import Path

import pytest

from bench import proxies, shop
from bench.arrivals import UnprotectedError, require_protected


@pytest.mark.parametrize("kind", ["nginx", "caddy"])
@pytest.mark.parametrize(
    ("spoilt", "told"),
    [
        ({}, ""),
        ({"nginx/protect.conf": "auth_request /_counterfoil;",
          "caddy/counterfoil.caddy": "forward_auth {args[1]} {"}, "without a token"),
        ({"nginx/protect.conf": "proxy_set_header Counterfoil-Roots $cf_roots;",
          "caddy/counterfoil.caddy": " Counterfoil-Roots"}, "Counterfoil-Roots"),
        ({"nginx/protect.conf": 'proxy_set_header Authorization "";',
          "caddy/counterfoil.caddy": "request_header -Authorization"}, "the token itself"),
    ],
    ids=["as shipped", "asks nobody", "says less", "hands the token on"],
)  # fmt: skip
def test_what_is_measured_protects(
    kind: str, spoilt: dict[str, str], told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy that asks nobody, or that does not tell the API who it was, is measured by no one."""
    deploy, here = tmp_path / "deploy", tmp_path / "here"
    shutil.copytree(proxies.DEPLOY, deploy)
    here.mkdir()
    for name, line in spoilt.items():
        text = (deploy / name).read_text()
        assert line in text
        instead = "@never {\n\t\tmethod NEVER\n\t}\n\tforward_auth @never {args[1]} {"
        (deploy / name).write_text(text.replace(line, instead if "forward_auth" in line else ""))
    monkeypatch.setattr(proxies, "DEPLOY", deploy)
    [token, *_] = shop.fill(here)
    with ExitStack() as servers:
        shop.followed(here, servers)
        gate, api = servers.enter_context(shop.gateway(here)), shop.free_port()
        _, asking = servers.enter_context(proxies.BEFORE[kind](here, gate, api))
        if told:
            with pytest.raises(UnprotectedError, match=told):
                require_protected(asking, api, token)
        else:
            require_protected(asking, api, token)
