"""What the page about operation says to Prometheus, read by it where it is installed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from http.client import HTTPConnection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import quote

import yaml

from docs.pages import ROOT, blocks
from infra.nginx import nginx
from infra.server import gateway, gateway_at, serving
from infra.wait import free_port, listens, wait_until

SECRET = "scraped-every-fifteen-seconds-by-us"


def _block(language: str) -> str:
    text = (ROOT / "docs" / "how-to" / "keep-it-running.md").read_text()
    (one,) = (one for one in blocks(text) if one.language == language)
    return "\n".join(one.lines)


def _secret(here: Path) -> Path:
    file = here / "metrics.secret"
    file.write_text(SECRET)
    file.chmod(0o600)
    return file


def _asked(port: int, path: str, bearer: str = "") -> tuple[int, bytes]:
    line = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        line.request("GET", path, headers={"Authorization": f"Bearer {bearer}"} if bearer else {})
        answer = line.getresponse()
        return answer.status, answer.read()
    finally:
        line.close()


def _is_up(port: int, targets: list[str]) -> Callable[[], bool]:
    """Return what says whether Prometheus, which listens there, is told the numbers of all."""

    def looked() -> bool:
        _, body = _asked(port, f"/api/v1/query?query={quote('up == 1')}")
        up: list[dict[str, Any]] = json.loads(body)["data"]["result"]
        return {one["metric"]["instance"] for one in up} == set(targets)

    return looked


def test_office_and_gate_are_scraped_as_told(sample: dict[str, Any], tmp_path: Path) -> None:
    """By what the page says in YAML both tell their numbers: one secret, as a bearer."""
    data, file = tmp_path / "data", _secret(tmp_path)
    shutil.copytree(sample["data_dir"], data)
    env = {"COUNTERFOIL_METRICS_SECRET_FILE": str(file)}
    with serving(data, env=env) as office, gateway(data, env=env) as gate:
        told = _block("yaml")
        for shown, real in (
            ("127.0.0.1:8400", f"127.0.0.1:{office.port}"),
            ("127.0.0.1:8401", f"127.0.0.1:{gate.port}"),
            ("/etc/prometheus/counterfoil.secret", str(file)),
            ("15s", "1s"),
        ):
            assert shown in told
            told = told.replace(shown, real)
        (job,) = yaml.safe_load(told)["scrape_configs"]
        bearer = Path(job["authorization"]["credentials_file"]).read_text()
        targets = job["static_configs"][0]["targets"]
        for target in targets:
            port = int(target.rpartition(":")[2])
            status, body = _asked(port, "/metrics", bearer)
            assert (status, b"counterfoil_" in body) == (200, True)
            assert _asked(port, "/metrics")[0] == 401
        if program := shutil.which("prometheus"):
            _scraped(program, told, targets, tmp_path)


def _scraped(program: str, told: str, targets: list[str], here: Path) -> None:
    conf, port = here / "prometheus.yml", free_port()
    conf.write_text(told)
    command = [
        program,
        f"--config.file={conf}",
        f"--storage.tsdb.path={here / 'tsdb'}",
        f"--web.listen-address=127.0.0.1:{port}",
    ]
    with (here / "prometheus.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env=os.environ)
    try:
        wait_until(lambda: listens(port), "Prometheus to listen")
        wait_until(_is_up(port, targets), "Prometheus to be told the numbers")
    finally:
        process.terminate()
        process.wait(20)


def test_a_gate_at_a_socket_is_scraped_through_nginx(
    sample: dict[str, Any], tmp_path: Path
) -> None:
    """A proxy hands the bearer on and nothing but the numbers: no door of the gate is behind it."""
    data, port = tmp_path / "data", free_port()
    shutil.copytree(sample["data_dir"], data)
    own = f"--metrics-secret-file={_secret(tmp_path)}"
    told = _block("nginx").replace("127.0.0.1:8401", f"127.0.0.1:{port}")
    assert "/run/counterfoil/gate.sock" in told
    with TemporaryDirectory() as folder:  # whose name is short
        path = Path(folder) / "gate.sock"
        told = told.replace("/run/counterfoil/gate.sock", str(path))
        with serving(data), gateway_at(data, path, own), nginx(tmp_path, told, port):
            assert _asked(port, "/metrics", SECRET)[0] == 200
            assert _asked(port, "/metrics")[0] == 401
            assert _asked(port, "/authz/decision", SECRET)[0] == 404
