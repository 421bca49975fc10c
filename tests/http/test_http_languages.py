"""The examples of the reference in each of its languages: run, and answered with success (D16)."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace

import pytest

from counterfoil.app.routes import PROGRAMS
from counterfoil.jsonapi.route import Route
from infra.server import Server, serving
from support.examples import LANGUAGES, stocked
from support.rare import Scene, staged
from support.sample import Sample, Talker
from support.stock import Stock

NOT_HERE = {
    "POST /leaks/github": "GitHub signs the body by a key of its own; test_tokens_found.py does",
    "GET /agility/api/v1/instance/{guid}/{locale}/item/{id}/approve": "no workflow is ever on: 409",
    "GET /agility/api/v1/instance/{guid}/{locale}/item/{id}/decline": "no workflow is ever on: 409",
    "GET /agility/api/v1/instance/{guid}/{locale}/item/{id}/request-approval": "likewise: 409",
}
"""What can succeed for nobody who copies it, and why."""

OF_TOKENS = {"POST /oauth/introspect"}
"""What tokens may ask that hold a scope for it, and no session."""

LAST = "PATCH /cma/organizations/{id}/token_policy"
"""Sets limits that the others would meet."""

SPELLED = sorted(
    (route for route in PROGRAMS if route.name not in NOT_HERE),
    key=lambda route: route.name == LAST,
)


@pytest.fixture(scope="module", params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> str:
    """One of the languages of the reference."""
    return str(request.param)


@pytest.fixture(scope="module")
def house(
    seeded: Sample, language: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Server, Sample, Stock]]:
    """A server for each language, since the same thing is made only once."""
    mine = tmp_path_factory.mktemp(language) / "data"
    shutil.copytree(seeded.directory, mine)
    sample = replace(seeded, directory=mine)
    with serving(mine) as server:
        yield server, sample, stocked(server, sample)


@pytest.mark.parametrize("route", SPELLED, ids=[route.name for route in SPELLED])
def test_languages(route: Route, language: str, house: tuple[Server, Sample, Stock]) -> None:
    """What the reference shows in each of three languages is run, and succeeds (D16)."""
    server, sample, stock = house
    example, bearer = staged(route, Scene(server, stock, sample))
    if not bearer:
        speaker = stock.speaker(route.path)
        assert isinstance(speaker, Talker)
        bearer = speaker.headers["Authorization"].removeprefix("Bearer ")
    if route.name in OF_TOKENS:
        bearer = stock.everything()
    status, told = LANGUAGES[language](example, server, bearer)
    assert status in route.gives, told
