"""All that a git repository has ever kept: also what was amended away, or is on no branch."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Final

from counterfoil.scan.find import CHUNK, Found, tokens_in

_TREE: Final = "tree"
_LONGEST: Final = 4096
_QUIET: Final = {
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_LAZY_FETCH": "1",
    "LC_ALL": "C",
}


class HistoryError(Exception):
    """The history cannot be read; the message says what git said."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A token in an object of the repository: a file, or the message of a commit or a tag."""

    object: str
    type: str
    found: Found


def tokens_in_history(
    repository: Path, miss: Callable[[str], None] | None = None
) -> Iterator[Kept]:
    """Yield the tokens in every object of a repository.

    Args:
        repository: where it is.
        miss: is told of each object that is damaged; by default that fails.

    Raises:
        HistoryError: if this is no repository, or git is not there.
    """
    with _git(repository, "cat-file", "--batch-all-objects", "--batch", "--unordered") as out:
        while head := out.readline():
            name, type_, *size = head.decode().split()
            if not size:  # git says no more of it than that it misses it
                (miss or _fail)(name)
                continue
            body = _Bounded(out, int(size[0]))
            if type_ != _TREE:
                for found in tokens_in(body):
                    yield Kept(name, type_, found)
            while body.read(CHUNK):
                pass
            out.read(1)  # the line end after each object


def paths_of(repository: Path, objects: Iterable[str]) -> Mapping[str, str]:
    """Return under which path each object is, or was last seen; those on no branch have none.

    Raises:
        HistoryError: as `tokens_in_history`.
    """
    wanted, paths = set(objects), dict[str, str]()
    with _git(repository, "rev-list", "--objects", "--all", "--reflog") as out:
        for line in out:
            name, _, path = line.rstrip(b"\n").partition(b" ")
            if path and name.decode() in wanted:
                paths.setdefault(name.decode(), os.fsdecode(path))
    return paths


def _fail(name: str) -> None:
    message = f"object {name} is damaged"
    raise HistoryError(message)


class _Bounded:
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
def _git(repository: Path, *arguments: str) -> Iterator[IO[bytes]]:
    """Run git and hand out what it says; `HistoryError` if it fails at the end."""
    command = ["git", "-C", str(repository), *arguments]
    with TemporaryFile() as said:  # a pipe that nobody reads would hold git up
        try:
            process = subprocess.Popen(  # noqa: S603 - no shell, and nothing is taken from a file
                command,
                stdin=subprocess.DEVNULL,
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
                raise HistoryError(_last_line(said))


def _last_line(said: IO[bytes]) -> str:
    """Return what git said last, which is why it failed."""
    said.seek(max(0, said.seek(0, os.SEEK_END) - _LONGEST))
    lines = said.read().decode(errors="replace").splitlines() or [""]
    return lines[-1].strip().removeprefix("fatal: ") or "git failed"
