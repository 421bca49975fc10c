"""A real S3 server, of one process, on the loopback address."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from uuid import uuid4

import obstore
from obstore.store import S3Store

from infra.wait import free_port, wait_until

WEED = Path(sys.executable).with_name("weed")
BUCKET = "assets"
KEY, SECRET = "counterfoil", "not-a-secret-anywhere"


@dataclass(frozen=True)
class S3:
    """A server that answers, and how to reach a place in it that nobody else uses."""

    port: int
    process: subprocess.Popen[bytes]

    @property
    def env(self) -> dict[str, str]:
        """Return the variables by which a client finds the server and is let in."""
        return {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.port}",
            "AWS_ACCESS_KEY_ID": KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_REGION": "us-east-1",
        }

    def place(self) -> str:
        """Name a place in the one bucket where nothing lies yet."""
        return f"s3://{BUCKET}/{uuid4().hex}"

    def make_bucket(self) -> None:
        """Make the bucket, as SeaweedFS does when something is put there."""
        store = S3Store(
            BUCKET,
            endpoint=self.env["AWS_ENDPOINT_URL"],
            access_key_id=KEY,
            secret_access_key=SECRET,
            region="us-east-1",
            client_options={"allow_http": True},
        )
        obstore.put(store, "elsewhere", b"somebody else's")


@contextmanager
def seaweed(folder: Path) -> Iterator[S3]:
    """Run SeaweedFS with its S3 door, from ready to ended."""
    (folder / "data").mkdir(parents=True)
    credentials = {"accessKey": KEY, "secretKey": SECRET}
    actions = ["Admin", "Read", "Write", "List"]
    config = {"identities": [{"name": "t", "credentials": [credentials], "actions": actions}]}
    (folder / "s3.json").write_text(json.dumps(config))
    port = free_port()
    doors = ("master", "volume", "filer", "s3")
    ports = {f"{door}.port": free_port() for door in doors} | {"s3.port": port}
    ports |= {f"{door}.port.grpc": free_port() for door in doors}
    command = [
        str(WEED), f"-logdir={folder}", "server", "-ip=127.0.0.1", f"-dir={folder / 'data'}",
        "-volume.max=8", "-master.volumeSizeLimitMB=64", "-filer", "-s3", "-iam=false",
        "-s3.port.iceberg=0", "-s3.port.lance=0",
        f"-s3.config={folder / 's3.json'}", *(f"-{name}={at}" for name, at in ports.items()),
    ]  # fmt: skip
    with (folder / "weed.log").open("wb") as log:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )
    try:
        wait_until(lambda: _answers(port) or process.poll() is not None, "SeaweedFS", seconds=60)
        if process.returncode is not None:
            raise RuntimeError((folder / "weed.log").read_text())
        running = S3(port, process)
        running.make_bucket()
        yield running
    finally:
        process.kill()
        process.wait()


def _answers(port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/")
        connection.getresponse().read()
    except (OSError, HTTPException):
        return False
    else:
        return True
    finally:
        connection.close()
