"""A replica that was written in another layout: by the program as it was before, which still runs.

That program is kept in `tests/vectors/former` (`python -m tools.former`).
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import lmdb
import pytest

from counterfoil.gate.replica import Replica
from counterfoil.gate.replica.books import LAYOUT
from support.gate import WORLD, ListFeed, mint, record
from tools.former import program

SAYS = """
import sys
from pathlib import Path
from counterfoil.access.role import DEVELOPER
from counterfoil.access.surface import ALL_SURFACES
from counterfoil.feed.event import *
from counterfoil.gate.replica import Replica
from counterfoil.gate.verifier import Verifier
from counterfoil.kernel.clock import system_clock
from counterfoil.kernel.errors import CounterfoilError
from counterfoil.secret import digest

replica, text = Replica(Path(sys.argv[1])), sys.argv[2]
acme, ben, dev = (10**15 + n for n in (1, 2, 3))
for at, event in enumerate((
    RoleRecorded(organization=acme, role=dev, scopes=DEVELOPER),
    MemberRecorded(organization=acme, user=ben, active=True, roles=(dev,)),
    TokenRecorded(
        organization=acme, token=10**15, letter="p", name="ci", authority="user", subject=ben,
        expires_at=None, position=1, secrets=(SecretRecord(digest(text)),),
        grants=(GrantRecord(acme, "active", DEVELOPER, ALL_SURFACES),),
    ),
), 1):
    replica.apply(at, event)
verifier = Verifier(replica, system_clock)
for _ in sys.stdin:
    try:
        print(verifier.verify(text).token, flush=True)
    except CounterfoilError as error:
        print(error.code, flush=True)
replica.close()
"""


@pytest.fixture(scope="module")
def older(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the program of the older release lies."""
    return program(tmp_path_factory.mktemp("former"))


@contextmanager
def running(older: Path, path: Path) -> Iterator[subprocess.Popen[str]]:
    """Run the older program, which verifies a token of its own whenever it is told a line."""
    env = {**os.environ, "PYTHONPATH": str(older)}
    with subprocess.Popen(
        [sys.executable, "-c", SAYS, str(path), mint()],
        env=env, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    ) as process:  # fmt: skip
        yield process
        process.communicate()
    assert process.returncode == 0


def asked(process: subprocess.Popen[str]) -> str:
    """What it says of its token now."""
    assert process.stdin
    assert process.stdout
    process.stdin.write("\n")
    process.stdin.flush()
    return process.stdout.readline().strip()


def test_it_still_runs(older: Path, tmp_path: Path) -> None:
    """Who reads books of another layout, which nobody keeps up now, lets nobody in (R1, R17).

    This release builds its own beside them meanwhile, and goes on with them.
    """
    path, feed = tmp_path / "replica", ListFeed(list(WORLD), [*WORLD, record(mint())])
    with running(older, path) as process:
        assert asked(process) == str(10**15)
        replica = Replica(path)
        assert asked(process) == "QUARANTINED"
        assert replica.position() == 0
        assert replica.ensure(feed)
        assert asked(process) == "QUARANTINED"
        assert replica.secrets() == 1
        replica.close()
        again = Replica(path)
        assert again.ensure(feed) is False
        assert again.secrets() == 1
        again.close()


def test_nobody_has_it_open(older: Path, tmp_path: Path) -> None:
    """A file that was left in another layout is thrown away, with the room that it took (R13)."""
    path = tmp_path / "replica"
    with running(older, path) as process:
        assert asked(process) == str(10**15)
    Replica(path).close()
    with lmdb.Environment(str(path), readonly=True) as env, env.begin() as txn:
        names = list(txn.cursor().iternext(values=False))
    assert names
    assert {name.split()[-1] for name in names} == {str(LAYOUT).encode()}
