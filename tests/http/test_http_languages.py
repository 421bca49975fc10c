"""The examples of the reference in each of its languages: run, and answered with success (D16)."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import pytest

from counterfoil.app.routes import PROGRAMS
from counterfoil.jsonapi.route import Route
from infra.server import Server, serving
from support.examples import LANGUAGES, Notebook, Run, stocked
from support.rare import Scene, staged
from support.sample import Sample, Talker
from support.stock import Stock

House = tuple[Server, Sample, Stock]
"""A server, its sample, and who speaks to it."""
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
) -> Iterator[House]:
    """A server for each language, since the same thing is made only once."""
    mine = tmp_path_factory.mktemp(language) / "data"
    shutil.copytree(seeded.directory, mine)
    sample = replace(seeded, directory=mine)
    with serving(mine) as server:
        yield server, sample, stocked(server, sample)


@pytest.fixture(scope="module")
def run(language: str, house: House) -> Iterator[Run]:
    """What runs an example of the language: of scripts, one node all of them."""
    if language != "javascript":
        yield LANGUAGES[language]
        return
    with closing(Notebook(house[0])) as notebook:
        yield notebook


@pytest.mark.parametrize("route", SPELLED, ids=[route.name for route in SPELLED])
def test_languages(route: Route, house: House, run: Run) -> None:
    """What the reference shows in each of three languages is run, and succeeds (D16)."""
    status, told = _ran(route, house, run)
    assert status in route.gives, told


@pytest.mark.parametrize("language", ["javascript"], indirect=True)
def test_a_script_is_run_as_it_is_copied(language: str, house: House) -> None:
    """A script of the reference succeeds in a node that is started for it alone (D16)."""
    route = next(one for one in SPELLED if one.takes and one.method == "POST")
    status, told = _ran(route, house, LANGUAGES[language])
    assert status in route.gives, told


def _ran(route: Route, house: House, run: Run) -> tuple[int, str]:
    server, sample, stock = house
    example, bearer = staged(route, Scene(server, stock, sample))
    if not bearer:
        speaker = stock.speaker(route.path)
        assert isinstance(speaker, Talker)
        bearer = speaker.headers["Authorization"].removeprefix("Bearer ")
    if route.name in OF_TOKENS:
        bearer = stock.everything()
    return run(example, server, bearer)
