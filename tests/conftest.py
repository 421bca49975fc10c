"""What every test shares: settings of the test tools, the real Postgres, no skip unseen."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from infra.postgres import new_database, shared_postgres
from infra.scratch import scratch
from support.passwords import cheaply

pytest_plugins = ["support.office", "support.sample"]

# Servers and commands start hundreds of times: whoever is first leaves its modules compiled, and
# all others start several times as fast.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

scratch()
cheaply()

# While thousands of tests are collected nothing goes: to look for it takes a fifth of that time.
gc.disable()

# Machines are slow at times, so no deadline; CI draws the same examples each time.
_CALM = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("dev", _CALM)
settings.register_profile("ci", _CALM, derandomize=True, database=None)
settings.register_profile("long", _CALM, max_examples=5_000)
settings.load_profile(
    os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if "CI" in os.environ else "dev")
)


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[int]:
    """The port of the one real Postgres of this test session."""
    own = tmp_path_factory.getbasetemp()
    with shared_postgres((own if worker_id == "master" else own.parent) / "postgres") as port:
        yield port


@pytest.fixture(scope="session")
def postgres_url(postgres: int) -> Iterator[str]:
    """A database of this test process alone; whoever uses it empties it first."""
    with new_database(postgres) as url:
        yield url


def pytest_collection_finish() -> None:
    """From here on, look for cycles again, and not in what was collected, which stays."""
    gc.freeze()
    gc.enable()


_LONGEST = ("web", "whole", "docs", "vendors", "http", "cli", "gateway")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Have folders whose tests take long come first, so that no process is left alone with one.

    A file's tests share what its fixtures start, so each file is one process's (`--dist=loadfile`).
    """
    if hasattr(config, "workerinput"):
        items.sort(key=_turn)


def _turn(item: pytest.Item) -> int:
    folder = item.path.parent.name
    return _LONGEST.index(folder) if folder in _LONGEST else len(_LONGEST)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Count the skips; their reasons stand above."""
    if skipped := terminalreporter.stats.get("skipped"):
        terminalreporter.write_line(f"{len(skipped)} skipped: on CI (CI=true) that is a failure")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail on CI if anything was skipped: a proof that did not run proves nothing."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter and reporter.stats.get("skipped") and os.environ.get("CI") == "true":
        session.exitstatus = session.exitstatus or pytest.ExitCode.TESTS_FAILED
