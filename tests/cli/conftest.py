"""Commands run in this process, at home in an empty folder, against a stand-in server."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import pytest

from counterfoil.cli.root import run
from counterfoil.demo.walk import Walk
from counterfoil.kernel.ids import ApiId
from infra.server import serving
from support.fake_server import StandIn, standing_in
from support.sample import Sample as Seeded

Sample = dict[str, Any]

GOODS = {"name": "Goods", "audience": "https://goods.example", "scopes": [{"name": "goods:read"}]}


@dataclass(frozen=True)
class Ran:
    """How a command ended."""

    code: int
    out: str
    err: str


class Type(Protocol):
    """Runs a command line, with so much on standard input."""

    def __call__(self, *arguments: str, stdin: str = "") -> Ran: ...


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return where the file of an empty home would be; nothing of the real one is seen."""
    for name in [name for name in os.environ if name.startswith("COUNTERFOIL_")]:
        monkeypatch.delenv(name)
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "home" / "counterfoil" / "config.toml"


@pytest.fixture
def typed(
    home: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> Type:
    """Return what runs a command as if it had been typed."""
    del home

    def run_it(*arguments: str, stdin: str = "") -> Ran:
        capsys.readouterr()
        said = tmp_path / "stdin"
        said.write_text(stdin)
        with said.open() as file:
            monkeypatch.setattr("sys.stdin", file)
            code = run(arguments)
        captured = capsys.readouterr()
        return Ran(code, captured.out, captured.err)

    return run_it


@pytest.fixture
def server() -> Iterator[StandIn]:
    with standing_in() as stand_in:
        yield stand_in


@pytest.fixture(scope="session")
def sample(seeded: Seeded, tmp_path_factory: pytest.TempPathFactory) -> Sample:
    """Return what `counterfoil demo --json` printed."""
    data = tmp_path_factory.mktemp("cli") / "data"
    shutil.copytree(seeded.directory, data)
    return {**seeded.told, "data_dir": str(data)}


@pytest.fixture(scope="session")
def url(sample: Sample) -> Iterator[str]:
    """Return where the real server serves the sample."""
    with serving(Path(sample["data_dir"])) as server:
        yield server.url


@pytest.fixture
def goods(
    typed: Type, sample: Sample, url: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[ApiId]:
    """The id of an API that is there, for an admin."""
    ann = sample["people"][0]
    walk = Walk(url, tell=lambda _line: None)
    monkeypatch.setenv("COUNTERFOIL_URL", url)
    monkeypatch.setenv("COUNTERFOIL_TOKEN", walk.sign_in("Ann", ann["email"], ann["password"]))
    monkeypatch.delenv("COUNTERFOIL_DATA_DIR", raising=False)
    walk.close()
    body: dict[str, Any] = {"data": {"type": "api", "attributes": GOODS}}
    made = typed("api", "POST", "/cma/apis", "--pick", "data.id", "--data", json.dumps(body))
    assert made.code == 0, made.err
    yield ApiId(int(made.out))
    assert typed("api", "DELETE", f"/cma/apis/{made.out.strip()}").code == 0
