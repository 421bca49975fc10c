"""Readers, each with a server of their own that serves the sample."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from docs.reading import Reader
from infra.server import serving
from support.sample import Sample

NAMES = ("ann", "ben", "rita")


@pytest.fixture(scope="session")
def sample(seeded: Sample) -> dict[str, Any]:
    """Return what `counterfoil demo --json` printed."""
    return seeded.told


@pytest.fixture
def data_dir(sample: dict[str, Any], tmp_path: Path) -> Path:
    """Return a copy of the sample, which nobody serves yet."""
    copied = tmp_path / "data"
    shutil.copytree(sample["data_dir"], copied)
    return copied


@pytest.fixture
def people(sample: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """Return e-mail and password of the sample people, by first name."""
    return {
        name: (one["email"], one["password"])
        for name, one in zip(NAMES, sample["people"], strict=True)
    }


@pytest.fixture
def reader(data_dir: Path, people: dict[str, tuple[str, str]], tmp_path: Path) -> Iterator[Reader]:
    """Return a reader whose server serves the sample."""
    with serving(data_dir) as server:
        yield Reader(tmp_path, server.url, people=people)
