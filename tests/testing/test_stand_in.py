"""A gate in memory stands in for the host's behind other people's applications."""

from __future__ import annotations

import pytest

from counterfoil.testing import MemoryGate
from support.frameworks import API, FRAMEWORKS


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_an_application_is_tested_as_it_will_be_served(framework: str) -> None:
    """An application with its middleware asks the gate in memory, which knows routes and nodes."""
    with (
        FRAMEWORKS[framework](api=API, data_dir="/nowhere") as send,
        MemoryGate() as gate,
        gate.stand_in(),
    ):
        gate.route("GET", "/health", "")
        gate.route("GET", "/items/{item}", "shop:read", "{item}")
        shelf = gate.resource("shelf")
        gate.resource("17", below="shelf")
        token = gate.token("shop:read", roots=[shelf])
        assert send("GET", "/health").status == 200
        assert send("GET", "/items/17", token).status == 200
        assert send("GET", "/items/18", token).code == "OUTSIDE_ROOT_NODES"
        assert send("PUT", "/items/17", token).code == "ROUTE_NOT_LISTED"
        gate.revoke(token)
        assert send("GET", "/items/17", token).code == "INVALID_TOKEN"
    with FRAMEWORKS[framework](api=API, data_dir="/nowhere") as send:
        assert send("GET", "/health").status == 503
