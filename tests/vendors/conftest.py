"""The real server on the sample, for the clients that the vendors publish.

Each suite stands under its vendor's preset; what a test changes stays in its own copy.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.server import Server, serving
from support.sample import Sample
from vendors.dato import Dato
from vendors.venue import Venue


@pytest.fixture(scope="module")
def sample(seeded: Sample, tmp_path_factory: pytest.TempPathFactory) -> Sample:
    """A copy of the sample for one module of tests."""
    directory = tmp_path_factory.mktemp("copy") / "data"
    shutil.copytree(seeded.directory, directory)
    return Sample(directory, seeded.told)


@pytest.fixture(scope="module")
def server(sample: Sample) -> Iterator[Server]:
    """The real server on that copy."""
    with serving(sample.directory) as running:
        yield running


@pytest.fixture(scope="module")
def venue(sample: Sample, server: Server) -> Venue:
    """That server, and the people of the sample at it."""
    return Venue(sample, server)


@pytest.fixture(scope="module")
def manager(venue: Venue) -> str:
    """The secret of an API token that may do everything."""
    return venue.sample.token("manager")


@pytest.fixture
def dato(venue: Venue, tmp_path: Path) -> Dato:
    """DatoCMS's client at that server, in a home of its own."""
    return Dato(venue, tmp_path)
