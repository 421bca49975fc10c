"""A network of its own for each gate, where the machine allows one: then its kernel loses packets.

The whole run begins anew in a network of its own first, and nothing of the machine's is touched:
all of it goes with its last process. From inside everything looks as it does on one machine. What a
gate sends to the ports of its office, and who asks the gate at its port, goes over a cable between
two networks; where packets are dropped there, a connection notices as it would between two hosts.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, Protocol

from chaos.cut import Mode, Wire
from infra.wait import wait_until

_APART: Final = "CHAOS_APART"
_TOOLS: Final = ("unshare", "nsenter", "ip", "iptables", "sysctl")
_TRY: Final = (
    "ip link set lo up && sysctl -qw net.ipv4.conf.all.route_localnet=1"
    " && for table in raw mangle nat; do iptables -t $table -S >/dev/null || exit 1; done"
)
_HERE: Final = "127.0.0.1"


class Cut(Protocol):
    """What can be cut between a gate and its office."""

    mode: Mode


def begin_apart(*arguments: str) -> None:
    """Begin this run anew in a network of its own; return if it is in one, or may have none."""
    if is_apart() or os.geteuid() != 0 or not all(map(shutil.which, _TOOLS)):
        return
    command = ["unshare", "--net", "sh", "-c"]
    if subprocess.run([*command, _TRY], capture_output=True, check=False).returncode == 0:
        os.environ[_APART] = "1"
        again = [sys.executable, "-m", "chaos", *arguments]
        os.execvp(command[0], [*command, f'{_TRY} && exec "$@"', "sh", *again])  # noqa: S606 - itself


def is_apart() -> bool:
    """Say whether this run is in a network of its own."""
    return _APART in os.environ


def how_cut() -> str:
    """Say by what wires are cut in this run."""
    return "packets lost between networks" if is_apart() else "a proxy"


class Network:
    """The network of a gate.

    Args:
        process: one that is in it.
        port: where the gate is asked, which works through every cut.

    Attributes:
        before: what a command begins with that is to run in it.
    """

    def __init__(self, process: int, port: int) -> None:
        self.before: Final = ("nsenter", "--target", str(process), "--net", "--")
        self._port = str(port)

    def lay(self, number: int, reached: Sequence[int]) -> None:
        """Lay the cable: from the gate to these ports of this machine, and to the gate's port."""
        name, near, far = f"cf{number}", f"10.201.{number}.1", f"10.201.{number}.2"
        _run("ip", "link", "add", name, "type", "veth", "peer", "name", "eth0", "netns", self._id)
        for end, address, inside in ((name, near, ()), ("eth0", far, self.before)):
            _run(*inside, "ip", "address", "add", f"{address}/30", "dev", end)
            _run(*inside, "ip", "link", "set", end, "up")
        self._run("sh", "-c", _TRY)
        for port in map(str, reached):
            _lead("OUTPUT", "-d", _HERE, port=port, to=near, inside=self.before)
            _lead("PREROUTING", "-i", name, port=port, to=_HERE)
        _lead("OUTPUT", "-d", _HERE, port=self._port, to=far)
        _lead("PREROUTING", "-i", "eth0", port=self._port, to=_HERE, inside=self.before)
        for end, inside in ((name, ()), ("eth0", self.before)):
            masked = ("-t", "nat", "-A", "POSTROUTING", "-o", end, "-j", "MASQUERADE")
            _run(*inside, "iptables", *masked)

    def drop(self, *, arriving: bool, leaving: bool) -> None:
        """Lose every packet that arrives at the gate, or leaves it; but for who asks it."""
        for lost, table, chain, way, port in (
            (arriving, "raw", "PREROUTING", "-i", "--dport"),
            (leaving, "mangle", "POSTROUTING", "-o", "--sport"),
        ):
            self._run("iptables", "-t", table, "-F", chain)
            if lost:
                which = (way, "eth0", "-p", "tcp", "!", port, self._port)
                self._run("iptables", "-t", table, "-A", chain, *which, "-j", "DROP")

    @property
    def _id(self) -> str:
        return self.before[2]

    def _run(self, *command: str) -> None:
        _run(*self.before, *command)


class Between:
    """The wire of a gate in a network of its own: packets are lost there, answers changed here."""

    def __init__(self, wire: Wire, network: Network) -> None:
        self._wire = wire
        self._network = network
        self._mode: Mode = "through"

    @property
    def mode(self) -> Mode:
        """What becomes of what is sent."""
        return self._mode

    @mode.setter
    def mode(self, mode: Mode) -> None:
        lost = mode in {"cut", "deaf", "mute", "held"}
        both = mode in {"cut", "held"}
        self._network.drop(arriving=both or mode == "deaf", leaving=both or mode == "mute")
        self._wire.mode = "through" if lost else mode
        self._mode = mode


class Losing:
    """A wire inside the network of this run, of which packets are lost, both ways, where it is cut.

    What is sent is acknowledged by nobody then: a proxy would go on taking it.
    """

    def __init__(self, wire: Wire) -> None:
        self.port: Final = wire.port
        self._mode: Mode = "through"

    @property
    def mode(self) -> Mode:
        """What becomes of what is sent: it comes through, or it is lost."""
        return self._mode

    @mode.setter
    def mode(self, mode: Mode) -> None:
        if (mode == "through") != (self._mode == "through"):
            change = "-D" if mode == "through" else "-A"
            for way in ("--dport", "--sport"):
                which = ("-i", "lo", "-p", "tcp", way, str(self.port))
                _run("iptables", change, "INPUT", *which, "-j", "DROP")
        self._mode = mode


@contextmanager
def network(number: int, port: int, reached: Sequence[int]) -> Iterator[Network]:
    """Give a gate that is asked at a port a network, from which it reaches these ports alone."""
    own = Path("/proc/self/ns/net").readlink()
    command = ["unshare", "--net", "cat"]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as holding:
        there = Path(f"/proc/{holding.pid}/ns/net")
        wait_until(lambda: there.readlink() != own, "a network to be there")
        given = Network(holding.pid, port)
        try:
            given.lay(number, reached)
            yield given
        finally:
            with suppress(subprocess.CalledProcessError):
                _run("ip", "link", "delete", f"cf{number}")


def _lead(chain: str, *which: str, port: str, to: str, inside: Sequence[str] = ()) -> None:
    _run(
        *inside, "iptables", "-t", "nat", "-A", chain, *which, "-p", "tcp", "--dport", port,
        "-j", "DNAT", "--to-destination", to,
    )  # fmt: skip


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)
