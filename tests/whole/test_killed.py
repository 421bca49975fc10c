"""Killed at steps of what it does, an office has lost nothing and done nothing by half: in short.

`make chaos ARGS=kill` does it at all of them, and inside the libraries below.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from chaos.kill.place import Place, furnished
from chaos.kill.postgres import copied_there
from chaos.kill.sweep import sweep
from chaos.kill.verbs import VERBS
from infra.postgres import new_database

_APART = 17
_FIRST = {name: 9 + 2 * number for number, name in enumerate(VERBS)}


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return furnished(tmp_path_factory.mktemp("killed") / "template")


@pytest.mark.parametrize("name", VERBS)
def test_a_verb(template: Place, tmp_path: Path, name: str) -> None:
    """What was answered is there after `kill -9`; what was not, wholly or not at all (R4).

    It is in the trail exactly if it happened, which is whole; replica and journal of revocations
    agree with the database; tokens meet what it says; and it can be asked for again.
    """

    def copy(place: Place) -> Place:
        return place.copied(tmp_path / "killed")

    found = sweep(name, template, copy, first=_FIRST[name], every=_APART)
    assert found.broken == []
    assert found.killed > 1


def test_a_verb_on_postgres(tmp_path: Path, postgres: int) -> None:
    """So it is where the database is another process, at the steps of this one (R4)."""
    copy = partial(copied_there, tmp_path / "killed")
    with new_database(postgres) as url:
        template = furnished(tmp_path / "template", url)
        found = sweep("revoke", template, copy, first=9, every=_APART)
    assert found.broken == []
    assert found.killed > 1


def test_tables_that_are_brought_up(template: Place, tmp_path: Path) -> None:
    """Killed while it brings tables up, it has changed nothing or all, and goes on (R4, R17)."""

    def copy(place: Place) -> Place:
        return place.copied(tmp_path / "killed")

    found = sweep("migrate", template, copy, first=2, every=4)
    assert found.broken == []
    assert found.killed > 1


@pytest.mark.parametrize(("name", "first", "every"), [("upload", 5, 13), ("begin", 11, 61)])
def test_what_makes_files(
    template: Place, tmp_path: Path, name: str, first: int, every: int
) -> None:
    """Killed while a file becomes an asset, or an installation is made, both can be gone on with.

    An asset that is there has its file; a token that was shown opens (R4).
    """

    def copy(place: Place) -> Place:
        return place.copied(tmp_path / "killed")

    found = sweep(name, template, copy, first=first, every=every)
    assert found.broken == []
    assert found.killed > 1
