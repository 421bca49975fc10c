"""A disk that forgets, mounted: `python -m chaos.power.mount FROM AT CUTS WITNESS`.

Before and after each wait for the disk, and when the witness writes, it notes what a cut at that
moment would leave: a folder each below CUTS. The witness is the file that stands for whoever was
answered. It is not on the disk, so nothing of it is forgotten.
"""

from __future__ import annotations

import errno
import os
import pickle
import random
import sys
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from stat import S_IFDIR, S_IFREG
from typing import Final

from mfusepy import FUSE, FuseOSError, Operations

from chaos.power.disk import Entry, File, Folder, image, loaded

_DICE: Final = (None, 1, 2)
"""Of each cut: that it leaves the least, and twice that it leaves some of the rest."""


class Forgetful(Operations):  # type: ignore[misc]
    """The operations of that disk, as the kernel asks for them. One thread does them all."""

    use_ns = True

    def __init__(self, root: Folder, cuts: Path, witness: str) -> None:
        self._root, self._cuts, self._witness = root, cuts, witness
        self._open: dict[int, File] = {}
        self._handles, self._number = count(1), count(1)
        self._inodes: dict[int, int] = {}

    def getattr(self, path: str, fh: int | None = None) -> dict[str, int]:
        """Return what kind of thing it is, and how long."""
        return self._said_of(self._open[fh] if fh in self._open else self._found(path))

    def readdir(self, path: str, fh: int) -> Iterator[tuple[str, dict[str, int], int]]:
        """Return its names."""
        del fh
        here = self._folder(path)
        for name, entry in {".": here, "..": here, **here.now}.items():
            yield name, self._said_of(entry), 0

    def mkdir(self, path: str, mode: int) -> int:
        """Make a folder."""
        return self._add(path, Folder(mode=mode & 0o7777))

    def create(self, path: str, mode: int, fi: object = None) -> int:
        """Make a file, and open it."""
        del fi
        made = File(mode=mode & 0o7777)
        self._add(path, made)
        return self._opened(made)

    def open(self, path: str, flags: int) -> int:
        """Open a file."""
        del flags
        return self._opened(self._file(path))

    def release(self, path: str, fh: int) -> int:
        """Close it."""
        del path
        del self._open[fh]
        return 0

    def read(self, path: str, size: int, offset: int, fh: int) -> bytes:
        """Read."""
        del path
        return bytes(self._open[fh].now[offset : offset + size])

    def write(self, path: str, data: bytes, offset: int, fh: int) -> int:
        """Write; what the witness writes is on no disk."""
        self._open[fh].write(data, offset)
        if path == self._witness:
            self._open[fh].sync()
            self._root.kept[path[1:]] = self._open[fh]
            self._cut("answered")
        return len(data)

    def truncate(self, path: str, length: int, fh: int | None = None) -> int:
        """Make it so long."""
        (self._open[fh] if fh in self._open else self._file(path)).truncate(length)
        return 0

    def fsync(self, path: str, datasync: int, fh: int) -> int:
        """Keep what stands in a file."""
        del datasync
        self._cut(f"before the sync of {path}")
        self._open[fh].sync()
        self._cut(f"after the sync of {path}")
        return 0

    def fsyncdir(self, path: str, datasync: int, fh: int) -> int:
        """Keep the names in a folder."""
        del datasync, fh
        self._cut(f"before the sync of {path}")
        self._folder(path).sync()
        self._cut(f"after the sync of {path}")
        return 0

    def unlink(self, path: str) -> int:
        """Take a name away."""
        folder, name = self._parent(path)
        del folder.now[name]
        return 0

    def rmdir(self, path: str) -> int:
        """Take an empty folder away."""
        if self._folder(path).now:
            raise FuseOSError(errno.ENOTEMPTY)
        return self.unlink(path)

    def link(self, target: str, source: str) -> int:
        """Give a file another name."""
        return self._add(target, self._file(source))

    def rename(self, old: str, new: str) -> int:
        """Give it another name, whatever had that one."""
        entry, (folder, name) = self._found(old), self._parent(new)
        self.unlink(old)
        folder.now[name] = entry
        return 0

    def chmod(self, path: str, mode: int) -> int:
        """Say who may."""
        self._found(path).mode = mode & 0o7777
        return 0

    def chown(self, path: str, uid: int, gid: int) -> int:
        """Leave it to whoever has it."""
        del path, uid, gid
        return 0

    def utimens(self, path: str, times: object = None) -> int:
        """Leave the time as it is."""
        del path, times
        return 0

    def destroy(self, path: str) -> None:
        """Note what a cut leaves when all is done."""
        del path
        self._cut("at the end")

    def _said_of(self, entry: Entry) -> dict[str, int]:
        inode = self._inodes.setdefault(id(entry), len(self._inodes) + 2)
        kind, size = (S_IFREG, len(entry.now)) if isinstance(entry, File) else (S_IFDIR, 0)
        times = dict.fromkeys(("st_atime", "st_mtime", "st_ctime"), time.time_ns())
        return {"st_mode": kind | entry.mode, "st_size": size, "st_nlink": 1, "st_ino": inode,
                "st_uid": os.getuid(), "st_gid": os.getgid(), **times}  # fmt: skip

    def _cut(self, when: str) -> None:
        number = next(self._number)
        for seed in _DICE:
            dice = None if seed is None else random.Random(f"{number} {seed}")
            left = image(self._root, dice)
            what = f"{when}, {'the least' if seed is None else f'some, dice {seed}'} is left"
            (self._cuts / f"{number:04}-{seed or 0}").write_bytes(pickle.dumps((what, left)))

    def _found(self, path: str) -> Entry:
        found: Entry = self._root
        for name in path.strip("/").split("/") if path != "/" else []:
            if not isinstance(found, Folder) or name not in found.now:
                raise FuseOSError(errno.ENOENT)
            found = found.now[name]
        return found

    def _folder(self, path: str) -> Folder:
        found = self._found(path)
        if isinstance(found, File):
            raise FuseOSError(errno.ENOTDIR)
        return found

    def _file(self, path: str) -> File:
        found = self._found(path)
        if isinstance(found, Folder):
            raise FuseOSError(errno.EISDIR)
        return found

    def _parent(self, path: str) -> tuple[Folder, str]:
        above, _, name = path.rpartition("/")
        return self._folder(above or "/"), name

    def _add(self, path: str, entry: Entry) -> int:
        folder, name = self._parent(path)
        if name in folder.now:
            raise FuseOSError(errno.EEXIST)
        folder.now[name] = entry
        return 0

    def _opened(self, file: File) -> int:
        handle = next(self._handles)
        self._open[handle] = file
        return handle


def main(source: str, at: str, cuts: str, witness: str) -> None:
    """Mount it, till somebody takes it off."""
    disk = Forgetful(loaded(Path(source)), Path(cuts), witness)
    FUSE(disk, at, foreground=True, nothreads=True, use_ino=True, attr_timeout=0, entry_timeout=0)


if __name__ == "__main__":
    main(*sys.argv[1:])
