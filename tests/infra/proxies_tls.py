"""The same proxies with the same configurations, where a client reaches them by TLS and HTTP/2.

What stands around our files is the operator's: the address, and a certificate.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from infra.nginx import certificate, nginx
from infra.proxies import DEPLOY, Before, caddy, envoy_before, snippet, traefik_before
from infra.wait import free_port
from support.raw_http2 import HOST


@contextmanager
def nginx_by_tls(
    here: Path, *, gate: int | str, api: int, id_: int, deploy: Path = DEPLOY
) -> Iterator[int]:
    """Run nginx with a certificate that it leaves in `here`."""
    port, (pem, key) = free_port(), certificate(here, HOST)
    [told] = snippet("nginx", gate=gate, api=api, id_=id_, port=port, deploy=deploy)
    by_tls = f"{port} ssl; http2 on; ssl_certificate {pem}; ssl_certificate_key {key};"
    with nginx(here, told.replace(f"{port};", by_tls, 1), port):
        yield port


@contextmanager
def caddy_by_tls(
    here: Path, *, gate: int | str, api: int, id_: int, deploy: Path = DEPLOY
) -> Iterator[int]:
    """Run Caddy with a certificate that it leaves in `here`."""
    port, (pem, key) = free_port(), certificate(here, HOST)
    [told] = snippet("caddy", gate=gate, api=api, id_=id_, port=port, deploy=deploy)
    by_tls = f"https://:{port} {{\n\ttls {pem} {key}"
    with caddy(here, told.replace(f"http://:{port} {{", by_tls), port):
        yield port


@contextmanager
def envoy_by_tls(
    here: Path, *, gate: int | str, api: int, id_: int, deploy: Path = DEPLOY
) -> Iterator[int]:
    """Run Envoy with a certificate that it leaves in `here`."""
    pem, key = certificate(here, HOST)

    def by_tls(told: Any) -> None:
        [chain] = told["static_resources"]["listeners"][0]["filter_chains"]
        [manager] = chain["filters"]
        manager["typed_config"]["delayed_close_timeout"] = "0s"  # it hangs up at once
        chain["transport_socket"] = _tls_of_envoy(pem, key)

    with envoy_before(here, gate=gate, api=api, id_=id_, deploy=deploy, change=by_tls) as port:
        yield port


def _tls_of_envoy(pem: Path, key: Path) -> dict[str, Any]:
    ours = {"certificate_chain": {"filename": str(pem)}, "private_key": {"filename": str(key)}}
    return {
        "name": "envoy.transport_sockets.tls",
        "typed_config": {
            "@type": "type.googleapis.com/"
            "envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext",
            "common_tls_context": {
                "alpn_protocols": ["h2", "http/1.1"],
                "tls_certificates": [ours],
            },
        },
    }


@contextmanager
def traefik_by_tls(
    here: Path, *, gate: int | str, api: int, id_: int, deploy: Path = DEPLOY
) -> Iterator[int]:
    """Run Traefik with a certificate that it leaves in `here`; it hears plain requests besides."""
    pem, key = certificate(here, HOST)

    def by_tls(told: Any) -> None:
        routers = told["http"]["routers"]
        routers["api-by-tls"] = routers["api"] | {"tls": {}}
        told["tls"] = {"certificates": [{"certFile": str(pem), "keyFile": str(key)}]}

    with traefik_before(here, gate=gate, api=api, id_=id_, deploy=deploy, change=by_tls) as port:
        yield port


BY_TLS: Final[dict[str, Before]] = {
    "nginx": nginx_by_tls,
    "caddy": caddy_by_tls,
    "envoy": envoy_by_tls,
    "traefik": traefik_by_tls,
}
