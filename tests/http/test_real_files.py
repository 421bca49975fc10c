"""Files through the real server: large ones pass in pieces, and the file is closed behind them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

from infra.server import Server
from infra.wait import wait_until
from support.installation import Installed

PIECE_BYTES = 64 * 1024
PIECE = bytes(range(256)) * 256
LARGE = 60 * 1024 * 1024


def _pieces() -> Iterator[bytes]:
    for _ in range(LARGE // len(PIECE)):
        yield PIECE


@contextmanager
def _asked(
    server: Server, method: str, path: str, token: str = "", body: object = None
) -> Iterator[HTTPResponse]:
    """Send a request, a body of JSON or of pieces with it, and close the connection behind it."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    if isinstance(body, dict):
        headers["Content-Type"] = "application/json"
        body = json.dumps(body)
    elif body is not None:
        headers["Content-Length"] = str(LARGE)
    connection = HTTPConnection("127.0.0.1", server.port, timeout=120)
    with closing(connection):
        connection.request(method, path, cast("Any", body), headers)
        with connection.getresponse() as answer:
            yield answer


def _peak(server: Server) -> int:
    """Return how many bytes the process that needed most has needed so far."""
    found = []
    for pid in server.workers():
        status = Path(f"/proc/{pid}/status").read_text()
        found.append(next(int(line.split()[1]) for line in status.splitlines() if "VmHWM" in line))
    return max(found) * 1024


def _open_files(server: Server, folder: Path) -> list[Path]:
    found = []
    for pid in server.workers():
        for handle in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(FileNotFoundError):  # it was closed while we looked
                target = handle.readlink()
                if target.is_relative_to(folder):
                    found.append(target)
    return found


def test_large_files_pass_in_pieces(server: Server, installed: Installed) -> None:
    """A large file goes in and out whole; no worker ever holds half of it, or leaves it open."""
    token = installed.tokens[-1]
    with _asked(server, "GET", "/cma/token", token) as answer:
        assert answer.status == 200
    before = _peak(server)
    body = {"data": {"type": "upload_request", "attributes": {"size": LARGE}}}
    with _asked(server, "POST", "/cma/upload_requests", token, body) as answer:
        asked = json.load(answer)["data"]
    with _asked(server, "PUT", urlsplit(asked["attributes"]["url"]).path, "", _pieces()) as answer:
        assert answer.status == 204
    made = {
        "data": {
            "type": "node",
            "attributes": {"upload": asked["id"], "filename": "large.bin"},
            "relationships": {"parent": {"data": {"type": "node", "id": str(installed.root)}}},
        }
    }
    with _asked(server, "POST", "/cma/assets", token, made) as answer:
        assert answer.status == 201
        node = json.load(answer)["data"]
    file = f"/cda/assets/{node['id']}/file"
    for _ in range(2):  # one for each worker, more or less
        with _asked(server, "GET", file, token) as answer:
            assert (answer.status, answer.headers["Content-Length"]) == (200, str(LARGE))
            digest = hashlib.sha256()
            while piece := answer.read(PIECE_BYTES):
                digest.update(piece)
        assert digest.hexdigest() == node["attributes"]["sha256"]
    with _asked(server, "GET", file, token) as answer:
        assert answer.read(10) == PIECE[:10]
    wait_until(lambda: not _open_files(server, installed.settings.files_dir), "files to be closed")
    grown = _peak(server) - before
    assert grown < LARGE // 2
