"""A disk that forgets what nobody waited for, when its power is cut (R5).

A file's content is there to stay once the file was synced, and a name once its folder was. So it is
harder than any file system in use, and it is what POSIX promises: whoever comes back from here
comes back from each of them.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeAlias

PAGE: Final = 4096
"""So much of a write arrives, or does not."""


@dataclass
class File:
    """What stands in a file, what would after a cut, and what was written in between."""

    now: bytearray = field(default_factory=bytearray)
    kept: bytes = b""
    pending: list[tuple[int, bytes]] = field(default_factory=list)
    mode: int = 0o600

    def write(self, data: bytes, offset: int) -> None:
        """Write, beyond the end too."""
        self._put(self.now, data, offset)
        for at in range(0, len(data), PAGE):
            self.pending.append((offset + at, data[at : at + PAGE]))

    def truncate(self, length: int) -> None:
        """Make it so long; what is new is zeros."""
        del self.now[length:]
        self.now.extend(bytes(length - len(self.now)))

    def sync(self) -> None:
        """Keep what stands in it."""
        self.kept = bytes(self.now)
        self.pending.clear()

    def after(self, dice: random.Random | None) -> bytes:
        """Return what stands in it after a cut: what was kept, and by dice pages of the rest."""
        if dice is None or not (self.pending or len(self.kept) != len(self.now)):
            return self.kept
        left = bytearray(self.kept)
        for offset, data in self.pending:
            if dice.random() < 0.5:
                self._put(left, data, offset)
        if dice.random() < 0.5:
            del left[len(self.now) :]
        return bytes(left)

    @staticmethod
    def _put(into: bytearray, data: bytes, offset: int) -> None:
        into.extend(bytes(max(0, offset - len(into))))
        into[offset : offset + len(data)] = data


@dataclass
class Folder:
    """The names in a folder, and those that would be there after a cut."""

    now: dict[str, Entry] = field(default_factory=dict)
    kept: dict[str, Entry] = field(default_factory=dict)
    mode: int = 0o700

    def sync(self) -> None:
        """Keep the names, and not what they stand for."""
        self.kept = dict(self.now)

    def after(self, dice: random.Random | None) -> dict[str, Entry]:
        """Return the names after a cut: what was kept, or by dice what stands in it."""
        return self.now if dice is not None and dice.random() < 0.5 else self.kept


Entry: TypeAlias = "File | Folder"


@dataclass(frozen=True)
class Image:
    """What is on a disk after a cut: bytes of files, modes of folders, by their paths."""

    files: dict[str, tuple[int, bytes]]
    folders: dict[str, int]

    def write(self, to: Path) -> None:
        """Lay it down at a place where nothing is."""
        for path, mode in self.folders.items():
            (to / path).mkdir(mode)
        for path, (mode, data) in self.files.items():
            (to / path).write_bytes(data)
            (to / path).chmod(mode)


def loaded(place: Path) -> Folder:
    """Return a disk that holds all of a folder for good."""
    root = Folder(mode=place.stat().st_mode & 0o7777)
    for one in place.iterdir():
        if one.is_dir():
            root.now[one.name] = loaded(one)
        elif one.is_file():
            data = one.read_bytes()
            root.now[one.name] = File(bytearray(data), data, mode=one.stat().st_mode & 0o7777)
    root.sync()
    return root


def image(root: Folder, dice: random.Random | None = None) -> Image:
    """Return what a cut would leave; without dice the least of it."""
    files: dict[str, tuple[int, bytes]] = {}
    folders: dict[str, int] = {}
    for path, entry in _walked(root, "", dice):
        if isinstance(entry, Folder):
            folders[path] = entry.mode
        else:
            files[path] = (entry.mode, entry.after(dice))
    return Image(files, folders)


def _walked(at: Folder, path: str, dice: random.Random | None) -> Iterator[tuple[str, Entry]]:
    yield path, at
    below = (
        _walked(entry, f"{path}/{name}".lstrip("/"), dice)
        if isinstance(entry, Folder)
        else [(f"{path}/{name}".lstrip("/"), entry)]
        for name, entry in at.after(dice).items()
    )
    yield from itertools.chain.from_iterable(below)
