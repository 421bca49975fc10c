"""The peers: three of Django's world in one process, better-auth, and an OpenID provider."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from bench.peers.process import free_port, running, surroundings
from bench.peers.theirs import NODE, PROJECTS
from bench.peers.verification.verifier import Request, Verifier

REST: Final = Path(__file__).parents[3] / ".venv" / "rest"
"""The environment of the peers of Django's world."""

_WAYS: Final = {
    "knox": ("django-rest-knox", "Token"),
    "token": ("DRF TokenAuthentication", "Token"),
    "key": ("djangorestframework-api-key", "Api-Key"),
}
_CLIENT: Final = base64.b64encode(b"bench:for-the-benchmark-and-nothing-else").decode()
_PATIENCE_S: Final = 60.0


@contextmanager
def rest(folder: Path, count: int) -> Iterator[list[Verifier]]:
    """Run Django REST framework on the server that our gate runs on."""
    shutil.copytree(PROJECTS / "rest", folder)
    env = {"DJANGO_SETTINGS_MODULE": "settings"}
    subprocess.run(
        [REST / "bin" / "python", "fill.py", str(count)],
        cwd=folder,
        env=surroundings(folder) | env,
        check=True,
        timeout=300,
    )
    keys: dict[str, list[str]] = json.loads((folder / "keys.json").read_text())
    port = free_port()
    options = ["--interface", "wsgi", "--port", str(port), "--no-ws", "--runtime-mode", "st"]
    options += ["--blocking-threads", "1", "--log-level", "error", "rest:application"]
    command = [REST / "bin" / "granian", *options]
    with running(command, folder, port, "/ready", env) as pid:
        yield [
            Verifier(name, port, pid, keys[way], _bearing(f"/{way}/17", scheme), b'"item":17')
            for way, (name, scheme) in _WAYS.items()
        ]


@contextmanager
def better_auth(folder: Path, count: int) -> Iterator[Verifier]:
    """Run better-auth with API keys on SQLite."""
    with _node(folder, "better-auth.mjs", count, "/ready") as (port, pid, keys):
        yield Verifier("better-auth", port, pid, keys, _bearing("/items/17", "Bearer"))


@contextmanager
def oidc_provider(folder: Path, count: int) -> Iterator[Verifier]:
    """Run oidc-provider, which is asked about each token by introspection."""
    ready = "/.well-known/openid-configuration"
    with _node(folder, "oidc.mjs", count, ready) as (port, pid, keys):
        yield Verifier("oidc-provider", port, pid, keys, _introspected, b'"active":true')


@contextmanager
def _node(
    folder: Path, program: str, count: int, ready: str
) -> Iterator[tuple[int, int, list[str]]]:
    folder.mkdir()
    shutil.copy(PROJECTS / "node" / program, folder)
    (folder / "node_modules").symlink_to(PROJECTS / "node" / "node_modules")
    port = free_port()
    env = {"PORT": str(port), "COUNT": str(count)}
    with running([NODE, program], folder, port, ready, env) as pid:
        yield port, pid, _keys(folder / "keys.json")


def _keys(path: Path) -> list[str]:
    """Return the keys that a server writes once it has made them."""
    until = time.monotonic() + _PATIENCE_S
    while time.monotonic() < until:
        try:
            found: Any = json.loads(path.read_text())
        except (OSError, ValueError):
            time.sleep(0.1)
        else:
            return [str(one) for one in found]
    raise TimeoutError(str(path))


def _bearing(path: str, scheme: str) -> Any:  # noqa: ANN401 - a function of one line
    return lambda token: Request(
        "GET", path, {"Authorization": f"{scheme} {token}"} if token else {}
    )


def _introspected(token: str) -> Request:
    headers = {
        "Authorization": f"Basic {_CLIENT}",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    return Request("POST", "/token/introspection", headers, f"token={token or 'none'}")
