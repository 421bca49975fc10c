"""The trail over HTTP, found by where things were done from."""

from __future__ import annotations

import pytest

from counterfoil.office import Office
from support.directory import Company
from support.directory_doors import knock_as
from support.doors import Probe
from support.office import ORIGIN


@pytest.fixture
def acme(office: Office) -> Company:
    return Company(office)


@pytest.fixture
def ask(acme: Company) -> Probe:
    """Ada's way in."""
    return knock_as(acme, acme.ada)


def test_the_trail_is_found_by_an_address(acme: Company, ask: Probe) -> None:
    """What came from a network is found over HTTP, and nothing beside it (X2)."""
    acme.hire("Ben", "reader")
    here, elsewhere = f"{ORIGIN.address}/32", "198.51.100.0/24"
    found = ask("GET", f"/cma/audit_events?filter[address]={here}").json["data"]
    assert {one["attributes"]["address"] for one in found} == {ORIGIN.address}
    assert ask("GET", f"/cma/audit_events?filter[address]={elsewhere}").json["data"] == []


@pytest.mark.parametrize(
    "said", ["", "nonsense", "192.0.2.7/24", "192.0.2.0/33", "192.0.2", "::/129", "a" * 5_000]
)
def test_what_is_no_network_is_refused(ask: Probe, said: str) -> None:
    """A filter by what is no network is a clear 400 that names the parameter (S39)."""
    refused = ask("GET", f"/cma/audit_events?filter[address]={said}")
    assert refused.status == 400
    assert refused.json["errors"][0]["source"] == {"parameter": "filter[address]"}
