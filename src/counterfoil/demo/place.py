"""Where the sample lies: a directory of its own, which holds nothing of anybody else's."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from counterfoil.cli.exits import Exit, Stop

MARK: Final = "sample.json"
"""Lies beside the database, and says whose the ids in it are."""


def is_sample(data_dir: Path) -> bool:
    """Say whether a sample was made there before."""
    return (data_dir / MARK).is_file()


@contextmanager
def place(data_dir: Path | None, *, once: bool) -> Iterator[Path]:
    """Hand out where the data lies; what `--once` makes for itself is gone afterwards."""
    if data_dir is None and once:
        scratch = Path(tempfile.mkdtemp(prefix="counterfoil-demo-"))
        try:
            yield scratch
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
        return
    data_dir = data_dir or _default_place()
    if not is_sample(data_dir):
        require_empty(data_dir)
    yield data_dir.absolute()


def _default_place() -> Path:
    """Return where this user's data lies, or a folder here for who has no such place."""
    from platformdirs import user_data_path

    theirs = user_data_path("counterfoil")
    try:
        theirs.mkdir(mode=0o700, parents=True, exist_ok=True)
        return theirs / "demo" if os.access(theirs, os.W_OK) else Path("counterfoil-demo")
    except OSError:
        return Path("counterfoil-demo")


def require_empty(data_dir: Path) -> None:
    """Return if nothing stands in the way of a sample there.

    Raises:
        Stop: exit 7, with everything as it was.
    """
    if data_dir.exists() and any(data_dir.iterdir()):
        raise Stop(
            Exit.CONFLICT,
            f"{data_dir} is not empty, and is left as it is",
            "Name another directory with --data-dir.",
        )
