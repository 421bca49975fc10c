"""The first ten minutes, as one story: from `counterfoil demo` to what an agent is given.

Nobody in it knows anything but what the demo printed and what a page or a command said. Each part
of the story stands in a file of its own, in `story/`.
"""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser

from web.story.asking import choose, come_in, keep
from web.story.desk import at_desk
from web.story.protecting import protect
from web.story.stopping import look_back, prove, switch_off, tell_agents
from web.story.using import export, narrow, stray


def test_the_first_ten_minutes(browser: Browser, tmp_path: Path) -> None:
    """From the printed link to a token that works, is narrowed, seen, protected and switched off.

    (A1, A2, A8, A9, A16, G12g, G13, Q12, X2, X6, S51)
    """
    with at_desk(browser, tmp_path) as desk:
        ann = come_in(desk)
        choose(desk, ann)
        secret, curl = keep(desk, ann)
        export(desk, secret)
        ben, agent = narrow(desk, ann)
        stray(desk, ben, agent)
        protect(desk, ann)
        token = switch_off(desk, ann, secret, curl)
        look_back(ann, token)
        prove(desk, ann)
        tell_agents(desk)
