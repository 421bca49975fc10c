"""The units below deploy/systemd: judged, and what they start is started as they start it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from infra.server import is_ready
from infra.wait import free_port, wait_until

BIN = Path(sys.executable).parent
UNITS = Path(__file__).parents[2] / "deploy" / "systemd"
NAMES = ("counterfoil.service", "counterfoil-gate.service")
FAR = "counterfoil-far-gate.service"
MISTAKEN = (
    "[Security.Delegate]",  # it has no processes of other control groups
    "[Security.UMaskOW]",  # it reads 0077 the wrong way round
    "IPAddressDeny=any",  # systemd's word for all addresses, which it does not know
    "IPAddressAllow=localhost",
    "LoadCredential is not supported",  # it is younger than the linter
)
"""What the linter says of these units and is wrong about."""
EXPOSURE = 20
"""Of a hundred, by `systemd-analyze security`: below it a unit counts as well protected."""
UNWRITABLE = """
import ctypes, os, sys
ctypes.CDLL(None).prctl(65, 1, 0, 0, 0)  # PR_SET_MDWE: what is executed was never written to
ctypes.CDLL(None).prctl(38, 1, 0, 0, 0)  # PR_SET_NO_NEW_PRIVS
os.umask(0o077)
os.execv(sys.argv[1], sys.argv[1:])
"""


def _said(name: str, setting: str) -> list[str]:
    text = (UNITS / name).read_text()
    return re.findall(rf"^{setting}=(.*)$", text, re.MULTILINE)


@pytest.mark.parametrize("name", [*NAMES, FAR])
def test_a_unit_is_well_formed(name: str) -> None:
    """A linter knows every setting of the unit and its value, and finds nothing left open."""
    ran = subprocess.run(
        [BIN / "systemdlint", "--norootfs", UNITS / name],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    told = [line for line in (ran.stdout + ran.stderr).splitlines() if line.strip()]
    assert [one for one in told if not any(known in one for known in MISTAKEN)] == []


@pytest.mark.parametrize("name", [*NAMES, FAR])
def test_a_unit_protects(name: str, tmp_path: Path) -> None:
    """It runs as nobody special, writes to its own directory alone, and gains no power.

    Where systemd is installed, it verifies the unit and finds it well protected.
    """
    assert _said(name, "User") == ["counterfoil"]
    assert _said(name, "ProtectSystem") == ["strict"]
    assert _said(name, "NoNewPrivileges") == ["yes"]
    assert _said(name, "CapabilityBoundingSet") == [""]
    assert _said(name, "StateDirectory") == ["counterfoil"]
    assert _said(name, "ReadWritePaths") == []
    if shutil.which("systemd-analyze"):
        unit = tmp_path / name
        unit.write_text((UNITS / name).read_text().replace("/opt/counterfoil/bin", str(BIN)))
        for check in (
            ("verify", "--man=no"),
            ("security", "--offline=true", "--no-pager", f"--threshold={EXPOSURE}"),
        ):
            ran = subprocess.run(
                ["systemd-analyze", *check, unit],  # noqa: S607 - whichever the machine has
                capture_output=True, text=True, check=False,
            )  # fmt: skip
            assert ran.returncode == 0, ran.stdout + ran.stderr


@pytest.mark.parametrize("name", [*NAMES, FAR])
def test_a_unit_never_gives_up(name: str) -> None:
    """Who begins before its database, its books or its office are there tries again without end.

    By its own measure systemd leaves a unit for good that has failed five times in ten seconds.
    """
    unit = (UNITS / name).read_text().partition("[Service]")
    assert "\nStartLimitIntervalSec=0\n" in unit[0]
    assert "\nRestart=on-failure\n" in unit[2]


def test_only_a_unit_that_may_speak_to_others_is_told_of_them() -> None:
    """The gate that talks to this machine alone is given no office elsewhere, in no comment."""
    alone, far = ((UNITS / name).read_text() for name in ("counterfoil-gate.service", FAR))
    assert ("IPAddressDeny=any" in alone, "IPAddressDeny=any" in far) == (True, False)
    assert "--office" not in alone
    assert "--office" in far


def test_what_the_units_start(tmp_path: Path) -> None:
    """Office and gate begin by the commands of their units, with memory that is never both."""
    home = tmp_path / "state"
    home.mkdir(mode=0o700)
    ports = free_port(), free_port()
    more = {"COUNTERFOIL_PORT": str(ports[0])}
    started: list[subprocess.Popen[bytes]] = []
    try:
        for name, port in zip(NAMES, ports, strict=True):
            started.append(_started(name, home, more, port))
            wait_until(partial(is_ready, port), f"{name} to be ready", seconds=60)
    finally:
        for process in reversed(started):
            process.terminate()
        ended = [process.wait(20) for process in reversed(started)]
    assert ended == [0, 0]
    assert [path.name for path in home.iterdir()] == ["data"]


def test_the_gate_at_a_socket(tmp_path: Path) -> None:
    """With the drop-in the gate begins at a socket, in a directory that its group may enter."""
    drop_in = "counterfoil-gate-socket.conf"
    assert _said(drop_in, "RuntimeDirectory") == ["counterfoil"]
    assert _said(drop_in, "RuntimeDirectoryMode") == ["0710"]
    unset, command = _said(drop_in, "ExecStart")
    assert unset == ""
    before = f"ExecStart={command.split(' --listen')[0]}\n"
    unit = (UNITS / "counterfoil-gate.service").read_text()
    assert before in unit
    added = (UNITS / drop_in).read_text().partition("ExecStart=\n")[2]
    whole = tmp_path / "counterfoil-gate.service"
    whole.write_text(unit.replace(before, added))  # as systemd reads both
    ran = subprocess.run(
        [BIN / "systemdlint", "--norootfs", whole], capture_output=True, text=True, check=False
    )
    told = [line for line in (ran.stdout + ran.stderr).splitlines() if line.strip()]
    assert [one for one in told if not any(known in one for known in MISTAKEN)] == []
    home = tmp_path / "data"
    (home / "replica").mkdir(mode=0o700, parents=True)
    home.chmod(0o700)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "gate.sock"
        words = command.replace("/opt/counterfoil/bin", str(BIN))
        words = words.replace("/run/counterfoil", folder)
        gate = subprocess.Popen(
            [sys.executable, "-c", UNWRITABLE, *words.split()],
            env={**os.environ, "COUNTERFOIL_DATA_DIR": str(home)},
        )
        try:
            wait_until(lambda: path.exists() or gate.poll() is not None, "the gate to listen")
            assert path.stat().st_mode & 0o777 == 0o660
        finally:
            gate.terminate()
            assert gate.wait(20) == 0


def _started(name: str, home: Path, more: dict[str, str], port: int) -> subprocess.Popen[bytes]:
    (command,) = _said(name, "ExecStart")
    (variable,) = _said(name, "Environment")
    key, _, value = variable.partition("=")
    words = command.replace("/opt/counterfoil/bin", str(BIN)).split()
    if "gate" in words:
        words += ["--listen", f"127.0.0.1:{port}"]
    env = {**os.environ, **more, key: value.replace("/var/lib/counterfoil", str(home))}
    return subprocess.Popen(
        [sys.executable, "-c", UNWRITABLE, *words],
        env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
