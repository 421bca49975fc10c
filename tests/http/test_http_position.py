"""Two hosts on one database: who has seen a position is not judged by what came before it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from falcon.testing import Result, TestClient

from counterfoil.app import App, build
from support.installation import Installed, install

TOKEN = "/cma/token"


@pytest.fixture
def installed(tmp_path: Path) -> Installed:
    return install(tmp_path / "data")


@pytest.fixture
def hosts(installed: Installed, tmp_path: Path) -> Iterator[tuple[App, App]]:
    """Two hosts, none of which follows the feed on its own: nothing is started."""
    url = installed.settings.url
    one, other = (
        build(replace(installed.settings, data_dir=tmp_path / name, database_url=url))
        for name in ("one", "other")
    )
    yield one, other
    one.close()
    other.close()


def ask(app: App, token: str, method: str = "GET", **headers: str) -> Result:
    sent = {"Authorization": f"Bearer {token}", **headers}
    return TestClient(app.wsgi).simulate_request(method, TOKEN, headers=sent)


def test_another_host_knows_what_this_one_answered(
    hosts: tuple[App, App], installed: Installed
) -> None:
    """A token that ended here is refused there, for whoever says from which position on (S29)."""
    (one, other), (token,) = hosts, installed.tokens
    ended = ask(one, token, "DELETE")
    position = ended.headers["Counterfoil-Position"]
    assert position == str(ended.json["meta"]["position"])
    assert ask(one, token).status_code == 401
    assert ask(other, token).status_code == 200
    there = ask(other, token, **{"Counterfoil-At-Least": position})
    assert (there.status_code, there.json["errors"][0]["code"]) == (401, "INVALID_TOKEN")


def test_what_was_never_written_is_not_waited_for(
    hosts: tuple[App, App], installed: Installed
) -> None:
    """A position that the feed has not reached is 503, whoever asks, and changes nothing (S29)."""
    (one, _), (token,) = hosts, installed.tokens
    ahead = str(one.replica.position() + 1)
    early = ask(one, token, "DELETE", **{"Counterfoil-At-Least": ahead})
    assert (early.status_code, early.headers["Retry-After"]) == (503, "1")
    assert early.json["errors"][0]["code"] == "NOT_READY"
    assert ask(one, token).status_code == 200
