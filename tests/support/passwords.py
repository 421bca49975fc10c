"""Passwords that cost little: at its real cost argon2 takes a quarter of a second, each time."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from argon2 import PasswordHasher

from counterfoil.signin.password import ARGON2ID, Hasher

_REAL: Final = ARGON2ID._hasher  # noqa: SLF001 - what the product has, to be put back


_KEEP: Final = """UPDATE identity SET digest = ? WHERE kind = 'password'
    AND user_id = (SELECT id FROM user WHERE email_folded = ?)"""


class Cheap(PasswordHasher):
    """The same algorithm, at the least cost."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)


def cheaply() -> None:
    """Have this process keep and prove passwords at the least cost.

    What is kept says what it costs, so servers that tests start prove these as quickly; what they
    keep themselves costs what it does in life.
    """
    _use(Cheap())


@contextmanager
def at_real_cost() -> Iterator[None]:
    """Keep and prove passwords as the product does."""
    _use(_REAL)
    try:
        yield
    finally:
        cheaply()


def cheapen(database: Path, passwords: Mapping[str, str]) -> None:
    """Keep these people's passwords (by e-mail) in an embedded database at the least cost.

    Whoever serves it then proves them as quickly; who they are and what they may stays as it is.
    """
    people = [(Cheap().hash(password.encode()), email) for email, password in passwords.items()]
    with closing(sqlite3.connect(database)) as books, books:
        changed = books.executemany(_KEEP, people).rowcount
    assert changed == len(people), "somebody has no password"


def _use(hasher: Hasher) -> None:
    ARGON2ID._hasher = hasher  # noqa: SLF001 - the one of this process, wherever it is bound
