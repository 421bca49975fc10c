"""The environment that a replica lives in: one file that the processes of a host have in memory.

Open it after the fork: a child has no use of its parent's.
"""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NoReturn, TypeVar

import lmdb

from counterfoil.gate.marker import Marker, boot_id
from counterfoil.gate.replica.books import Books
from counterfoil.gate.replica.former import has_others, shut_others
from counterfoil.gate.replica.txn import Txn

T = TypeVar("T")

MAP_BYTES: Final = 64 << 30
READERS: Final = 512
BOOKS: Final = 64
"""So many books may stand in one file: those of other layouts, too."""
ATTEMPTS: Final = 10
"""So often a reader tries again when the map changes under it."""


_DAMAGED: Final = (lmdb.InvalidError, lmdb.CorruptedError, lmdb.VersionMismatchError)


class Environment:
    """The books, open in one process.

    Args:
        path: a directory on a local disk.
        map_bytes: how large it may grow at first; it grows beyond that on its own.
        boot: what names this run of the kernel.
    """

    def __init__(
        self, path: Path, *, map_bytes: int = MAP_BYTES, boot: Callable[[], str] = boot_id
    ) -> None:
        self.path: Final = path
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._pid = os.getpid()
        self.make_room: Callable[[], bool] = bool
        """Called where the disk takes nothing more; says whether to try once more."""
        self._writing = threading.Lock()
        self._pausing = threading.Lock()
        self._marker = Marker(path / "marker", boot())
        self._marker.enter(lambda: _discard(path))
        self._env = self._sound(map_bytes)
        self.books = Books(self._env)
        self.begin: Callable[[], Txn] = self._env.begin
        """Begin reading. Abort soon: a held transaction keeps every page that it could see."""
        _open.add(self)

    def _sound(self, map_bytes: int) -> lmdb.Environment:
        """Return the file, open. It is derived: what is of no use is thrown away, and rebuilt."""
        try:
            env = _opened(self.path, map_bytes)
        except _DAMAGED:
            if not self._marker.if_alone(lambda: _discard(self.path)):
                raise
            return _opened(self.path, map_bytes)
        if not has_others(env):
            return env

        def throw_away() -> None:
            env.close()
            _discard(self.path)

        if self._marker.if_alone(throw_away):
            return _opened(self.path, map_bytes)
        shut_others(env)
        return env

    def read(self, look: Callable[[Txn], T]) -> T:
        """Look at one state."""
        try:
            return self._look(look)
        except lmdb.Error as error:
            return self.again(error, lambda: self._look(look))

    def _look(self, look: Callable[[Txn], T]) -> T:
        txn = self.begin()
        try:
            return look(txn)
        finally:
            txn.abort()

    def again(self, error: lmdb.Error, look: Callable[[], T]) -> T:
        """Look again after an error, for as long as it may be that the map is being grown.

        Where another process has grown it, its size is adopted. Where another thread grew it, the
        transactions that were open then are void.
        """
        for _ in range(ATTEMPTS):
            if isinstance(error, lmdb.MapResizedError):
                with self._writing, self._quiet():
                    self._env.set_mapsize(0)
            try:
                return look()
            except lmdb.Error as later:
                error = later
        raise error

    def write(self, act: Callable[[Txn], T]) -> T:
        """Do it in one transaction; where the map or the disk is full, make room; do it again."""
        with self._writing:
            made = False
            while True:
                try:
                    return self._transact(act)
                except lmdb.MapResizedError:
                    with self._quiet():
                        self._env.set_mapsize(0)
                except lmdb.MapFullError:
                    with self._quiet():
                        self._env.set_mapsize(self._env.info()["map_size"] * 2)
                except lmdb.Error:
                    if made or not self.make_room():
                        raise
                    made = True

    def _transact(self, act: Callable[[Txn], T]) -> T:
        if self.begin == self._refuse:
            self._refuse()
        txn = self._env.begin(write=True)
        try:
            done = act(txn)
            txn.commit()
        except BaseException:
            with self._quiet():
                txn.abort()
            raise
        return done

    @contextmanager
    def _quiet(self) -> Iterator[None]:
        """Let no reader of this process begin meanwhile.

        To abort a write or to grow the map, lmdb waits for a moment without readers, which never
        comes while several threads read without a pause.
        """
        with self._pausing:
            self.begin = self._later
            try:
                yield
            finally:
                self.begin = self._env.begin

    def _later(self) -> Txn:
        with self._pausing:
            pass
        return self._env.begin()

    def close(self) -> None:
        """Give it back; the last process to do so leaves it clean."""
        if self.begin == self._refuse:
            return
        self.begin = self._refuse
        _open.discard(self)
        self._marker.leave(lambda: self._env.sync(True))  # noqa: FBT003 - lmdb's own spelling
        self._env.close()

    def disown(self) -> None:
        """Become useless, in a process that did not open it."""
        self.begin = self._refuse

    def _refuse(self) -> NoReturn:
        message = f"this replica is closed, or process {self._pid} opened it: open one of your own"
        raise RuntimeError(message)

    def copy(self, file: int) -> None:
        """Write one state of it into an open file, page by page.

        LMDB 0.9.36 can leave out those that nothing stands in, and ends the process by it where a
        set has several pages for one key.
        """
        if self.begin == self._refuse:
            self._refuse()
        self._env.copyfd(file)

    def size(self) -> int:
        """Return the bytes that the file takes on the disk."""
        return (self.path / "data.mdb").stat().st_blocks * 512

    def reap(self) -> int:
        """Free what readers left behind that died; return how many there were."""
        return self._env.reader_check()


_open: Final[weakref.WeakSet[Environment]] = weakref.WeakSet()


def _disown_all() -> None:
    for environment in list(_open):
        environment.disown()


os.register_at_fork(after_in_child=_disown_all)


def _opened(path: Path, map_bytes: int) -> lmdb.Environment:
    """Open the file.

    Raises:
        lmdb.CorruptedError: if it is shorter than it says; to read it would be SIGBUS.
    """
    env = lmdb.Environment(
        str(path),
        map_size=map_bytes,
        max_dbs=BOOKS,
        max_readers=READERS,
        max_spare_txns=1,
        sync=False,
        mode=0o600,
    )
    pages = env.info()["last_pgno"] + 1
    if (path / "data.mdb").stat().st_size < pages * env.stat()["psize"]:
        env.close()
        message = f"{path} is cut short"
        raise lmdb.CorruptedError(message)
    return env


def _discard(path: Path) -> None:
    for name in ("data.mdb", "lock.mdb"):
        (path / name).unlink(missing_ok=True)
