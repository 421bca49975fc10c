"""The real server with its files in a bucket of a real S3 server."""

from __future__ import annotations

from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from infra.seaweed import seaweed
from infra.server import serving
from support.sample import Sample, Talker

FILE = bytes(range(256)) * 30_000


def send(port: int, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, bytes]:
    """Send something that is no JSON; return the status and what came."""
    with closing(HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body=body, headers=named)
        answer = connection.getresponse()
        return answer.status, answer.read()


def test_files_flow_through_the_server(sample: Sample, tmp_path: Path) -> None:
    """A file goes through the server into the bucket and comes out again, whole and in parts."""
    with seaweed(tmp_path / "weed") as s3:
        env = {**s3.env, "COUNTERFOIL_FILES": s3.place()}
        with serving(sample.directory, env=env) as server:
            talk = Talker(server.port).bearing(sample.token("manager"))
            data = {"type": "upload_request", "attributes": {"size": len(FILE)}}
            asked = talk("POST", "/cma/upload_requests", {"data": data}).body["data"]
            path = urlsplit(asked["attributes"]["url"]).path
            assert send(server.port, "PUT", path, FILE)[0] == 204
            data = {
                "type": "node",
                "attributes": {"upload": asked["id"], "filename": "a.bin"},
                "relationships": {
                    "parent": {"data": {"type": "node", "id": str(sample.told["nodes"]["/site"])}}
                },
            }
            made = talk("POST", "/cma/assets", {"data": data})
            assert made.status == 201, made.body
            here = f"/cda/assets/{made.body['data']['id']}/file"
            bearing = {"Authorization": f"Bearer {sample.token('manager')}"}
            assert send(server.port, "GET", here, **bearing) == (200, FILE)
            part = send(server.port, "GET", here, **bearing, Range="bytes=7000000-7000009")
            assert part == (206, FILE[7_000_000:7_000_010])
            assert not (sample.directory / "files").exists()
