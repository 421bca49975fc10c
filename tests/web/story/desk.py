"""A desk: a demo that runs, browsers, and a terminal in a folder."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, expect

from cli.scripts import plain_environment
from infra.curl import put_where_there_is_none
from infra.demo import Demo, demonstrating
from infra.server import STOPS_WITHIN, is_ready
from infra.wait import wait_until
from support.browse import WIDE, At

SELF = 'curl -H "Authorization: Bearer $COUNTERFOIL_TOKEN" $COUNTERFOIL_URL/cma/token'
"""The command by which a token is tried on the page that shows it."""


@dataclass(frozen=True)
class Desk:
    """Somebody's desk, where nothing is known but what the demo printed."""

    demo: Demo
    folder: Path
    browser: Browser
    opened: ExitStack

    def sit(self) -> At:
        """Open a browser of nobody."""
        context = self.browser.new_context(
            viewport={"width": WIDE["width"], "height": WIDE["height"]},
            locale="en-GB",
            timezone_id="UTC",
            reduced_motion="reduce",
        )
        self.opened.callback(context.close)
        page = context.new_page()
        page.set_default_timeout(10_000)
        return At(page, self.demo.url)

    def sign_in(self, name: str) -> At:
        """Open a browser, and sign in as one of the people by the password that was printed."""
        at, (email, password) = self.sit(), self.demo.people[name]
        at.goto("/signin")
        at.page.get_by_label("E-mail").fill(email)
        at.page.get_by_label("Password").fill(password)
        at.page.get_by_role("button", name="Sign in", exact=True).click()
        expect(at.page.get_by_role("button", name=f"You: {name}")).to_be_visible()
        return at

    def environment(self, **more: str) -> dict[str, str]:
        """Return what is set in the terminal."""
        home = self.folder / "home"
        home.mkdir(exist_ok=True)
        plain = plain_environment(Path(sys.executable).parent, home)
        return {
            **plain,
            "PATH": put_where_there_is_none(self.folder / "bin", plain["PATH"]),
            "COUNTERFOIL_URL": self.demo.url,
            **more,
        }

    def type(self, line: str, **variables: str) -> str:
        """Type a line that succeeds, with these variables set; return what it prints."""
        ran = subprocess.run(
            ["/bin/bash", "-c", f"umask 077; {line}"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            cwd=self.folder,
            env=self.environment(**variables),
            timeout=60,
            check=False,
        )
        assert ran.returncode == 0, f"{line}\n{ran.stdout}{ran.stderr}"
        return ran.stdout.strip()

    @contextmanager
    def running(self, line: str, port: int) -> Iterator[None]:
        """Type a line in another terminal, which runs until Ctrl-C, from when it is ready."""
        process = subprocess.Popen(
            ["/bin/bash", "-c", f"exec {line}"],
            stdin=subprocess.DEVNULL,
            cwd=self.folder,
            env=self.environment(),
        )
        try:
            wait_until(lambda: is_ready(port) or process.poll() is not None, line)
            assert process.poll() is None, line
            yield
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(STOPS_WITHIN)

    def curl(self, line: str, token: str = "") -> tuple[int, str]:
        """Type a curl command; return the status and what was answered."""
        told = self.type(f"{line} -s -w '\\n%{{http_code}}'", COUNTERFOIL_TOKEN=token)
        body, _, status = told.rpartition("\n")
        return int(status), body


@contextmanager
def at_desk(browser: Browser, folder: Path) -> Iterator[Desk]:
    """Run the demo, and sit down before it."""
    with demonstrating(folder) as demo, ExitStack() as opened:
        yield Desk(demo, folder, browser, opened)
