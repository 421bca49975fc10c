"""The examples of the reference in each of its languages: run, and answered with success (D16)."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace

import pytest

from counterfoil.app.routes import PROGRAMS
from counterfoil.jsonapi.route import Route
from infra.server import Server, serving
from support.examples import LANGUAGES, real, stocked
from support.sample import Sample, Talker
from support.stock import Stock

NOT_HERE = {
    # Of a thing that no request of the reference makes.
    "DELETE /cma/identities/{id}",
    "DELETE /cma/passkeys/{id}",
    "DELETE /cma/sessions/{id}",
    "GET /cda/items/{id}",
    "GET /cma/api_tokens/{id}/lock",
    "GET /cma/items/{id}/schedule",
    "GET /cma/nodes/{id}/lock",
    "GET /datocms/job-results/{id}",
    "POST /cma/invitations/{id}/accept",
    "POST /cma/invitations/{id}/decline",
    "PUT /cma/uploads/{ticket}",
    # Of a browser that has signed in, or the end of what asks.
    "DELETE /cma/token",
    "GET /oauth/authorize",
    "POST /signout",
    # Of an operator who has named GitHub's keys.
    "POST /leaks/github",
    # Of a workflow that is off in the sample.
    "GET /agility/api/v1/instance/{guid}/{locale}/item/{id}/approve",
    "GET /agility/api/v1/instance/{guid}/{locale}/item/{id}/decline",
    "GET /agility/api/v1/instance/{guid}/{locale}/item/{id}/request-approval",
}
"""What is shown in the reference and tried elsewhere, in other words."""

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
    speaker = stock.speaker(route.path)
    assert isinstance(speaker, Talker)
    bearer = speaker.headers["Authorization"].removeprefix("Bearer ")
    if route.name in OF_TOKENS:
        bearer = stock.everything()
    example = real(route, stock, sample)
    status, told = LANGUAGES[language](example, server, bearer)
    assert status in route.gives, told
