"""A real OpenID provider for a test: npm's oidc-provider, as it comes."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from infra.node import NODE
from infra.server import Server, serving
from infra.wait import free_port, listens, wait_until

HERE = Path(__file__).with_name("openid")
CLIENT_ID = "counterfoil"
CLIENT_SECRET = "a secret & a half"


@contextmanager
def serving_with_provider(data: Path) -> Iterator[Server]:
    """Serve an installation that is told of this provider as Acme; both run as long as the block.

    What is told it lies beside the data.
    """
    there = free_port()
    issuer = f"http://127.0.0.1:{there}"
    with told_of(data, issuer) as server, providing(there, issuer, server, data.parent):
        yield server


@contextmanager
def told_of(data: Path, issuer: str, more: str = "") -> Iterator[Server]:
    """Serve an installation that is told of a provider as Acme, and `more` of it in TOML."""
    home = data.parent
    (home / "secret").write_text(f"{CLIENT_SECRET}\n")
    (home / "secret").chmod(0o600)
    (home / "providers.toml").write_text(f"""
[acme]
label = "Acme"
issuer = "{issuer}"
client_id = "{CLIENT_ID}"
client_secret_file = "secret"
scopes = ["openid", "email"]
{more}
""")
    with serving(data, env={"COUNTERFOIL_PROVIDERS": str(home / "providers.toml")}) as server:
        yield server


@contextmanager
def providing(port: int, issuer: str, server: Server, home: Path, keys: str = "") -> Iterator[None]:
    """Run the provider at a port of loopback, under the name of its issuer, for one server of ours.

    `keys` are a JWK set to sign with; without one it has keys of its own, as it comes.
    """
    assert (HERE / "node_modules").is_dir(), "the provider is missing: make .venv/.clients"
    with (home / "openid.log").open("wb") as log:
        process = subprocess.Popen(
            [NODE, HERE / "provider.mjs"],
            cwd=home,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(home),
                "PORT": str(port),
                "ISSUER": issuer,
                "KEYS": keys,
                "REDIRECT_URI": f"{server.url}/signin/oidc/acme/callback",
                "CLIENT_ID": CLIENT_ID,
                "CLIENT_SECRET": CLIENT_SECRET,
            },
        )
    try:
        wait_until(lambda: listens(port) or process.poll() is not None, "the provider to listen")
        assert process.poll() is None, (home / "openid.log").read_text()
        yield
    finally:
        process.kill()
        process.wait()
