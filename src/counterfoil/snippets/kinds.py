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
        shows: what stands in them for where things are, all of which is there.
        brings: lines of those files, each with the file whose text is pasted in its place.
        since: the oldest version that the tests run; empty for what is no proxy.
        at: where each file is kept, `{api}` standing for the id; empty for what is no proxy.
        joins: a line by which the proxy's own file takes in all that is kept so, and that file.
        runs: what makes the proxy take it over, or starts it; empty for what is no proxy.
        socket: how it names a Unix socket at which it asks the gate, `{}` standing for the path;
            empty if it asks at none.
    """

    key: str
    label: str
    files: tuple[str, ...]
    shows: tuple[str, ...]
    brings: tuple[tuple[str, str], ...] = ()
    since: str = ""
    at: tuple[str, ...] = ()
    joins: tuple[str, str] | None = None
    runs: str = ""
    socket: str = ""

    @property
    def is_whole(self) -> bool:
        """Whether this is a proxy's whole configuration, by which it is started."""
        return bool(self.at) and "{api}" not in self.at[0]


PROXIES: Final = (
    Snippet(
        "nginx",
        "nginx",
        ("nginx/server.conf",),
        (
            "api_0000000000000000",
            "upstream counterfoil {",
            "http://counterfoil/",
            "listen 8080",
            "127.0.0.1:8000",
            "127.0.0.1:8401",
        ),
        (
            ("include /etc/nginx/counterfoil/gate.conf;", "nginx/gate.conf"),
            ("include /etc/nginx/counterfoil/protect.conf;", "nginx/protect.conf"),
        ),
        since="1.31.3",
        at=("/etc/nginx/conf.d/counterfoil-{api}.conf",),
        runs="nginx -t && nginx -s reload",
        socket="unix:{}",
    ),
    Snippet(
        "caddy",
        "Caddy",
        ("caddy/Caddyfile",),
        (
            "api_0000000000000000",
            "(counterfoil)",
            "import counterfoil ",
            "http://:8080",
            "127.0.0.1:8000",
            "127.0.0.1:8401",
        ),
        (("import /etc/caddy/counterfoil.caddy", "caddy/counterfoil.caddy"),),
        since="2.11.7",
        at=("/etc/caddy/counterfoil-{api}.caddy",),
        joins=("import /etc/caddy/counterfoil-*.caddy", "/etc/caddy/Caddyfile"),
        runs="caddy reload --config /etc/caddy/Caddyfile",
        socket="unix/{}",
    ),
    Snippet(
        "envoy",
        "Envoy",
        ("envoy/envoy-counterfoil.yaml",),
        (
            "api_0000000000000000",
            "port_value: 8080",
            "address: 127.0.0.1, port_value: 8000",
            "name: counterfoil\n      type: STRICT_DNS",
            "socket_address: { address: 127.0.0.1, port_value: 8401 }",
            "127.0.0.1:8401",
        ),
        since="1.40.0",
        at=("envoy-counterfoil.yaml",),
        runs="envoy -c envoy-counterfoil.yaml",
        socket="localhost",  # the name alone: the path stands in its cluster
    ),
    Snippet(
        "traefik",
        "Traefik",
        ("traefik/traefik.yaml", "traefik/traefik-counterfoil.yaml"),
        ("api_0000000000000000", '":8080"', "127.0.0.1:8000", "127.0.0.1:8401"),
        since="3.7.15",
        at=("traefik.yaml", "traefik-counterfoil.yaml"),
        runs="traefik --configfile=traefik.yaml",
    ),
)
_OF_LINES: Final = ("api_0000000000000000", '"/srv/counterfoil"')
INSIDE: Final = (
    Snippet("asgi", "ASGI", ("inside/asgi.py",), _OF_LINES),
    Snippet("wsgi", "WSGI", ("inside/wsgi.py",), _OF_LINES),
    Snippet("django", "Django", ("inside/django.py",), _OF_LINES),
    Snippet("fastapi", "FastAPI", ("inside/fastapi.py",), _OF_LINES),
    Snippet("flask", "Flask", ("inside/flask.py",), _OF_LINES),
)
SNIPPETS: Final = MappingProxyType({one.key: one for one in (*PROXIES, *INSIDE)})
