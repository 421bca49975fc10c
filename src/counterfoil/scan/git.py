"""Asking git: what a repository keeps, object by object."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Final, NamedTuple

from counterfoil.scan.find import CHUNK

_LONGEST: Final = 4096
_FATAL: Final = "fatal: "
_QUIET: Final = {
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_LAZY_FETCH": "1",
    "LC_ALL": "C",
}

Miss = Callable[[str], None]
"""Is told of an object that is damaged."""


class HistoryError(Exception):
    """The history cannot be read; the message says what git said."""


class Object(NamedTuple):
    """One object that git keeps; its body is good until the next one is asked for."""

    name: str
    type: str
    body: Bounded


def objects(out: IO[bytes], miss: Miss | None = None) -> Iterator[Object]:
    """Yield what `git cat-file --batch` says.

    Raises:
        HistoryError: for an object that is damaged, if nobody is told of it.
    """
    while head := out.readline():
        name, type_, *size = head.decode().split()
        if not size:  # git says no more of it than that it misses it
            (miss or _fail)(name)
            continue
        body = Bounded(out, int(size[0]))
        yield Object(name, type_, body)
        while body.read(CHUNK):
            pass
        out.read(1)  # the line end after each object


def _fail(name: str) -> None:
    message = f"object {name} is damaged"
    raise HistoryError(message)


class Bounded:
    """The next so many bytes of a stream."""

    def __init__(self, stream: IO[bytes], left: int) -> None:
        self._stream = stream
        self._left = left

    def read(self, size: int, /) -> bytes:
        """Return some of what is left."""
        read = self._stream.read(min(size, self._left))
        self._left -= len(read)
        return read


@contextmanager
def git(repository: Path, *arguments: str, wanted: IO[bytes] | None = None) -> Iterator[IO[bytes]]:
    """Run git and hand out what it says; it reads what is `wanted`, if anything.

    Raises:
        HistoryError: if it fails at the end, or is not there.
    """
    command = ["git", "-C", str(repository), *arguments]
    with TemporaryFile() as said:  # a pipe that nobody reads would hold git up
        try:
            process = subprocess.Popen(  # noqa: S603 - no shell, and nothing is taken from a file
                command,
                stdin=wanted or subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=said,
                env={**os.environ, **_QUIET},
            )
        except OSError as error:
            message = f"git cannot be run ({error.strerror})"
            raise HistoryError(message) from None
        assert process.stdout  # noqa: S101 - it is a pipe
        with process:
            try:
                yield process.stdout
            except BaseException:
                process.kill()
                raise
            if process.wait():
                raise HistoryError(_why(said))


def _why(said: IO[bytes]) -> str:
    """Return why git failed: what it said last of all that is fatal, or else last."""
    said.seek(max(0, said.seek(0, os.SEEK_END) - _LONGEST))
    lines = said.read().decode(errors="replace").splitlines()
    fatal = [line for line in lines if line.startswith(_FATAL)]
    last = (fatal or lines or [""])[-1]
    return last.strip().removeprefix(_FATAL) or "git failed"
