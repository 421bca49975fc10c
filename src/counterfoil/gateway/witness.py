"""Checkpoints of the audit trail of a gate's office, where the office cannot take them back.

They come with what the office says of the journal, and stand in a folder, a file for each. Who
rewrites the trail at the office, with its keys and all, would have to do so here too: `counterfoil
audit verify --against` this folder finds what does not go on from what was seen (R15).

A restore begins another epoch, perhaps with a shorter trail, and so does who pretends one. So the
last checkpoint of an epoch gives way to none of a later one.
"""

from __future__ import annotations

import os
from itertools import pairwise
from pathlib import Path
from typing import Final, NamedTuple

import structlog

from counterfoil.runtime.lasting import flush, make_folder

FINE: Final = 600.0
"""Seconds: the newest gives way to the next one, unless it is so much younger than another."""
MOST: Final = 4_096
"""So many are kept at most: a month of them at the least. Those go first that a later one of their
epoch follows; where there are none, the newest: whoever begins many epochs drives out their own."""
_ANOTHER: Final = "the office began another epoch of its audit trail, as a restore does"
_LINES: Final = 5
_PRIVATE: Final = 0o700

log = structlog.get_logger(__name__)


class Seen(NamedTuple):
    """Which checkpoint it is: in which life of the office's database, and of how many entries."""

    epoch: int
    size: int


class Witness:
    """Keeps what was seen. One process of a host does."""

    def __init__(self, folder: Path) -> None:
        make_folder(folder)
        self._folder = folder

    def look(self, note: str) -> None:
        """Keep a checkpoint. What is no later one than those that are kept changes nothing.

        A trail that is another one than it was, or shorter than before, is logged.
        """
        new = read(note)
        if new is None:
            return
        kept = self.kept()
        newest = kept[-1] if kept else Seen(0, 0)
        other = new == newest and self._path(new).read_text("utf-8") != note
        if new < newest or other:
            log.error("the audit trail is not what it was", seen=newest.size, told=new.size)
        if new <= newest:
            return
        self._write(new, note)
        if new.epoch > newest.epoch > 0:
            told = log.error if new.size < newest.size else log.warning
            told(_ANOTHER, seen=newest.size, told=new.size)
        elif len(kept) > 1 and self._came(newest) - self._came(kept[-2]) < FINE:
            self._path(newest).unlink()
        for old in surplus(self.kept(), MOST):
            self._path(old).unlink()

    def kept(self) -> list[Seen]:
        """Return which checkpoints are kept, the oldest first."""
        names = (one.name.split("-") for one in self._folder.glob("[0-9]*-[0-9]*"))
        return sorted(Seen(int(epoch), int(size)) for epoch, size in names)

    def _came(self, one: Seen) -> float:
        return self._path(one).stat().st_mtime

    def _path(self, one: Seen) -> Path:
        return self._folder / f"{one.epoch}-{one.size}"

    def _write(self, new: Seen, note: str) -> None:
        """Write it under another name first: nobody ever reads half of one."""
        draft = self._folder / "draft"
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:  # noqa: PTH123
            file.write(note)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._path(new))
        flush(self._folder)


def surplus(kept: list[Seen], most: int) -> list[Seen]:
    """Return which are given up where there are more than so many, the oldest first."""
    followed = [one for one, after in pairwise(kept) if one.epoch == after.epoch]
    many = max(len(kept) - most, 0)
    going = followed[:many]
    return [*going, *kept[len(kept) - 1 - (many - len(going)) : -1]] if many else []


def read(note: str) -> Seen | None:
    """Return which checkpoint a note is; None for what is none.

    Whether the trail's key signed it is for whoever verifies: it came signed by the office.
    """
    lines = note.split("\n\n", maxsplit=1)[0].splitlines()
    if len(lines) != _LINES:
        return None
    _, size, _, epoch, _ = lines
    number = epoch.removeprefix("epoch ")
    plain = all(one.isascii() and one.isdecimal() for one in (size, number))
    return Seen(int(number), int(size)) if plain else None
