"""What a gate on another host decides is on record at the office, whatever is killed or cut."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from http.client import HTTPConnection
from pathlib import Path

import pytest

from chaos.cut import Wire, wire
from chaos.running import Running
from counterfoil.app import gates
from counterfoil.runtime.settings import Settings
from infra.server import COUNTERFOIL
from infra.wait import free_port
from infra.wait import wait_until as patiently
from support.gated import admin_of, ids, in_an_address, leaks, personal, registered, trail, used
from support.sample import Sample, Talker

wait_until = partial(patiently, pause=0.5, seconds=60)  # an admin, too, may ask only so often


@dataclass
class Hosts:
    """An office, a gate on another host, and the wire between them."""

    office: Running
    gate: Running
    line: Wire
    credential: Path

    def ask(self, api: str, token: str) -> str:
        """Ask the gate as a proxy does; return the id of the request, or nothing if it is shut."""
        said = {"X_Forwarded_Method": "GET", "X_Forwarded_Uri": "/pages/12"}
        told = Talker(self.gate.port).bearing(token)("GET", f"/authz/forward/api_{api}", **said)
        assert told.status in {200, 503}, told.body
        return str(told.headers["counterfoil-request-id"]) if told.status == 200 else ""

    def pass_(self, api: str, token: str, many: int) -> list[str]:
        """Let so many requests pass; return their ids."""
        found: list[str] = []

        def one_more() -> bool:
            if id_ := self.ask(api, token):
                found.append(id_)
            return len(found) == many

        patiently(one_more, f"{many} requests to pass", seconds=60, pause=0.001)
        return found


@pytest.fixture
def hosts(sample: Sample, tmp_path: Path) -> Iterator[Hosts]:
    """Both run, and the gate is ready."""
    credential, port, there = tmp_path / "eu-1.gate", free_port(), free_port()
    gates.add(Settings(data_dir=sample.directory), "eu-1").write(credential)
    office = Running(tmp_path / "office.log", port, "serve", "--data-dir", str(sample.directory),
                     "--port", str(port))  # fmt: skip
    with wire(port) as line:
        gate = Running(
            tmp_path / "gate.log", there, "gate", "--data-dir", str(tmp_path / "far"),
            "--listen", f"127.0.0.1:{there}", "--office", f"http://127.0.0.1:{line.port}",
            "--credential", str(credential), "--workers", "2",
        )  # fmt: skip
        try:
            for one in (office, gate):
                one.begin()
                one.ready()
            yield Hosts(office, gate, line, credential)
        finally:
            gate.kill()
            office.kill()


def listed(sample: Sample) -> dict[str, object]:
    """Return what `counterfoil gates list` says of the one gate."""
    command = [COUNTERFOIL, "gates", "list", "--data-dir", str(sample.directory), "-o", "json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    [found] = json.loads(done.stdout)
    return dict(found)


def measured(port: int, name: str) -> float:
    """Return a number that a gate tells Prometheus."""
    text = str(Talker(port)("GET", "/metrics").body)
    return next(float(line.split()[1]) for line in text.splitlines() if line.startswith(f"{name} "))


@pytest.mark.slow
def test_every_pass_elsewhere_is_on_record_once(hosts: Hosts, sample: Sample) -> None:
    """Through a killed office, a killed gate and a cut wire each row is there once (X2, R4).

    Whoever is killed had a second to put on its disk what it had decided. Of a token in an address
    the office hears, too (S11).
    """
    admin = admin_of(sample, hosts.office.port)
    api = registered(admin)
    id_, token = personal(admin)
    known = hosts.pass_(api, token, 30)
    wait_until(lambda: len(trail(admin, api)) == 30, "the rows to arrive")
    wait_until(lambda: used(admin, id_) == 30, "the counts to arrive")
    assert all("told by the gate eu-1" in one["attributes"]["note"] for one in trail(admin, api))

    hosts.office.tell(signal.SIGSTOP)  # it hears, and answers nothing
    known += hosts.pass_(api, token, 10)
    hosts.office.kill()
    hosts.office.begin()
    hosts.office.ready()
    admin = admin_of(sample, hosts.office.port)
    known += hosts.pass_(api, token, 20)
    wait_until(lambda: len(trail(admin, api)) == 60, "what was decided meanwhile")

    known += hosts.pass_(api, token, 10)
    hosts.line.mode = "deaf"  # the office takes things in, and its answers are lost

    def is_shut() -> bool:
        id_ = hosts.ask(api, token)
        known.extend([id_] if id_ else [])
        return not id_

    wait_until(is_shut, "the gate to be shut")
    hosts.gate.kill()
    hosts.line.mode = "through"
    hosts.gate.begin()
    hosts.gate.ready()
    known += hosts.pass_(api, token, 10)
    wait_until(lambda: len(trail(admin, api)) == len(known), "what the killed gate had on its disk")
    assert sorted(ids(trail(admin, api))) == sorted(known)
    in_an_address(hosts.gate.port, api, token)
    wait_until(lambda: len(leaks(admin, id_)) == 1, "the word of the token in an address")
    wait_until(lambda: listed(sample)["untold"] == 0, "the gate to be level")
    told = listed(sample)
    assert (told["missed"], told["doubted"]) == (0, 0)
    assert measured(hosts.gate.port, "counterfoil_gate_journal_lag_seconds") < 60


def tell(hosts: Hosts, body: bytes, headers: dict[str, str]) -> int:
    """Send a report to the office; return the status of its answer."""
    with closing(HTTPConnection("127.0.0.1", hosts.office.port, timeout=30)) as line:
        line.request("POST", "/gates/journal", body, headers)
        return line.getresponse().status


@pytest.mark.slow
def test_a_credential_writes_no_trail_of_its_own(hosts: Hosts, sample: Sample) -> None:
    """At the real door what is forged is a 4xx, and none of it is on record (S17)."""
    admin = admin_of(sample, hosts.office.port)
    api = registered(admin)
    secret = hosts.credential.read_text().splitlines()[0]
    head = b'{"nonce": "%b", "journal": "%b"}\n' % (b"0" * 32, b"1" * 32)
    for bearer, body, status in (
        ("", head, 401),
        ("Bearer nobody", head, 401),
        (f"Bearer {secret}", b"", 400),
        (f"Bearer {secret}", b"{}\n", 400),
        (f"Bearer {secret}", head + b"a line of mine\n", 409),
    ):
        assert tell(hosts, body, {"Authorization": bearer} if bearer else {}) == status
    large = {"Authorization": f"Bearer {secret}", "Content-Length": str(17 << 20)}
    assert tell(hosts, b"", large) == 413
    assert trail(admin, api) == []
