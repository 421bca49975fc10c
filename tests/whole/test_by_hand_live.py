"""What the operator does at the machine holds when they are told so, be there a server or not."""

from __future__ import annotations

import os
import signal
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from chaos.plain import plain
from counterfoil.gate.replica import Replica
from counterfoil.kernel.ids import Prefix, spell
from infra.server import COUNTERFOIL, Server, gateway, serving
from support.sample import Sample, Talker

SHUT = ("user", "deactivate", "ben@harbour.example")
CLOSED = ("quarantine", "begin", "--operator", "Ann")


def typed(data: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [COUNTERFOIL, *words, "--data-dir", str(data)],
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip


def decided(port: int, token: str, node: str) -> dict[str, Any]:
    """Return what a gate says of a token that would look at a node."""
    asked = {"token": token, "action": "content:read", "resource": {"node": node}}
    told = Talker(port)("POST", "/authz/decision", [asked])
    assert told.status == 200, told.body
    return dict(told.body[0])


def lets_in(gate: Server, sample: Sample) -> bool:
    """Say whether a gate lets Ben's token look at `/site`."""
    node = spell(Prefix.NODE, int(sample.told["nodes"]["/site"]))
    return bool(decided(gate.port, sample.token("personal"), node)["allowed"])


@pytest.mark.parametrize("verb", [SHUT, CLOSED], ids=["deactivated", "quarantined"])
def test_a_gate_that_outlives_its_office_knows_at_once(
    sample: Sample, verb: tuple[str, ...]
) -> None:
    """Its office is killed, power is taken away by hand: the gate knows when that is said (R1)."""
    with serving(sample.directory) as server, gateway(sample.directory) as gate:
        assert lets_in(gate, sample)
        os.killpg(server.process.pid, signal.SIGKILL)
        server.process.wait()
        assert lets_in(gate, sample)
        done = typed(sample.directory, *verb)
        assert done.returncode == 0, done.stderr
        assert not lets_in(gate, sample)


def test_a_gate_elsewhere_has_let_go_by_then(tmp_path: Path) -> None:
    """The lease that a killed office gave has run out when the operator is told (R1, R2)."""
    with plain(tmp_path, many=1, victims=1) as running:
        [gate], token = running.gates, running.victims[0].text
        assert decided(gate.port, token, running.root)["allowed"]
        running.office.kill()
        done = typed(tmp_path / "data", *CLOSED)
        assert done.returncode == 0, done.stderr
        assert not decided(gate.port, token, running.root)["allowed"]


def test_where_a_copy_was_put_back_nothing_is_said_to_hold(sample: Sample) -> None:
    """Who acts by hand beside a gate that knows more than the database is told that it does.

    What the gate knows is left as it is: by that a server sees that a copy was put back (R12).
    """
    office = sample.directory / "office.sqlite"
    with serving(sample.directory):
        pass
    before = office.read_bytes()
    with serving(sample.directory) as server:
        assert (
            Talker(server.port).bearing(sample.token("weak"))("DELETE", "/cma/token").status == 200
        )
    office.write_bytes(before)
    known = position(sample.directory)
    done = typed(sample.directory, *SHUT)
    assert done.returncode != 0
    assert "committed" in done.stderr
    assert position(sample.directory) == known


def position(data: Path) -> int:
    """Return how far the replica of a host has followed."""
    with closing(Replica(data / "replica")) as replica:
        return replica.position()
