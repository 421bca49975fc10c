"""The real server, once for all tests that only look at it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

from infra.server import Server, serving
from support.installation import Installed, install
from support.sample import Sample


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """An installation with 40 service tokens, so that no test uses up another's limit."""
    return install(tmp_path_factory.mktemp("support.installation") / "data", tokens=40)


@pytest.fixture(scope="module")
def server(installed: Installed) -> Iterator[Server]:
    """Two workers of it, served."""
    around = {
        "COUNTERFOIL_TOKEN": "a-secret-of-the-operator",
        "HTTP_PROXY": "http://proxy.test",
        "HTTP_AUTHORIZATION": f"Bearer {installed.tokens[-1]}",
    }
    with serving(installed.settings.data_dir, "--workers", "2", env=around) as running:
        yield running


@pytest.fixture(scope="module")
def sample(seeded: Sample, tmp_path_factory: pytest.TempPathFactory) -> Sample:
    """A copy of the sample for one module of tests."""
    directory = tmp_path_factory.mktemp("copy") / "data"
    shutil.copytree(seeded.directory, directory)
    return Sample(directory, seeded.told)
