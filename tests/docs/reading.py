"""Reading a page as its reader does: typing each command and comparing what comes."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from cli.scripts import plain_environment
from docs.likeness import Likeness
from docs.pages import ROOT, Typed, commands, programs
from docs.terminal import Person, Terminal
from infra.curl import put_where_there_is_none
from infra.server import is_ready
from infra.wait import wait_until

SHOWN_URL: Final = "http://localhost:8400"
_SERVES: Final = "counterfoil serve"


@dataclass
class Reader:
    """Somebody with a page, a folder to work in, a server to talk to, and people to be.

    Attributes:
        url: where the server is, or will be when the page starts one.
        first: whose terminal it is where a block names none.
        people: who sits at which terminal.
        real: what stands for names and addresses that the page shows.
        environment: what is set in every terminal besides.
        done: commands that were done before the page is read.
    """

    folder: Path
    url: str
    first: str = "ben"
    people: Mapping[str, Person] = field(default_factory=dict)
    real: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    done: tuple[str, ...] = ()

    def read(self, page: str) -> int:
        """Type all that a page below docs/ types; return how many commands that were."""
        likeness = Likeness({SHOWN_URL: self.url, **self.real})
        terminals: dict[str, Terminal] = {}
        text = (ROOT / "docs" / page).read_text()
        script = [one for one in commands(text, self.first) if one.command not in self.done]
        for name, program in programs(text).items():
            (self.folder / name).write_text(program)
        with ExitStack() as closed_after:
            for typed in script:
                if typed.terminal not in terminals:
                    opened = closed_after.enter_context(closing(self._terminal(typed.terminal)))
                    terminals[typed.terminal] = opened
                self._type(terminals[typed.terminal], typed, likeness, page)
        return len(script)

    def _type(self, terminal: Terminal, typed: Typed, likeness: Likeness, page: str) -> None:
        where = f"docs/{page}:{typed.line}: {typed.command}"
        command = likeness.filled(typed.command)
        if _SERVES in command:
            terminal.send(command)
            port = urlsplit(self.url).port or 0
            wait_until(lambda: is_ready(port), f"the server of {where}")
            return
        code, came = terminal.type(command)
        wrong = likeness.differs(typed.shown, came)
        seen = "\n".join(came)
        right = bool(code) is typed.fails if typed.code is None else code == typed.code
        assert right, f"{where}\nexits {code}:\n{seen}"
        assert not wrong, f"{where}\nshows: {wrong}\nbut came:\n{seen}"

    def _terminal(self, name: str) -> Terminal:
        home = self.folder / "home"
        home.mkdir(exist_ok=True)
        plain = plain_environment(Path(sys.executable).parent, home)
        environment = {
            **plain,
            "PATH": put_where_there_is_none(self.folder / "bin", plain["PATH"]),
            "BROWSER": "/bin/true",
            "COUNTERFOIL_URL": self.url,
            "LANG": "C.UTF-8",
            "PWD": str(self.folder),
            "TERM": os.environ.get("TERM", "xterm"),
            **self.environment,
        }
        return Terminal(self.folder, environment, self.people.get(name))
