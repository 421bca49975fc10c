"""Passwords of people: argon2id at rest, and the same work whether or not the person exists (S6).

Argon2 is slow and hungry on purpose, so only a few verifications run at a time in a process, and
none inside a transaction.
"""

from __future__ import annotations

import threading
import unicodedata
from functools import cache
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from counterfoil.kernel.entropy import Entropy
from counterfoil.kernel.errors import Code, Invalid, Limited, Refused

SHORTEST: Final = 12
LONGEST: Final = 512

_AT_ONCE: Final = 2
_PATIENCE_S: Final = 5.0
_SALT_BYTES: Final = 16

_argon2id: Final = PasswordHasher()
_turns: Final = threading.BoundedSemaphore(_AT_ONCE)


def digest_password(password: str, entropy: Entropy) -> str:
    """Return what is kept of a password: an encoded argon2id string with its salt and costs.

    Raises:
        Invalid: for a password shorter than 12 characters or longer than 512.
    """
    read = _bytes(proper_password(password))
    with _turns:
        return _argon2id.hash(read, salt=entropy(_SALT_BYTES))


def proper_password(password: str) -> str:
    """Return a password that can be one, or raise Invalid."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise Invalid(
            Code.INVALID_FIELD,
            f"A password has {SHORTEST} to {LONGEST} characters.",
            field="/password",
        )
    return password


def prove(kept: str | None, password: str) -> None:
    """Return if the password is the one that is kept.

    With nothing kept the same work is done on a digest of ours, and fails.

    Raises:
        Refused: WRONG_PASSWORD.
        Limited: RATE_LIMIT_EXCEEDED if too many wait for their turn.
    """
    stand_in = _stand_in()
    if not _turns.acquire(timeout=_PATIENCE_S):
        raise Limited(
            detail="Too many people are signing in at this moment.",
            meta={"retry_after": 1},
        )
    try:
        _argon2id.verify(kept or stand_in, _bytes(password[:LONGEST]))
    except (VerificationError, InvalidHashError):
        raise wrong() from None
    finally:
        _turns.release()
    if kept is None or len(password) > LONGEST:
        raise wrong()


def wrong() -> Refused:
    """The one answer for a wrong password, an unknown e-mail and a person who may not come in."""
    return Refused(Code.WRONG_PASSWORD, "The e-mail or the password is wrong.")


@cache
def _stand_in() -> str:
    return _argon2id.hash(b"nobody's", salt=bytes(_SALT_BYTES))


def _bytes(password: str) -> bytes:
    """Read the password alike from every keyboard; half characters stay what they are."""
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")
