"""An installation of some tests' own: what they change, others would count on."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from infra.server import Server, serving
from support.sample import Sample
from support.web import stock


def apart(
    serve: Callable[[Path], AbstractContextManager[Server]] = serving,
) -> tuple[Any, Any, Any]:
    """Return the fixtures `own`, `tokens` and `house`, for the tests of one module alone.

        own, tokens, house = apart()

    `serve` serves a data directory.
    """

    @pytest.fixture(scope="module")
    def own(seeded: Sample, tmp_path_factory: pytest.TempPathFactory) -> Path:
        """A data directory with the sample."""
        mine = tmp_path_factory.mktemp("apart") / "data"
        shutil.copytree(seeded.directory, mine)
        return mine

    @pytest.fixture(scope="module")
    def tokens(own: Path) -> dict[str, str]:
        """The ids of tokens in every state, by name; see `support.web.stock`."""
        return stock(own)

    @pytest.fixture(scope="module")
    def house(own: Path, tokens: dict[str, str]) -> Iterator[Server]:
        """The server on it."""
        assert tokens
        with serve(own) as server:
            yield server

    return own, tokens, house
