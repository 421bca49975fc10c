"""Pages as scripts: what a reader types, and what the page says they will see.

A fenced block of the language `console` is typed. A line that begins with `$ ` is a command, to the
end of its quotes and line continuations; the lines after it are what comes back, where a line that
is `…` alone stands for any number of lines. A second word behind `console` names a terminal whose
person is somebody else than the page's first; `server` is one where a server runs to the end.

A block of the language `python` with a second word is a program: the reader saves it as WORD.py
before typing anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
_FAILED: Final = re.compile("✗|… tok_[0-9]+ waits for approval")
_CODE: Final = re.compile(r" # exit ([0-9]{1,3})$")
ENDINGS: Final = {"python": "py", "yaml": "yaml"}
FENCE: Final = re.compile(r"^```(\w+)?(?: +(\w+))?\s*$")


@dataclass
class Block:
    """A fenced block: where it begins, its language, the word behind it, its lines."""

    line: int
    language: str
    word: str
    lines: list[str] = field(default_factory=list)


@dataclass
class Typed:
    """One command, in which terminal, and what is shown below it."""

    line: int
    terminal: str
    command: str
    shown: list[str] = field(default_factory=list)

    @property
    def code(self) -> int | None:
        """The exit code that a remark behind the command says; None if the page says none."""
        said = _CODE.search(self.command)
        return None if said is None else int(said[1])

    @property
    def fails(self) -> bool:
        """Whether the page shows a failure, which begins with a cross, or a token not in force."""
        return any(_FAILED.match(line) for line in self.shown)


def blocks(text: str) -> Iterator[Block]:
    """Yield the fenced blocks of a page."""
    current: Block | None = None
    for number, line in enumerate(text.splitlines(), 1):
        fence = FENCE.match(line)
        if current is None and fence:
            current = Block(number, fence[1] or "", fence[2] or "")
        elif current is not None and line.rstrip() == "```":
            yield current
            current = None
        elif current is not None:
            current.lines.append(line)
    assert current is None, "a block is not closed"


def programs(text: str) -> dict[str, str]:
    """Return the programs and settings that a page shows, by the name of their files."""
    return {
        f"{block.word}.{ENDINGS[block.language]}": "\n".join(block.lines) + "\n"
        for block in blocks(text)
        if block.language in ENDINGS and block.word
    }


def commands(text: str, first: str) -> Iterator[Typed]:
    """Yield what a page types, in order; `first` is the terminal of blocks that name none."""
    for block in blocks(text):
        if block.language != "console":
            continue
        typed: Typed | None = None
        for number, line in enumerate(block.lines, block.line + 1):
            if line.startswith("$ "):
                if typed:
                    yield typed
                typed = Typed(number, block.word or first, line[2:])
            elif typed and not typed.shown and _goes_on(typed.command):
                typed.command += f"\n{line}"
            else:
                assert typed, f"line {number} is shown before anything is typed"
                typed.shown.append(line)
        assert typed, f"the block at line {block.line} types nothing"
        yield typed


def _goes_on(command: str) -> bool:
    return command.endswith("\\") or command.count("'") % 2 == 1


def nginx_of(page: str, *, gate: int, api: int, proxy: int) -> str:
    """Return the first nginx block of a page, with where things are."""
    text = (ROOT / "docs" / page).read_text()
    block = next(one for one in blocks(text) if one.language == "nginx")
    shown = "\n".join(block.lines)
    for one, real in (
        ("127.0.0.1:8401", f"127.0.0.1:{gate}"),
        ("listen 8080", f"listen 127.0.0.1:{proxy}"),
        ("http://127.0.0.1:8000", f"http://127.0.0.1:{api}"),
        ("/etc/nginx/counterfoil", str(ROOT / "deploy" / "nginx")),
    ):
        assert one in shown
        shown = shown.replace(one, real)
    return shown
