"""The real server on a sample installation."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.server import Server, serving
from support.sample import Sample, Talker


@pytest.fixture
def sample(seeded: Sample, tmp_path: Path) -> Sample:
    """A fresh copy of the sample, for a test that changes it."""
    directory = tmp_path / "data"
    shutil.copytree(seeded.directory, directory)
    return Sample(directory, seeded.told)


@pytest.fixture
def server(sample: Sample) -> Iterator[Server]:
    """The real server on the test's own copy of the sample."""
    with serving(sample.directory) as running:
        yield running


@pytest.fixture
def talk(server: Server) -> Talker:
    """One who speaks to that server without a credential."""
    return Talker(server.port)
