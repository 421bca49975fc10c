"""People at a real browser: `at = browse("Ben")`, then `at.goto("/tokens")`."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext

from infra.chromium import chromium
from infra.server import Server, serving
from support.browse import WIDE, At, People, signed_in
from support.forms import Stage
from support.sample import Sample
from support.web import stock


@pytest.fixture(scope="session")
def own(seeded: Sample, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data directory of this session's server: a copy of the sample."""
    mine = tmp_path_factory.mktemp("web") / "data"
    shutil.copytree(seeded.directory, mine)
    return mine


@pytest.fixture(scope="session")
def tokens(own: Path) -> dict[str, str]:
    """The ids of tokens in every state, by name; see `support.web.stock`."""
    return stock(own)


@pytest.fixture(scope="session")
def house(own: Path, tokens: dict[str, str]) -> Iterator[Server]:
    """The server of this session, on a sample of its own."""
    assert tokens
    with serving(own) as server:
        yield server


_RUNNING = ExitStack()


@pytest.fixture(scope="session")
def browser() -> Browser:
    """The browser of these pages."""
    return _RUNNING.enter_context(chromium())


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """End the browser with the last of these tests: while it runs, no other loop of events can."""
    if nextitem is None or nextitem.path.parent != item.path.parent:
        _RUNNING.close()


@pytest.fixture
def browse(house: Server, browser: Browser, seeded: Sample) -> Iterator[Callable[..., At]]:
    """Return what opens a browser for a person: `browse("Ann")`; for nobody without a name."""
    with _browsers(house, browser, seeded) as people:

        def open_(name: str | None = None, **how: Any) -> At:
            page = people(name, **how).new_page()
            page.set_default_timeout(10_000)
            return At(page, house.url)

        yield open_


@pytest.fixture(scope="module")
def people(house: Server, browser: Browser, seeded: Sample) -> Iterator[People]:
    """Return what gives a person a browser for all tests of a file that only look."""
    with _browsers(house, browser, seeded) as opened:
        yield opened


@contextmanager
def _browsers(house: Server, browser: Browser, seeded: Sample) -> Iterator[People]:
    opened: list[BrowserContext] = []

    def people(name: str | None = None, **how: Any) -> BrowserContext:
        how = {
            "viewport": WIDE,
            "locale": "en-GB",
            "timezone_id": "UTC",
            "reduced_motion": "reduce",
            **how,
        }
        context = browser.new_context(base_url=house.url, **how)
        opened.append(context)
        if name is not None:
            context.add_cookies([signed_in(house, seeded, name)])
        return context

    yield people
    for context in opened:
        context.close()


@pytest.fixture
def stage(  # noqa: PLR0917 - what a story stands on
    browse: Callable[..., At],
    own: Path,
    house: Server,
    seeded: Sample,
    tokens: dict[str, str],
    tmp_path: Path,
) -> Stage:
    """What stories of forms without script stand on, at the server of their file."""
    return Stage(browse, own, house, seeded, tokens, tmp_path / "data")
