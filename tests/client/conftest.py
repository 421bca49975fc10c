"""A stand-in server for each test of the client."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from support.clients import Dial
from support.fake_server import StandIn, standing_in


@pytest.fixture(params=["blocking", "awaited"])
def dial(request: pytest.FixtureRequest) -> Iterator[Dial]:
    """Return what makes wires, of either kind: what holds for one holds for the other."""
    with ExitStack() as stack:
        yield Dial(stack, awaited=request.param == "awaited")


@pytest.fixture
def server() -> Iterator[StandIn]:
    with standing_in() as stand_in:
        yield stand_in


@pytest.fixture
def other() -> Iterator[StandIn]:
    """Return a server of another origin."""
    with standing_in() as stand_in:
        yield stand_in
