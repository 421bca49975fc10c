"""Real proxies in front of an API, each as the configuration that we ship sets it up."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from infra.nginx import nginx
from infra.wait import free_port

DEPLOY: Final = Path(__file__).parents[2] / "deploy"

_NGINX: Final = """
upstream counterfoil {{ server 127.0.0.1:{gate}; keepalive 32; }}
upstream app {{ server 127.0.0.1:{api}; }}
server {{
    listen 127.0.0.1:{port};
    set $counterfoil_api api_{id};
    include {deploy}/nginx/gate.conf;
    location / {{
        include {deploy}/nginx/protect.conf;
        proxy_pass http://app;
    }}
}}
"""


@contextmanager
def nginx_before(here: Path, *, gate: int, api: int, id_: int) -> Iterator[int]:
    """Run nginx in front of an API; return its port."""
    port = free_port()
    server = _NGINX.format(gate=gate, api=api, port=port, id=id_, deploy=DEPLOY)
    with nginx(here, server, port):
        yield port


BEFORE: Final = {"nginx": nginx_before}
