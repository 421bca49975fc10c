"""The files below a path, each opened for reading, or the reason why it was not."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from fnmatch import fnmatch
from pathlib import Path
from typing import BinaryIO, Final

_PACKED: Final = (".git", "objects")
"""Compressed: what is in there, `history` reads."""


def files_below(
    path: Path, exclude: Sequence[str] = (), miss: Callable[[OSError], None] | None = None
) -> Iterator[Path]:
    """Yield a file, or the regular files below a directory, in order.

    Links below it are not followed: what they lead to stands elsewhere, or is met anyway. So are
    no pipes, sockets and devices read, for those may never end.

    Args:
        path: is followed if it is a link, because somebody named it.
        exclude: patterns of paths or names that are left out, as shells write them.
        miss: is told of a directory that cannot be listed; by default that fails.

    Raises:
        OSError: if the path itself is not there.
    """
    if not path.is_dir():
        path.stat()
        yield path
        return
    for folder, folders, names in os.walk(path, onerror=miss or _fail):
        here = Path(folder)
        folders[:] = sorted(
            name
            for name in folders
            if (here.name, name) != _PACKED and not is_left_out(_inside(path, here / name), exclude)
        )
        for name in sorted(names):
            file = here / name
            if not is_left_out(_inside(path, file), exclude) and stat.S_ISREG(_mode(file)):
                yield file


@contextmanager
def reading(file: Path) -> Iterator[BinaryIO]:
    """Open a file.

    Raises:
        OSError: if it cannot be read, or is no regular file.
    """
    # NONBLOCK: a pipe that took the file's place meanwhile is opened at once, and then refused.
    handle = os.open(file, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    with os.fdopen(handle, "rb") as opened:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError(0, "is no regular file", str(file))
        yield opened


def is_left_out(inside: str, exclude: Sequence[str]) -> bool:
    """Say whether a pattern fits a path, its last part, or a directory on the way to it."""
    parts = inside.split("/")
    on_the_way = ["/".join(parts[:end]) for end in range(1, len(parts) + 1)]
    return any(fnmatch(name, one) for one in exclude for name in (*parts, *on_the_way))


def _inside(top: Path, path: Path) -> str:
    return path.relative_to(top).as_posix()


def _mode(file: Path) -> int:
    try:
        return file.lstat().st_mode
    except FileNotFoundError:  # gone since it was listed
        return 0


def _fail(error: OSError) -> None:
    raise error
