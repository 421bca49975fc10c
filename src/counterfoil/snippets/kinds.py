"""Where a gate can stand: before an API as a proxy's question, or inside it as a line."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True)
class Snippet:
    """What is pasted for one proxy or framework.

    Attributes:
        key: how it is named in a command and in an address.
        label: how it calls itself.
        files: what stands below `deploy/`, in the order in which it is pasted.
        brings: lines of those files, each with the file whose text is pasted in its place.
        since: the oldest version that the tests run; empty for what is no proxy.
        at: where each file is usually kept; empty for what is no proxy.
        runs: what makes the proxy take it over; empty for what is no proxy.
    """

    key: str
    label: str
    files: tuple[str, ...]
    brings: tuple[tuple[str, str], ...] = ()
    since: str = ""
    at: tuple[str, ...] = ()
    runs: str = ""


PROXIES: Final = (
    Snippet(
        "nginx",
        "nginx",
        ("nginx/server.conf",),
        (
            ("include /etc/nginx/counterfoil/gate.conf;", "nginx/gate.conf"),
            ("include /etc/nginx/counterfoil/protect.conf;", "nginx/protect.conf"),
        ),
        since="1.31.3",
        at=("/etc/nginx/conf.d/counterfoil.conf",),
        runs="nginx -t && nginx -s reload",
    ),
    Snippet(
        "caddy",
        "Caddy",
        ("caddy/Caddyfile",),
        (("import /etc/caddy/counterfoil.caddy", "caddy/counterfoil.caddy"),),
        since="2.11.7",
        at=("/etc/caddy/Caddyfile",),
        runs="caddy reload --config /etc/caddy/Caddyfile",
    ),
    Snippet(
        "envoy",
        "Envoy",
        ("envoy/counterfoil.yaml",),
        since="1.40.0",
        at=("counterfoil.yaml",),
        runs="envoy -c counterfoil.yaml",
    ),
    Snippet(
        "traefik",
        "Traefik",
        ("traefik/traefik.yaml", "traefik/counterfoil.yaml"),
        since="3.7.15",
        at=("traefik.yaml", "counterfoil.yaml"),
        runs="traefik --configfile=traefik.yaml",
    ),
)
INSIDE: Final = (
    Snippet("asgi", "ASGI", ("inside/asgi.py",)),
    Snippet("wsgi", "WSGI", ("inside/wsgi.py",)),
    Snippet("django", "Django", ("inside/django.py",)),
    Snippet("fastapi", "FastAPI", ("inside/fastapi.py",)),
    Snippet("flask", "Flask", ("inside/flask.py",)),
)
SNIPPETS: Final = MappingProxyType({one.key: one for one in (*PROXIES, *INSIDE)})
