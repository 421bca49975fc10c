"""The first ten minutes, as one story: from `counterfoil demo` to what an agent is given.

Nobody in it knows anything but what the demo printed and what a page or a command said: nothing is
read from the documentation. Each part of the story stands in a file of its own, in `story/`.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from web.story.asking import choose, come_in, keep
from web.story.clock import running
from web.story.desk import at_desk
from web.story.protecting import protect
from web.story.stopping import look_back, prove, switch_off, tell_agents
from web.story.using import export, narrow, stray

MOST_S = 120
"""So much machine time has the story (EXPERIENCE, the first ten minutes)."""


@pytest.mark.timeout(600)  # by the clock of a busy machine; what it may take is asserted below
def test_the_first_ten_minutes(browser: Browser, tmp_path: Path) -> None:
    """From the printed link to a token that works, is narrowed, seen, protected and switched off.

    All that runs for it, the demo, the browsers and the proxy, takes less than 120 seconds of a
    processor. (A1, A2, A8, A9, A16, G12g, G13, Q12, X2, X6, S51)
    """
    machine_time = running()
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
    assert machine_time() < MOST_S
