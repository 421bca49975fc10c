"""`python -m bench.catchup`: how long a gate on another host takes until it decides.

An office and a gate run as in life, as processes of this machine, and speak HTTP. Three times are
told, each from when the gate's process is begun until it says that it is ready: of one that knows
nothing, at an office with a million tokens; of one that was away while as many of them changed; and
of one that was killed, whose books hold ten million.

That it knows them is proved before anything is told: it is asked about some of them.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from itertools import islice
from pathlib import Path
from shutil import copyfile
from typing import Any, Final

from bench import host
from bench.office import found_installation
from bench.shop import free_port
from bench.world import Known, World, fill_sorted
from chaos.running import Running
from counterfoil.app import gates
from counterfoil.feed import outbox
from counterfoil.feed.event import AnyEvent
from counterfoil.gate.replica import Replica
from counterfoil.kernel.clock import system_clock
from counterfoil.kernel.ids import Prefix, spell
from counterfoil.runtime.database import Database
from counterfoil.runtime.places import Places
from counterfoil.runtime.settings import Settings

RESULTS: Final = Path(__file__).with_name("results") / "catchup.json"
TARGETS: Final = {"snapshot": 10.0, "tail": 10.0, "restart": 2.0}
"""Seconds; `snapshot` and `tail` for a million tokens, `restart` with ten million."""

_BATCH: Final = 10_000
_LOOK_S: Final = 0.005
_PATIENCE_S: Final = 300.0
_ASKED: Final = 50
_OK: Final = 200


class WrongAnswerError(Exception):
    """A gate that was ready did not know what it should."""


@dataclass
class Scene:
    """An office, and a gate that may be begun and ended.

    Attributes:
        settings: of the office.
        office, gate: the two.
        books: where the gate has its own.
    """

    settings: Settings
    office: Running
    gate: Running
    books: Places

    def ready_s(self) -> float:
        """Begin the gate; return after how many seconds it says that it is ready."""
        began = time.monotonic()
        self.gate.begin()
        while not _is_ready(self.gate.port):
            if time.monotonic() - began > _PATIENCE_S:
                message = "the gate is never ready"
                raise TimeoutError(message)
            time.sleep(_LOOK_S)
        return time.monotonic() - began

    def level(self) -> None:
        """Return when the office's own host knows what was changed behind its back.

        In life it has taken in each change before that is answered.
        """
        database, replica = Database(self.settings.url), Replica(self.settings.replica_dir)
        with database.reading() as tx:
            head = outbox.read_head(tx).position
        while replica.position() < head:
            time.sleep(_LOOK_S)
        replica.close()
        database.close()

    def prove(self, known: list[Known]) -> None:
        """Ask the gate about tokens that it has to know.

        Raises:
            WrongAnswerError: if it does not.
        """
        line = HTTPConnection("127.0.0.1", self.gate.port, timeout=10)
        for one in known[:: max(1, len(known) // _ASKED)]:
            for node, allowed in ((one.inside, True), (one.outside, False)):
                asked = {
                    "token": one.text,
                    "action": "content:read",
                    "resource": {"node": spell(Prefix.NODE, node)},
                }
                line.request("POST", "/authz/decision", json.dumps(asked))
                told = json.loads(line.getresponse().read())
                if told["allowed"] is not allowed:
                    raise WrongAnswerError(told)
        line.close()


@contextmanager
def scene(at: Path, events: Iterator[AnyEvent]) -> Iterator[Scene]:
    """Run an office that holds all this, and have a gate that was enrolled with it."""
    settings = Settings(data_dir=at / "office")
    found_installation(settings, events)
    credential, far = at / "gate.credential", at / "gate"
    gates.add(settings, "far").write(credential)
    ports = free_port(), free_port()
    office = Running(
        at / "office.log", ports[0], "serve", "--data-dir", str(settings.data_dir),
        "--port", str(ports[0]),
    )  # fmt: skip
    gate = Running(
        at / "gate.log", ports[1], "gate", "--data-dir", str(far),
        "--listen", f"127.0.0.1:{ports[1]}", "--office", f"http://127.0.0.1:{ports[0]}",
        "--credential", str(credential),
    )  # fmt: skip
    office.begin()
    try:
        office.ready()
        yield Scene(settings, office, gate, Places(far))
    finally:
        gate.kill()
        office.kill()


def catching_up(at: Path, tokens: int) -> dict[str, float]:
    """Return the seconds until a gate knows so many tokens, and until it knows them anew."""
    world = World(tokens)
    at.mkdir()
    with scene(at, world.events()) as running:
        took = {"snapshot": running.ready_s()}
        running.prove(world.known)
        running.gate.kill()
        changed = World(tokens)
        change(running.settings, changed.events())
        running.level()
        took["tail"] = running.ready_s()
        running.prove(changed.known)
    return took


def change(settings: Settings, events: Iterator[AnyEvent]) -> None:
    """Have the feed of an office tell all this again, as if it had changed."""
    database = Database(settings.url)
    while some := list(islice(events, _BATCH)):
        with database.transaction() as tx:
            heads = outbox.advance(tx, events=len(some), entries=0)
            outbox.append(tx, heads, some, system_clock())
    database.close()


def restarting(at: Path, tokens: int) -> float:
    """Return the seconds until a gate that was killed decides by so many tokens again."""
    at.mkdir()
    with scene(at, iter(World(100).base)) as running:
        running.ready_s()
        running.gate.kill()
        running.office.kill()
        world = World(tokens, seed=3)
        replica = Replica(running.books.replica_dir)
        epoch, position = replica.epoch(), replica.position()
        fill_sorted(replica, world)
        if (replica.epoch(), replica.position()) != (epoch, position):
            message = "the books that were filled stand elsewhere"
            raise WrongAnswerError(message)
        replica.close()
        copyfile(*(where / "data.mdb" for where in (replica.path, running.settings.replica_dir)))
        running.office.begin()  # which compares what a gate has with what it has itself
        running.office.ready()
        running.ready_s()
        running.prove(world.known)
        running.gate.kill()
        took = running.ready_s()
        running.prove(world.known)
    return took


def main() -> None:
    """Measure, print, and write the file."""
    ask = argparse.ArgumentParser(prog="python -m bench.catchup", description=__doc__)
    ask.add_argument("--tokens", type=int, default=1_000_000)
    ask.add_argument("--large", type=int, default=10_000_000)
    ask.add_argument("--out", type=Path, default=RESULTS)
    wanted = ask.parse_args()
    with tempfile.TemporaryDirectory(prefix="counterfoil-catchup-") as folder:
        took = catching_up(Path(folder) / "far", wanted.tokens)
        took["restart"] = restarting(Path(folder) / "large", wanted.large)
    said: dict[str, Any] = {
        "tokens": wanted.tokens,
        "large": wanted.large,
        "seconds": {name: round(one, 2) for name, one in took.items()},
        "targets": TARGETS,
        "machine": host.machine(),
    }
    for name, seconds in took.items():
        sys.stdout.write(f"{name}: {seconds:.2f} s, wanted {TARGETS[name]:.0f} s\n")
    sys.stdout.write(f"load {host.load()}\n")
    wanted.out.parent.mkdir(parents=True, exist_ok=True)
    wanted.out.write_text(json.dumps(said, indent=2) + "\n")


def _is_ready(port: int) -> bool:
    line = HTTPConnection("127.0.0.1", port, timeout=1)
    try:
        line.request("GET", "/readyz")
        return line.getresponse().status == _OK
    except (OSError, HTTPException):
        return False
    finally:
        line.close()


if __name__ == "__main__":
    main()
