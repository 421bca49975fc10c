"""Files that were sent and of which no asset was made: they are bounded, and told so."""

from __future__ import annotations

from pathlib import Path

import pytest

from content.test_content_files import asset_body, put, request
from counterfoil.kernel.entropy import Entropy
from counterfoil.runtime.database import Database
from counterfoil.runtime.files import Files
from support.content import Garden
from support.office import StandingClock, office_on

MIB = 1024**2
ASK = {"data": {"type": "upload_request", "attributes": {}}}


@pytest.fixture
def garden(database: Database, clock: StandingClock, entropy: Entropy, tmp_path: Path) -> Garden:
    """A garden in which two uploads may wait."""
    files = Files(tmp_path / "files", entropy, most=2 * MIB)
    return Garden(office_on(database, clock, entropy, files=files))


def test_a_full_organization_is_told_so(garden: Garden, clock: StandingClock) -> None:
    """Where too much waits, asking and sending are 409; an asset, or a day, makes room again."""
    first, second, late = (request(garden) for _ in range(3))
    for one in (first, second):
        assert put(garden, one["attributes"]["url"], one["id"].encode()).status == 204
    refused = put(garden, late["attributes"]["url"], b"too much")
    asked = garden.knock()("POST", "/cma/upload_requests", ASK)
    for seen in (refused, asked):
        assert (seen.status, seen.code) == (409, "UPLOAD_QUOTA_EXCEEDED")
        assert seen.json["errors"][0]["meta"]["limit"] == 2 * MIB
    made = garden.knock()("POST", "/cma/assets", asset_body(garden.root, first["id"]))
    assert made.status == 201
    assert put(garden, late["attributes"]["url"], b"now").status == 204
    assert garden.knock()("POST", "/cma/upload_requests", ASK).status == 409
    clock.move_on(days=3_650)  # the files are as old as this machine says
    garden.office.files.sweep(clock())
    assert garden.knock()("POST", "/cma/upload_requests", ASK).status == 201


def test_a_size_that_does_not_fit_is_refused_before_it_comes(garden: Garden) -> None:
    """Who says how large a file is learns at once that there is no room for it."""
    body = {"data": {"type": "upload_request", "attributes": {"size": 2 * MIB + 1}}}
    assert garden.knock()("POST", "/cma/upload_requests", body).code == "UPLOAD_QUOTA_EXCEEDED"
    body["data"]["attributes"] = {"size": 2 * MIB}
    assert garden.knock()("POST", "/cma/upload_requests", body).status == 201
