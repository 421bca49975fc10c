"""`counterfoil demo`, run as by whoever tries it, and what it prints."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.server import COUNTERFOIL, STOPS_WITHIN
from infra.wait import free_port, wait_until

_LAST_LINE = "Ctrl-C stops the server"
_PERSON = re.compile(r"^ +(\w+) +(\S+@\S+) +(\S+) +(\w+)$", re.MULTILINE)
_ENTRY = re.compile(r"^ +Open (http://\S+)$", re.MULTILINE)


@dataclass(frozen=True)
class Demo:
    """A demo that serves."""

    port: int
    data: Path
    said: str

    @property
    def url(self) -> str:
        """Where it says that it is."""
        return f"http://localhost:{self.port}"

    @property
    def entry(self) -> str:
        """The link that it prints at its end, which lets the admin in once."""
        [found] = _ENTRY.findall(self.said)
        return str(found)

    @property
    def people(self) -> dict[str, tuple[str, str]]:
        """E-mail and password of the people whom it lists, by name."""
        return {name: (email, word) for name, email, word, _ in _PERSON.findall(self.said)}

    @property
    def kept(self) -> Any:
        """What it wrote beside the data: which ids are whose."""
        return json.loads((self.data / "sample.json").read_text())


@contextmanager
def demonstrating(folder: Path) -> Iterator[Demo]:
    """Run it on a free port until it has said where to go; end it as Ctrl-C does."""
    port, data, said = free_port(), folder / "data", folder / "said"
    with said.open("w") as out:
        process = subprocess.Popen(
            [COUNTERFOIL, "demo", "--data-dir", data, "--port", str(port)],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
    try:
        wait_until(
            lambda: _LAST_LINE in said.read_text() or process.poll() is not None,
            "the demo to serve",
            seconds=100,
        )
        assert process.poll() is None, said.read_text()
        yield Demo(port, data, said.read_text())
        os.killpg(process.pid, signal.SIGINT)
        assert process.wait(STOPS_WITHIN + 10) == 0, said.read_text()
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
