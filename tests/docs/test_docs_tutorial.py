"""The tutorial: each command that it shows, and what it says will come."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from docs.likeness import Likeness
from docs.pages import ROOT, Typed, commands
from docs.reading import SHOWN_URL, Reader
from infra.server import COUNTERFOIL
from infra.wait import free_port, wait_until

PAGE = "tutorial/README.md"
LAST_LINE = "Ctrl-C stops the server"
PERSON = re.compile(r"^ +(\w+) +(\S+@\S+) +(\S+) +(\w+)$", re.MULTILINE)


@contextmanager
def demo(folder: Path, port: int) -> Iterator[str]:
    """Run `counterfoil demo` as `make demo` does, and give what it printed once it serves."""
    said = folder / "said"
    with said.open("w") as out:
        process = subprocess.Popen(
            [COUNTERFOIL, "demo", "--data-dir", folder / "data", "--port", str(port)],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
    try:
        wait_until(
            lambda: LAST_LINE in said.read_text() or process.poll() is not None,
            "the demo to serve",
            seconds=100,
        )
        yield said.read_text()
        process.send_signal(signal.SIGINT)
        process.wait(30)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def first_block(page: str) -> Typed:
    return next(one for one in commands(page, "ben") if one.command == "make demo")


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_tutorial_is_true(tmp_path: Path) -> None:
    """Every command of the tutorial ends and answers as it says, from `make demo` on (A7, A9)."""
    port = free_port()
    with demo(tmp_path, port) as said:
        url = f"http://localhost:{port}"
        shown = first_block((ROOT / "docs" / PAGE).read_text()).shown
        assert not Likeness({SHOWN_URL: url}).differs(shown, said.splitlines()), said
        people = {name.lower(): (email, word) for name, email, word, _ in PERSON.findall(said)}
        reader = Reader(tmp_path, url, people=people, done=("make demo",))
        assert reader.read(PAGE) > 20
