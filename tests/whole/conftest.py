"""The real server on a sample installation."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.server import COUNTERFOIL, Server, serving
from support.sample import Sample, Talker


@pytest.fixture(scope="session")
def _seeded(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    directory = tmp_path_factory.mktemp("sample") / "data"
    done = subprocess.run(
        [COUNTERFOIL, "demo", "--json", "--data-dir", str(directory)],
        check=True,
        capture_output=True,
        text=True,
    )
    return Sample(directory, json.loads(done.stdout))


@pytest.fixture
def sample(_seeded: Sample, tmp_path: Path) -> Sample:
    """A fresh copy of the sample, for a test that changes it."""
    directory = tmp_path / "data"
    shutil.copytree(_seeded.directory, directory)
    return Sample(directory, _seeded.told)


@pytest.fixture
def server(sample: Sample) -> Iterator[Server]:
    """The real server on the test's own copy of the sample."""
    with serving(sample.directory) as running:
        yield running


@pytest.fixture
def talk(server: Server) -> Talker:
    """One who speaks to that server without a credential."""
    return Talker(server.port)
