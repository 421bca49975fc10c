"""A real server on a real disk that is full: what is revoked is, and nothing else is written (R11).

The disk is a tmpfs of 64 MiB; whoever may mount none sees the reason for which this was not run.
What holds without one stands in tests/office/test_ballast.py.
"""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from chaos.running import Running
from counterfoil.app import gates
from counterfoil.runtime.settings import Settings
from infra.server import COUNTERFOIL, gateway, serving
from infra.small_disk import NoMountError, SmallDisk, small_disk
from infra.wait import free_port
from infra.wait import wait_until as patiently
from support.gated import admin_of, ids, personal, registered, trail
from support.installation import EMAIL, PASSWORD, Installed, install
from support.sample import Said, Sample, Talker

SECRET = "a-secret-that-is-for-prometheus-alone"
MANY = 20
MIB = 1 << 20


@dataclass(frozen=True)
class House:
    """An installation on a small disk; nothing runs yet."""

    disk: SmallDisk
    made: Installed
    secret: Path

    @property
    def env(self) -> dict[str, str]:
        """What the server is told beside its data directory."""
        return {"COUNTERFOIL_METRICS_SECRET_FILE": str(self.secret)}


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    secret = tmp_path / "metrics.secret"
    secret.write_text(SECRET)
    secret.chmod(0o600)
    with _disk(tmp_path) as disk:
        yield House(disk, install(disk.folder / "data", tokens=MANY), secret)


@contextmanager
def _disk(tmp_path: Path) -> Iterator[SmallDisk]:
    try:
        with small_disk(tmp_path / "disk", 64) as disk:
            yield disk
    except NoMountError as error:
        pytest.skip(f"no file system may be mounted here: {error}")


def _folder(made: Installed, slug: str) -> dict[str, object]:
    parent = {"data": {"type": "node", "id": str(made.root)}}
    attributes = {"kind": "folder", "slug": slug}
    return {"data": {"type": "node", "attributes": attributes, "relationships": {"parent": parent}}}


def _ballast(client: Talker) -> int:
    said = str(client("GET", "/metrics", Authorization=f"Bearer {SECRET}").body)
    (line,) = [one for one in said.splitlines() if one.startswith("counterfoil_ballast_bytes ")]
    return int(float(line.split()[1]))


def _ids(client: Talker) -> dict[str, str]:
    found = client("GET", "/cma/api_tokens").body
    return {one["attributes"]["name"]: one["id"] for one in found["data"]}


def _code(seen: Said) -> str:
    return str(seen.body["errors"][0]["code"])


@pytest.mark.slow
def test_on_a_full_disk_tokens_are_revoked_and_nothing_else_is_written(house: House) -> None:
    """The room of the ballast is for revocations: all else is 507, and says so everywhere.

    Tokens verify, people come in who would revoke, and it is so after a restart too. With room
    again all is as it was, by itself.
    """
    made, data = house.made, house.made.settings.data_dir
    with serving(data, env=house.env) as server, gateway(data) as near:
        client, gate = Talker(server.port), Talker(near.port)
        mine = client.bearing(made.tokens[0])
        ids = _ids(mine)
        patiently(lambda: _ballast(client) == 16 * MIB, "the ballast to be there")
        house.disk.fill()
        patiently(lambda: mine("POST", "/cma/nodes", _folder(made, "no")).status == 507, "507")
        seen = mine("POST", "/cma/nodes", _folder(made, "no"), Accept="application/problem+json")
        assert (seen.status, seen.headers["content-type"]) == (507, "application/problem+json")
        assert seen.body["code"] == "NO_ROOM"
        for number in range(1, 15):
            seen = mine("DELETE", f"/cma/api_tokens/{ids[f'service {number}']}")
            assert (seen.status, seen.body["meta"]["effective"]) == (200, "everywhere")
            gone = client.bearing(made.tokens[number])
            assert gone("GET", "/cda/nodes").status == 401
            assert not _let_in(gate, made, number)
        assert mine("GET", "/cda/nodes").status == 200
        assert _let_in(gate, made, 19)
        assert client("POST", "/signin", {"email": EMAIL, "password": PASSWORD}).status == 204
        ready = client("GET", "/readyz")
        assert (ready.status, _code(ready), _ballast(client)) == (507, "NO_ROOM", 0)
        assert client("GET", "/livez").status == 200
        assert "it was let go" in _doctor(data)
    with _unready(house) as client:
        mine = client.bearing(made.tokens[0])
        assert mine("POST", "/cma/nodes", _folder(made, "no")).status == 507
        assert mine("DELETE", f"/cma/api_tokens/{ids['service 15']}").status == 200
        assert client.bearing(made.tokens[15])("GET", "/cda/nodes").status == 401
        house.disk.clear()
        patiently(lambda: client("GET", "/readyz").status == 200, "the host to be ready again")
        assert _ballast(client) == 16 * MIB
        assert mine("POST", "/cma/nodes", _folder(made, "yes")).status == 201
        for number in range(1, 16):
            assert client.bearing(made.tokens[number])("GET", "/cda/nodes").status == 401


@contextmanager
def _unready(house: House) -> Iterator[Talker]:
    """Run a server that lives, and is not ready."""
    port = free_port()
    command = ["serve", "--data-dir", str(house.made.settings.data_dir), "--port", str(port)]
    process = subprocess.Popen(
        [COUNTERFOIL, *command], env={**os.environ, **house.env}, start_new_session=True
    )
    try:
        client = Talker(port)
        patiently(lambda: _lives(client), "the server to live")
        yield client
        process.send_signal(signal.SIGTERM)
        process.wait(20)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def _lives(client: Talker) -> bool:
    try:
        return client("GET", "/livez").status == 200
    except OSError:
        return False


def _let_in(gate: Talker, made: Installed, number: int) -> bool:
    node = f"nod_{made.root}"
    question = {"token": made.tokens[number], "action": "content:read", "resource": {"node": node}}
    return bool(gate("POST", "/authz/decision", [question]).body[0]["allowed"])


def _doctor(data: Path) -> str:
    ran = subprocess.run(
        [COUNTERFOIL, "doctor", "--data-dir", data, "--json"],
        check=False, capture_output=True, text=True,
    )  # fmt: skip
    return ran.stdout


@pytest.mark.slow
def test_a_gate_whose_disk_is_full_hears_of_revocations_and_loses_no_row(
    sample: Sample, tmp_path: Path
) -> None:
    """It goes on to decide, refuses what is revoked as soon as that is answered, and says so.

    What it decided meanwhile waits, and is on record once when there is room again (X2).
    """
    there, credential = free_port(), tmp_path / "eu-1.gate"
    gates.add(Settings(data_dir=sample.directory), "eu-1").write(credential)
    with _disk(tmp_path) as disk, serving(sample.directory) as office:
        far = Running(
            tmp_path / "gate.log", there, "gate", "--data-dir", str(disk.folder / "far"),
            "--listen", f"127.0.0.1:{there}", "--office", office.url,
            "--credential", str(credential),
        )  # fmt: skip
        try:
            far.begin()
            far.ready()
            _try_a_full_gate(disk, Talker(there), sample, office.port)
        finally:
            far.kill()


def _try_a_full_gate(disk: SmallDisk, gate: Talker, sample: Sample, office: int) -> None:
    admin = admin_of(sample, office)
    api = registered(admin)
    _, stays = personal(admin)
    dying = [personal(admin) for _ in range(2)]
    passed = [_passed(gate, api, token) for token in (stays, *(one for _, one in dying))]
    patiently(lambda: _kept(gate) == 16 * MIB, "the ballast to be there")
    disk.fill()
    patiently(lambda: "NO_ROOM" in str(gate("GET", "/readyz").body), "the gate to say so")
    assert _kept(gate) == 0
    for id_, token in dying:
        seen = admin("DELETE", f"/cma/personal_access_tokens/{id_}")
        assert (seen.status, seen.body["meta"]["effective"]) == (200, "everywhere")
        assert not _passed(gate, api, token)
        passed.append(_passed(gate, api, stays))
    assert all(passed)
    disk.clear()
    patiently(lambda: gate("GET", "/readyz").status == 200, "the gate to be ready again")
    patiently(
        lambda: sorted(ids(trail(admin, api))) == sorted(passed), "the rows to arrive",
        seconds=60, pause=0.5,
    )  # fmt: skip


def _passed(gate: Talker, api: str, token: str) -> str:
    """Ask the gate as a proxy does; return the id of the request if it may pass."""
    said = {"X_Forwarded_Method": "GET", "X_Forwarded_Uri": "/pages/12"}
    seen = gate.bearing(token)("GET", f"/authz/forward/api_{api}", **said)
    assert seen.status in {200, 401}, seen.body
    return str(seen.headers["counterfoil-request-id"]) if seen.status == 200 else ""


def _kept(gate: Talker) -> int:
    said = str(gate("GET", "/metrics").body)
    (line,) = [one for one in said.splitlines() if one.startswith("counterfoil_ballast_bytes ")]
    return int(float(line.split()[1]))
