"""How a gateway is set: what it does not begin with."""

from __future__ import annotations

import os
import signal
import socket
from pathlib import Path

import pytest

from counterfoil.feed.page import PURPOSE
from counterfoil.gateway.credential import Credential
from counterfoil.gateway.serve import Plan, secret, serve
from counterfoil.gateway.unservable import UnservableError
from counterfoil.kernel import private
from counterfoil.kernel.entropy import system_entropy
from counterfoil.runtime.signing import Signer
from counterfoil.secret import Kind, Secret
from infra.server import begun, gateway, is_ready, serving
from infra.wait import free_port, wait_until
from support.doorway import House

ELSEWHERE = "192.0.2.1"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "replica").mkdir()
    return tmp_path


def refused(home: Path, **said: object) -> str:
    plan = Plan(str(home), **{"port": free_port(), **said})  # type: ignore[arg-type]
    with pytest.raises(UnservableError) as told:
        serve(plan)
    return str(told.value)


def test_whoever_is_reached_from_elsewhere_has_a_secret(home: Path) -> None:
    """A gateway that other machines reach does not begin without a secret of its own."""
    assert "--secret-file" in refused(home, host=ELSEWHERE)


@pytest.mark.parametrize(
    ("text", "mode", "why"),
    [
        ("s" * 31, 0o600, "at least 32 characters"),
        ("s" * 40 + " t", 0o600, "at least 32 characters"),
        ("s" * 40, 0o640, "chmod 600"),
        (None, 0, "cannot be read"),
    ],
)
def test_a_secret_is_long_and_nobody_elses(
    home: Path, text: str | None, mode: int, why: str
) -> None:
    """A secret that is short, or that others may read, is refused by what is wrong with it."""
    file = home / "gate.secret"
    if text is not None:
        file.write_text(text)
        file.chmod(mode)
    assert why in refused(home, host=ELSEWHERE, secret_file=str(file))


@pytest.mark.parametrize(("mode", "is_read"), [(0o440, True), (0o460, False), (0o444, False)])
def test_a_secret_may_be_shown_to_our_group(
    home: Path, monkeypatch: pytest.MonkeyPatch, mode: int, *, is_read: bool
) -> None:
    """What root mounts for us, our group may read, and nobody may but us and they."""
    file = home / "gate.secret"
    file.write_text("s" * 40)
    file.chmod(mode)
    owner = file.stat().st_uid
    monkeypatch.setattr(private, "_ROOT", owner)
    monkeypatch.setattr(os, "geteuid", lambda: owner + 1)
    if is_read:
        assert secret(str(file)) == "s" * 40
        return
    with pytest.raises(UnservableError, match="chmod 600"):
        secret(str(file))


def test_a_port_belongs_to_one(home: Path) -> None:
    """A gateway does not begin where somebody listens: each of both would get some requests."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert f"cannot listen on port {port}" in refused(home, port=port)


@pytest.mark.parametrize("theirs", ["office.sqlite", "feed.key"])
def test_a_gate_of_another_host_stays_out_of_an_office(home: Path, theirs: str) -> None:
    """In an office's data directory its lease would shut the office's own gate for good."""
    (home / theirs).touch()
    before = sorted(home.iterdir())
    far = {"office": "https://cms.example.com", "credential_file": str(home / "eu-1.gate")}
    assert "is the data directory of an office" in refused(home, **far)
    assert sorted(home.iterdir()) == before


def test_it_waits_for_books(tmp_path: Path) -> None:
    """A gate that begins before its office says what it waits for, and decides once that is there.

    Until then nobody listens, and nothing is written: the directory may be another's.
    """
    home, port = tmp_path / "data", free_port()
    with begun(home, "gate", "--listen", f"127.0.0.1:{port}") as gate:
        wait_until(lambda: f"{home} holds no installation yet" in gate.log.read_text(), "its word")
        assert not home.exists()
        with serving(home, "--workers", "1"):
            wait_until(lambda: is_ready(port), "the gate to decide")
    assert gate.process.returncode == 0


def test_the_log_says_as_much_as_is_asked_for(house: House, tmp_path: Path) -> None:
    """A gate heeds COUNTERFOIL_LOG_LEVEL as its office does, before it has books and after."""
    env = {"COUNTERFOIL_LOG_LEVEL": "error"}
    for level, is_told in ((env, False), ({}, True)):
        with gateway(house.home, env=level) as gate:
            pass
        assert ("worker began" in gate.log.read_text()) is is_told
    with begun(tmp_path / "data", "gate", "--listen", f"127.0.0.1:{free_port()}", env=env) as gate:
        wait_until(lambda: _waits(gate.process.pid), "the gate to wait for books")
    assert gate.process.returncode == 0
    assert "waits for books" not in gate.log.read_text()


def _waits(pid: int) -> bool:
    """Whether a process has put SIGTERM off or sleeps until it comes, as a gate without books does.

    While it sleeps so, Linux shows the signal as one that is let in.
    """
    if "sigtimedwait" in Path(f"/proc/{pid}/wchan").read_text():
        return True
    blocked = next(
        line for line in Path(f"/proc/{pid}/status").read_text().splitlines()
        if line.startswith("SigBlk:")
    )  # fmt: skip
    return bool(int(blocked.split()[1], 16) >> (signal.SIGTERM - 1) & 1)


def test_a_gate_of_another_host_keeps_as_much_room_as_it_is_told(tmp_path: Path) -> None:
    """It heeds COUNTERFOIL_BALLAST_MB on its own disk, as the office does on that one (R11)."""
    home, credential = tmp_path / "far", tmp_path / "eu-1.gate"
    key = Signer(PURPOSE, bytes(32)).public
    Credential(Secret.mint(Kind.GATE, system_entropy), key).write(credential)
    far = ("--office", f"http://127.0.0.1:{free_port()}", "--credential", str(credential))
    listen, env = f"127.0.0.1:{free_port()}", {"COUNTERFOIL_BALLAST_MB": "3"}
    kept = home / "ballast"
    with begun(home, "gate", "--listen", listen, *far, env=env):
        wait_until(lambda: kept.exists() and kept.stat().st_size > 0, "room to be kept")
    assert kept.stat().st_size == 3 << 20


def test_whoever_waits_ends_when_told(tmp_path: Path) -> None:
    """Also the first process of a container, which a signal that it does not ask for cannot end."""
    with begun(tmp_path / "data", "gate", "--listen", f"127.0.0.1:{free_port()}") as gate:
        wait_until(lambda: "waits for books" in gate.log.read_text(), "its word")
    assert gate.process.returncode == 0
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(("raw", "mode"), [(b"", 0o600), (bytes(32), 0o644)])
def test_a_key_is_whole_and_nobody_elses(home: Path, raw: bytes, mode: int) -> None:
    """It signs with no key that is damaged, or that others may read, and says so at its start."""
    key = home / "gate.key"
    key.write_bytes(raw)
    key.chmod(mode)
    assert "gate.key is no key of ours" in refused(home, assertions=True)
    assert key.read_bytes() == raw
