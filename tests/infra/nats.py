"""Real NATS servers, one or a cluster of three, on the loopback address."""

from __future__ import annotations

import asyncio
import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from nats import connect

from infra.wait import free_port, listens, wait_until

NATS = Path(sys.executable).with_name("nats-server")


@dataclass
class Node:
    """One server."""

    home: Path
    name: str
    port: int
    monitor: int
    process: subprocess.Popen[bytes] | None = field(default=None)

    @property
    def store(self) -> Path:
        """Where its streams lie."""
        return self.home / self.name

    def begin(self) -> None:
        """Begin it."""
        with (self.home / f"{self.name}.log").open("ab") as log:
            self.process = subprocess.Popen(
                [NATS, "-c", self.home / f"{self.name}.conf"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip

    def ready(self) -> None:
        """Wait until it takes connections."""
        wait_until(lambda: listens(self.port), f"NATS {self.name}")

    def tell(self, what: signal.Signals) -> None:
        """Send it a signal."""
        if self.process is not None and self.runs():
            self.process.send_signal(what)

    def kill(self) -> None:
        """End it at once."""
        self.tell(signal.SIGKILL)
        if self.process is not None:
            self.process.wait()

    def runs(self) -> bool:
        """Say whether it does."""
        return self.process is not None and self.process.poll() is None

    def wipe(self) -> None:
        """Take away all that it has kept; it must not run."""
        shutil.rmtree(self.store, ignore_errors=True)

    def stream(self) -> dict[str, Any]:
        """Return what it says of its first stream; nothing if it says nothing."""
        asked = f"http://127.0.0.1:{self.monitor}/jsz?streams=1&config=1"
        try:
            with urlopen(asked, timeout=2) as answer:
                said = json.load(answer)
        except (OSError, HTTPException, ValueError):
            return {}
        streams = [one for account in said.get("account_details", ())
                   for one in account.get("stream_detail", ())]  # fmt: skip
        return streams[0] if streams else {}


@dataclass(frozen=True)
class Cluster:
    """Servers that run."""

    nodes: list[Node]

    @property
    def urls(self) -> str:
        """Where they are, as our settings have it."""
        return ",".join(f"nats://127.0.0.1:{one.port}" for one in self.nodes)

    def leader(self) -> Node:
        """Return the server that leads the stream, once one does."""
        found: list[Node] = []

        def led() -> bool:
            for one in self.nodes:
                name = one.stream().get("cluster", {}).get("leader", "")
                found[:] = [other for other in self.nodes if other.name == name]
                if found:
                    return True
            return False

        wait_until(led, "a leader of the stream")
        return found[0]

    def replicas(self) -> int:
        """Return by how many servers the stream is to be kept."""
        return int(self.leader().stream()["config"]["num_replicas"])

    def wipe(self) -> None:
        """Kill all of it, and begin it anew with nothing of what it had kept."""
        for node in self.nodes:
            node.kill()
            node.wipe()
        self.heal()

    def heal(self) -> None:
        """Begin whichever of them does not run."""
        for node in self.nodes:
            if not node.runs():
                node.begin()


def purge(stream: str, urls: str) -> None:
    """Have a cluster forget what a stream holds."""

    async def tell() -> None:
        client = await connect(urls.split(","))
        await client.jetstream().purge_stream(stream)
        await client.close()

    asyncio.run(tell())


@contextmanager
def nats_servers(home: Path, many: int = 1, more: str = "") -> Iterator[Cluster]:
    """Run so many servers that keep streams; `more` goes into the configuration of each."""
    home.mkdir(parents=True, exist_ok=True)
    nodes = [Node(home, f"n{number}", free_port(), free_port()) for number in range(many)]
    routes = [free_port() for _ in nodes]
    for node, route in zip(nodes, routes, strict=True):
        said = [
            f"server_name: {node.name}",
            f"listen: 127.0.0.1:{node.port}",
            f"http: 127.0.0.1:{node.monitor}",
            f'jetstream {{ store_dir: "{node.store}" }}',
            more,
        ]
        if many > 1:
            others = ", ".join(f"nats://127.0.0.1:{one}" for one in routes)
            said.append(f"cluster {{ name: c, listen: 127.0.0.1:{route}, routes: [{others}] }}")
        (home / f"{node.name}.conf").write_text("\n".join(said) + "\n")
    with ExitStack() as leaving:
        for node in nodes:
            leaving.callback(node.kill)
            node.begin()
        for node in nodes:
            node.ready()
        yield Cluster(nodes)
