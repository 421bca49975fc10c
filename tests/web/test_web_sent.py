"""Every form that always stands there, really sent by browsers that run no script.

What stands there only once something has happened is sent in `test_web_moments`. `test_web_forms`
sees to it that no form is in neither.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from counterfoil.directory.edit_policy import edit_policy
from counterfoil.directory.show import show_policy
from infra.server import Server
from support.apart import apart
from support.forms import Stage
from support.office import ORIGIN
from support.web import caller_of, seeder_of
from web.sent import manager, people
from web.sent import tokens as personal

own, tokens, house = apart()

STORIES = {**personal.STORIES, **manager.STORIES, **people.STORIES}
"""Each story with the forms that it sends."""


@pytest.fixture(scope="module", autouse=True)
def room(own: Path, house: Server) -> None:
    """Let people have any number of tokens, for the stories make some."""
    assert house.port
    with closing(seeder_of(own)) as seeder:
        kept = json.loads((own / "sample.json").read_text())
        with seeder.office.work(caller_of(seeder.office, kept, "Ann"), ORIGIN) as work:
            edit_policy(work, show_policy(work).version, {"quota": None})


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_forms_are_sent_without_script(story: Callable[[Stage], None], stage: Stage) -> None:
    """A form works without script, and does what it says (S45)."""
    story(stage)
    assert STORIES[story] <= stage.sent
