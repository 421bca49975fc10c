"""The replica among processes: forks, kills, power cuts, and a file that grows."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from pathlib import Path

import pytest

from counterfoil.gate.replica import Replica
from counterfoil.gate.verifier import Verifier
from gate.programs import placed, run_python, tokens
from support.gate import WORLD, ListFeed, mint, record, tell
from support.office import StandingClock


class TestProcesses:
    def test_fork(self, replica: Replica, clock: StandingClock) -> None:
        """A forked child cannot use its parent's replica, and does not harm it."""
        text = mint()
        tell(replica, record(text))
        verifier = Verifier(replica, clock)
        verifier.verify(text)
        child = os.fork()
        if not child:
            refused = 0
            for use in (
                lambda: verifier.verify(text),
                replica.position,
                lambda: tell(replica, placed(500)),
                lambda: replica.rebuild(ListFeed()),
            ):
                try:
                    use()
                except RuntimeError:
                    refused += 1
            replica.close()
            os._exit(refused)
        _, status = os.waitpid(child, 0)
        assert os.waitstatus_to_exitcode(status) == 4
        verifier.verify(text)
        tell(replica, placed(500))

    def test_closed(self, tmp_path: Path) -> None:
        """A closed replica says so, and closing it twice is harmless."""
        replica = Replica(tmp_path / "replica")
        replica.close()
        replica.close()
        with pytest.raises(RuntimeError, match="closed"):
            replica.position()

    def test_killed_writer(self, tmp_path: Path, replica: Replica) -> None:
        """A writer killed within its transaction leaves the state before, and its lock (R4)."""
        before, at = replica.dump(), replica.position()
        code = """
import os, signal, sys
from pathlib import Path
from counterfoil.feed.event import NodePlaced
from counterfoil.gate.replica import Replica
from support.gate import ACME, BASE
from counterfoil.feed.source import Untied
class Deadly(Untied):
    def read_after(self, position, limit):
        yield position + 1, NodePlaced(organization=ACME, node=BASE + 500, parent=None)
        os.kill(os.getpid(), signal.SIGKILL)
class Feed(Deadly):
    def read_after(self, position, limit):
        events = super().read_after(position, limit)
        class Lazy(list):
            def __iter__(self): return events
        return Lazy()
Replica(Path(sys.argv[1])).catch_up(Feed())
"""
        done = run_python(code, tmp_path / "replica")
        assert done.wait(30) == -signal.SIGKILL
        assert (replica.dump(), replica.position()) == (before, at)
        tell(replica, placed(501))
        assert replica.position() == at + 1

    def test_many_at_once(self, tmp_path: Path) -> None:
        """Processes that catch up at once take in each event once, and end with one state (R3)."""
        code = """
import sys
from pathlib import Path
from counterfoil.feed.event import NodePlaced
from counterfoil.gate.replica import Replica
from support.gate import ACME, BASE, ListFeed
replica = Replica(Path(sys.argv[1]))
feed = ListFeed()
for n in range(400):
    feed.events.append(NodePlaced(organization=ACME, node=BASE + n, parent=None))
    replica.catch_up(feed, n + 1)
replica.close()
"""
        workers = [run_python(code, tmp_path / "replica") for _ in range(3)]
        assert [worker.wait(60) for worker in workers] == [0, 0, 0]
        replica = Replica(tmp_path / "replica")
        assert replica.position() == 400
        assert len(replica.dump()["nodes"]) == 400
        replica.close()


class TestMarker:
    """What is trusted after a stop."""

    def open(self, path: Path, boot: str) -> Replica:
        return Replica(path, boot=lambda: boot)

    def abandon(self, replica: Replica) -> None:
        """Leave as a process does that is killed: its locks go, and it says nothing."""
        replica._marker.drop()  # noqa: SLF001 - what the kernel does for it
        replica._env.close()  # noqa: SLF001 - likewise
        replica.disown()

    def test_same_boot(self, tmp_path: Path) -> None:
        """A killed process costs nothing: the kernel still has every page."""
        replica = self.open(tmp_path, "one")
        tell(replica, *WORLD)
        self.abandon(replica)
        again = self.open(tmp_path, "one")
        assert again.position() == len(WORLD)
        again.close()

    def test_clean(self, tmp_path: Path) -> None:
        """What was closed cleanly is trusted after another boot."""
        replica = self.open(tmp_path, "one")
        tell(replica, *WORLD)
        replica.close()
        again = self.open(tmp_path, "two")
        assert again.position() == len(WORLD)
        again.close()

    def test_power_cut(self, tmp_path: Path) -> None:
        """What another boot left unclean is thrown away unread, even if it is rubble (R5)."""
        replica = self.open(tmp_path, "one")
        tell(replica, *WORLD)
        self.abandon(replica)
        (tmp_path / "data.mdb").write_bytes(os.urandom(1 << 16))
        again = self.open(tmp_path, "two")
        assert (again.position(), again.epoch()) == (0, 0)
        again.close()

    def test_last_one_out(self, tmp_path: Path) -> None:
        """Only the last process to close it notes that it is clean."""
        code = """
import sys
from pathlib import Path
from counterfoil.gate.replica import Replica
replica = Replica(Path(sys.argv[1]), boot=lambda: "one")
print("open", flush=True)
sys.stdin.read()
"""
        pipe = subprocess.PIPE
        with run_python(code, tmp_path, stdin=pipe, stdout=pipe) as other:
            assert other.stdout is not None
            assert other.stdout.readline() == b"open\n"
            self.open(tmp_path, "one").close()
            assert (tmp_path / "marker").read_bytes() == b"one"
            other.communicate(b"")
        assert other.returncode == 0
        self.open(tmp_path, "one").close()
        assert (tmp_path / "marker").read_bytes() == b"clean"


class TestSize:
    def test_grows(self, tmp_path: Path) -> None:
        """A full map is grown, and no event is lost over it."""
        replica = Replica(tmp_path, map_bytes=1 << 18)
        feed = ListFeed([tokens(n) for n in range(3000)])
        assert replica.catch_up(feed) == 3000
        replica.rebuild(ListFeed(feed.events, feed.events))
        assert len(replica.dump()["tokens"]) == 3000
        replica.close()

    def test_grown_by_another(self, tmp_path: Path, clock: StandingClock) -> None:
        """A reader adopts the size to which another process grew the map (R2)."""
        text = mint()
        replica = Replica(tmp_path, map_bytes=1 << 18)
        tell(replica, *WORLD, record(text))
        verifiers = [Verifier(replica, clock, remember=n) for n in (0, 100)]
        for verifier in verifiers:
            verifier.verify(text)
        code = """
import sys
from pathlib import Path
from counterfoil.gate.replica import Replica
from gate.programs import tokens
replica = Replica(Path(sys.argv[1]), map_bytes=1 << 18)
at = replica.position()
for n in range(3000):
    replica.apply(at + n + 1, tokens(n))
"""
        assert run_python(code, tmp_path).wait(60) == 0
        for verifier in verifiers:
            verifier.verify(text)
        tell(replica, placed(500))
        replica.close()

    def test_grown_under_threads(self, tmp_path: Path, clock: StandingClock) -> None:
        """Threads that read while the map is grown under them give right verdicts all the while."""
        text = mint()
        replica = Replica(tmp_path, map_bytes=1 << 18)
        tell(replica, *WORLD, record(text))
        verifier = Verifier(replica, clock, remember=0)
        over, wrong = threading.Event(), []

        def read() -> None:
            while not over.is_set():
                try:
                    verifier.verify(text)
                except Exception as error:  # noqa: BLE001 - reported below
                    wrong.append(error)

        readers = [threading.Thread(target=read) for _ in range(3)]
        for reader in readers:
            reader.start()
        events = [*WORLD, record(text), *(tokens(n) for n in range(3000))]
        assert replica.catch_up(ListFeed(events)) == len(events)
        over.set()
        for reader in readers:
            reader.join()
        assert not wrong
        replica.close()

    def test_no_reader_is_held(self, replica: Replica, clock: StandingClock) -> None:
        """Verifying holds no state back, so that the file does not grow with the writes."""
        text = mint()
        tell(replica, record(text))
        verifier = Verifier(replica, clock)
        sizes = []
        for _ in range(300):
            verifier.verify(text)
            tell(replica, placed(500))
            sizes.append(replica.size())
        assert sizes[-1] == sizes[50]

    def test_reap(self, replica: Replica) -> None:
        """There is nothing to free where no reader died."""
        assert replica.reap() == 0

    def test_reap_the_killed(self, replica: Replica) -> None:
        """The place of a reader that was killed is free again, and with it all that it saw (R4)."""
        code = """
import os, signal, sys
from pathlib import Path
from counterfoil.gate.replica import Replica
replica = Replica(Path(sys.argv[1]))
held = replica.begin()
os.kill(os.getpid(), signal.SIGKILL)
"""
        assert run_python(code, replica.path).wait() == -signal.SIGKILL
        assert replica.reap() == 1
        assert replica.reap() == 0
