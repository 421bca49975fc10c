"""Passwords of people: argon2id at rest, and the same work whether or not the person exists (S6).

Argon2 is slow and hungry on purpose, so only a few verifications run at a time in a process, and
none inside a transaction.
"""

from __future__ import annotations

import threading
import unicodedata
from typing import Final, Protocol

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from counterfoil.kernel.entropy import Entropy
from counterfoil.kernel.errors import Code, Invalid, Limited, Refused
from counterfoil.kernel.sentence import sentence

SHORTEST: Final = 12
LONGEST: Final = 512

_AT_ONCE: Final = 2
_PATIENCE_S: Final = 5.0
_SALT_BYTES: Final = 16


class Hasher(Protocol):
    """What is slow and hungry on purpose, such as `argon2.PasswordHasher`."""

    def hash(self, password: bytes, /, *, salt: bytes) -> str:
        """Return what is kept of a password, with its salt and costs."""
        ...

    def verify(self, kept: str, password: bytes, /) -> object:
        """Raise if the password is not the one that is kept."""
        ...


class Passwords:
    """Digests and proves passwords, a few of them at a time.

    Args:
        hasher: what does the work.
        at_once: how many may be at work in this process.
        patience_s: how long a proof waits for its turn.
    """

    def __init__(
        self, hasher: Hasher, *, at_once: int = _AT_ONCE, patience_s: float = _PATIENCE_S
    ) -> None:
        self._hasher = hasher
        self._turns = threading.BoundedSemaphore(at_once)
        self._patience_s = patience_s
        self._stand_in: str | None = None

    def digest(self, password: str, entropy: Entropy) -> str:
        """Return what is kept of a password: for argon2id, a string with its salt and costs.

        Raises:
            Invalid: for a password shorter than 12 characters or longer than 512.
        """
        read = _bytes(proper_password(password))
        with self._turns:
            return self._hasher.hash(read, salt=entropy(_SALT_BYTES))

    def prove(self, kept: str | None, password: str) -> None:
        """Return if the password is the one that is kept.

        With nothing kept the same work is done on a digest of ours, and fails.

        Raises:
            Refused: WRONG_PASSWORD.
            Limited: RATE_LIMIT_EXCEEDED if too many wait for their turn.
        """
        if self._stand_in is None:
            self._stand_in = self._hasher.hash(b"nobody's", salt=bytes(_SALT_BYTES))
        if not self._turns.acquire(timeout=self._patience_s):
            raise Limited(
                detail=sentence("Too many people are signing in at this moment."),
                meta={"retry_after": 1},
            )
        try:
            self._hasher.verify(kept or self._stand_in, _bytes(password[:LONGEST]))
        except (VerificationError, InvalidHashError):
            raise wrong() from None
        finally:
            self._turns.release()
        if kept is None or len(password) > LONGEST:
            raise wrong()


ARGON2ID: Final = Passwords(PasswordHasher())
"""What every sign-in of this process shares."""

digest_password: Final = ARGON2ID.digest


def proper_password(password: str) -> str:
    """Return a password that can be one, or raise Invalid."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise Invalid(
            Code.INVALID_FIELD,
            sentence(
                "A password has %(least)s to %(most)s characters.", least=SHORTEST, most=LONGEST
            ),
            field="/password",
        )
    return password


def wrong() -> Refused:
    """The one answer for a wrong password, an unknown e-mail and a person who may not come in."""
    return Refused(Code.WRONG_PASSWORD, "The e-mail or the password is wrong.")


def _bytes(password: str) -> bytes:
    """Read the password alike from every keyboard; half characters stay what they are."""
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")
