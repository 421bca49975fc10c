"""An act in a process of its own, which is killed at one of the steps that reach the disk.

It needs nothing but Python: the child counts what Python is about to do to files, and each wait for
the disk and each commit twice, before and after. What the libraries below do in between, a tracer
of system calls finds: `chaos/kill/traced.py`.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import lmdb
from sqlalchemy.engine.default import DefaultDialect

_TOUCHING: Final = frozenset(
    {"open", "os.mkdir", "os.rename", "os.link", "os.remove", "os.rmdir", "os.truncate",
     "sqlite3.connect"}
)  # fmt: skip
"""What Python tells its audit hooks before it does something to a file or a folder."""


def killed_at(step: int, act: Callable[[], object], below: Path) -> bool:
    """Do something in a child that kills itself at its nth step; say whether it came so far.

    The steps are each opening, renaming, linking and removing below a folder, and before and after
    each wait for the disk, and each commit of a database or a replica.
    """
    child = os.fork()
    if child == 0:  # pragma: no cover - of the child nothing comes back
        code = 1
        try:
            at_each_step(_countdown(step), str(below))
            act()
            code = 0
        finally:
            os._exit(code)
    _, ended = os.waitpid(child, 0)
    if os.WIFSIGNALED(ended):
        assert os.WTERMSIG(ended) == signal.SIGKILL
        return True
    assert os.WEXITSTATUS(ended) == 0, "the act failed by itself"
    return False


def _countdown(step: int) -> Callable[[], None]:  # pragma: no cover - in the child alone
    left = step

    def touched() -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    return touched


def at_each_step(touched: Callable[[], None], below: str) -> None:
    """Have something called at each step of this process, from now on and for good."""

    def around(usual: Callable[..., Any]) -> Callable[..., Any]:
        def done(*given: Any, **said: Any) -> Any:
            touched()
            result = usual(*given, **said)
            touched()
            return result

        return done

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if event in _TOUCHING and str(arguments[0]).startswith(below):
            touched()

    os.fsync = around(os.fsync)
    os.fdatasync = around(os.fdatasync)
    DefaultDialect.do_commit = around(DefaultDialect.do_commit)  # type: ignore[method-assign]
    lmdb.Environment = _watched(around)  # type: ignore[misc, assignment]
    sys.addaudithook(hook)


def _watched(
    around: Callable[[Callable[..., Any]], Callable[..., Any]],
) -> Callable[..., Any]:  # pragma: no cover - in the child alone
    """Return what opens replicas whose commits are steps: lmdb's own types cannot be changed."""
    usual = lmdb.Environment

    class Watched:
        def __init__(self, *given: Any, **said: Any) -> None:
            self._inner = usual(*given, **said)

        def __getattr__(self, name: str) -> Any:
            return getattr(self._inner, name)

        def begin(self, **said: Any) -> Any:
            txn = self._inner.begin(**said)
            return _Committing(txn, around(txn.commit)) if said.get("write") else txn

    return Watched


class _Committing:  # pragma: no cover - in the child alone
    def __init__(self, txn: Any, commit: Callable[[], None]) -> None:
        self._txn = txn
        self.commit = commit

    def __getattr__(self, name: str) -> Any:
        return getattr(self._txn, name)
