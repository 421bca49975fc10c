"""Gates on other hosts, for real: what was revoked opens at none of them, whatever breaks (R1, R2).

`make chaos` is the long form.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest
from prometheus_client.parser import text_string_to_metric_families

from chaos.faults import FAULTS, ON_POSTGRES, Fault
from chaos.history import History
from chaos.house import House, house
from chaos.run import Run

SHORT = (
    "both ways are cut",
    "an old answer is replayed",
    "answers are forged",
    "the gate is frozen",
    "the gate is killed",
    "the gate is killed, and its disk is empty",
    "the leader of NATS is killed",
    "NATS is wiped",
    "somebody hostile publishes on NATS",
    "the office is killed",
    "the disks of office and gate are full",
    "the office's clock is an hour ahead, the gate's behind",
    "the office's clock is an hour behind, the gate's ahead",
)


def named(name: str) -> Fault:
    return next(one for one in (*FAULTS, *ON_POSTGRES) if one.name == name)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house(tmp_path_factory.mktemp("house"), many=2, victims=1_600) as running:
        yield running


@pytest.mark.slow
@pytest.mark.parametrize("fault", SHORT)
def test_nothing_revoked_opens(built: House, fault: str) -> None:
    """A request that is sent after a revocation was answered is let in at no gate (R1, R7, R19)."""
    history = Run(built, pause_s=0.01).through(named(fault), revocations=5, rounds=1)
    for one in built.gates:
        one.ready()
    assert history.wrong() == []
    assert len(history.took_s) >= 5
    assert history.verified > 0


@pytest.fixture(scope="module")
def on_postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("postgres")
    with house(folder, many=1, victims=400, on_postgres=True) as running:
        yield running


@pytest.mark.slow
@pytest.mark.parametrize("fault", ["Postgres is killed and begins again", "Postgres stands still"])
def test_nothing_revoked_opens_while_postgres_is_away(on_postgres: House, fault: str) -> None:
    """Nor while the office's Postgres is killed and begins again, or says nothing and goes on."""
    history = Run(on_postgres, pause_s=0.01).through(named(fault), revocations=5, rounds=1)
    for one in on_postgres.gates:
        one.ready()
    assert history.wrong() == []
    assert len(history.took_s) >= 5
    assert history.verified > 0


@pytest.mark.slow
def test_what_is_new_comes_over_nats(built: House) -> None:
    """The gate that is told of NATS hears there what was revoked, before it asks (R7)."""
    before = metric(built, "counterfoil_news_total", found="new")
    Run(built, pause_s=0.05).through(named("nothing is wrong"), revocations=5, rounds=1)
    assert metric(built, "counterfoil_news_total", found="new") > before
    assert metric(built, "counterfoil_nats_up") == 1


@pytest.mark.slow
def test_in_networks_of_their_own(tmp_path: Path) -> None:
    """Nor where a gate's network loses what is sent, one way or both; the run says how it did (R2).

    Where the machine allows no such networks it is the proxy that loses it.
    """
    command = (sys.executable, "-m", "chaos", "--gates", "2", "--revocations", "4", "--rounds", "1")
    only = ("--only", " the gate are lost", "--out", str(tmp_path / "found.json"))
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    ran = subprocess.run((*command, *only), env=env, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    found = json.loads((tmp_path / "found.json").read_bytes())
    [part] = found["parts"]
    assert f"wires are cut by {part['cut']}\n" in ran.stdout
    assert [one["accepted"] for one in found["taken"]] == [0, 0]
    assert all(one["unserved"] for one in found["taken"])  # it was cut off, and decided nothing


@pytest.mark.slow
def test_what_somebody_hostile_says_is_heard_and_not_believed(built: House) -> None:
    """Old pages, changed ones and noise on the feed's subject: each is heard, none moves it (R7).

    What is the office's own among them goes on to be taken in.
    """
    before = {name: metric(built, "counterfoil_news_total", found=name) for name in ("old", "new")}
    forged = metric(built, "counterfoil_news_total", found="forged")
    fault = named("somebody hostile publishes on NATS")
    history = Run(built, pause_s=0.05).through(fault, revocations=20, rounds=1)
    assert (history.wrong(), history.turned_away, history.unserved) == ([], 0, 0)
    assert metric(built, "counterfoil_news_total", found="forged") > forged + 100
    for name, many in before.items():
        assert metric(built, "counterfoil_news_total", found=name) > many
    assert metric(built, "counterfoil_gate_doubted", why="forked") == 0


def metric(built: House, name: str, **labels: str) -> float:
    """Return a number of the first gate."""
    with urlopen(f"http://127.0.0.1:{built.gates[0].port}/metrics", timeout=10) as answer:
        families = text_string_to_metric_families(answer.read().decode())
        return next(
            one.value
            for family in families
            for one in family.samples
            if (one.name, one.labels) == (name, labels)
        )


def test_what_is_wrong_is_seen() -> None:
    """The history names who was let in too late, and nobody who asked before the answer (R1)."""
    history = History()
    history.asked(0, 1.0, 1, [7])
    history.revoked(7, 0.5, 2.0)
    assert history.wrong() == []
    history.asked(1, 2.5, 1, [7])
    (found,) = history.wrong()
    assert (found.gate, found.token, found.late_s) == (1, 7, 0.5)
