"""A real Wagtail with a page tree, in an environment of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from infra.wait import free_port, listens, wait_until

HERE: Final = Path(__file__).parent
ENVIRONMENT: Final = HERE.parents[2] / ".venv" / "wagtail"


@dataclass(frozen=True)
class Wagtail:
    """A site of 61 pages, and where it is served."""

    site: Path
    port: int

    def shell(self, program: str, **more: str) -> str:
        """Run a program as `manage.py shell` does; return what it prints."""
        command = [*manage(self.site), "shell", "--no-imports", "-c", program]
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, env=_environment(more)
        )
        assert not done.returncode, done.stderr
        return done.stdout


def manage(site: Path) -> list[str]:
    """Return how Django's command line is started there."""
    return [str(site / "venv" / "bin" / "python"), str(site / "manage.py")]


@contextmanager
def wagtail(site: Path, deploy: Path) -> Iterator[Wagtail]:
    """Lay the site out, fill it, and serve it on a free port of this machine."""
    assert ENVIRONMENT.is_dir(), "Wagtail is missing: make .venv/.wagtail"
    shutil.copytree(HERE / "site", site)
    shutil.copy(deploy / "wagtail" / "pages_api.py", site)
    (site / "venv").symlink_to(ENVIRONMENT)
    python, program = manage(site)
    fill = [python, str(site / "fill.py")]
    subprocess.run(fill, check=True, cwd=site, env=_environment({}))
    port = free_port()
    command = [python, program, "runserver", "--noreload", f"127.0.0.1:{port}"]
    with site.with_name("wagtail.log").open("wb") as log:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=site,
            env=_environment({}),
        )
    try:
        wait_until(lambda: listens(port) or process.poll() is not None, "Wagtail to listen")
        assert process.poll() is None, site.with_name("wagtail.log").read_text()
        yield Wagtail(site, port)
    finally:
        process.terminate()
        process.wait(20)


def _environment(more: Mapping[str, str]) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1", **more}
