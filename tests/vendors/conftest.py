"""The real server on the sample, for the clients that the vendors publish.

Each suite stands under its vendor's preset; what a test changes stays in its own copy.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator

import pytest

from infra.server import COUNTERFOIL, Server, serving
from support.sample import Sample
from vendors.venue import Venue


@pytest.fixture(scope="session")
def _seeded(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    directory = tmp_path_factory.mktemp("vendors") / "data"
    done = subprocess.run(
        [COUNTERFOIL, "demo", "--json", "--data-dir", str(directory)],
        check=True,
        capture_output=True,
        text=True,
    )
    return Sample(directory, json.loads(done.stdout))


@pytest.fixture(scope="module")
def sample(_seeded: Sample, tmp_path_factory: pytest.TempPathFactory) -> Sample:
    """A copy of the sample for one module of tests."""
    directory = tmp_path_factory.mktemp("copy") / "data"
    shutil.copytree(_seeded.directory, directory)
    return Sample(directory, _seeded.told)


@pytest.fixture(scope="module")
def server(sample: Sample) -> Iterator[Server]:
    """The real server on that copy."""
    with serving(sample.directory) as running:
        yield running


@pytest.fixture(scope="module")
def venue(sample: Sample, server: Server) -> Venue:
    """That server, and the people of the sample at it."""
    return Venue(sample, server)
