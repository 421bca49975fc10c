"""The token string: minted once, shown once, digested at once, never stored.

    cf  p  _  9fQ2…43 characters…  Lk08xZ
    │   │     │                    └ CRC32 (IEEE) of all before it, 6 characters of base62
    │   │     └ 256 bits from the operating system, 43 characters of base62
    │   └ kind
    └ prefix of the installation

Letters, digits and `_` only, of one fixed length. The checksum is no security: it tells a typo from
an unknown token, and lets a scanner find ours offline.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final

from counterfoil.kernel.entropy import Entropy
from counterfoil.kernel.errors import Refused

DEFAULT_PREFIX: Final = "cf"
PREFIX_FORM: Final = re.compile(r"[a-z]{2,8}")
BODY_CHARS: Final = 43  # ceil(256 / log2(62))
CHECK_CHARS: Final = 6  # ceil(32 / log2(62))

_BODY_BYTES: Final = 32
_ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_DOMAIN: Final = hashlib.sha256(b"counterfoil/token/v1\0")
_FOREIGN_DOMAIN: Final = hashlib.sha256(b"counterfoil/imported/sha256/v1\0")
_FOREIGN_FORM: Final = re.compile(r"[!-~]{16,256}")
_HINT_CHARS: Final = 4


class Kind(StrEnum):
    """What a token string is for: the letter before its underscore."""

    PERSONAL = "p"
    SERVICE = "s"
    EXCHANGED = "x"
    SESSION = "o"
    REFRESH = "r"
    CLIENT = "k"
    INVITATION = "i"
    GATE = "g"


BEARERS: Final = frozenset({Kind.PERSONAL, Kind.SERVICE, Kind.EXCHANGED, Kind.SESSION})
"""The kinds that a gate admits; each of the others is good at one door of the sign-in alone."""


@lru_cache(maxsize=8)
def starts(prefix: str = DEFAULT_PREFIX, kinds: Iterable[Kind] = Kind) -> tuple[str, ...]:
    """Return how the tokens of these kinds begin: what begins so is ours, or nothing."""
    return tuple(f"{prefix}{kind}_" for kind in kinds)


def pattern(prefix: str = DEFAULT_PREFIX) -> str:
    """Return the published regular expression of this installation's tokens, for scanners."""
    kinds = "".join(Kind)
    return rf"\b{prefix}[{kinds}]_[0-9A-Za-z]{{{BODY_CHARS + CHECK_CHARS}}}\b"


ANYWHERE: Final = re.compile(
    rf"[a-z]{{2,8}}[{''.join(Kind)}]_[0-9A-Za-z_]{{{BODY_CHARS},}}|whsec_[0-9A-Za-z+/]{{24,}}=*"
)
"""Whatever may be a token of any installation: also with more on its ends, or cut a little short.
It may be what a webhook's messages are signed with, too.

It errs on the safe side, and is the one law for what may be shown (S9, S10, A19).
"""


def redacted(text: str) -> str:
    """Return the text with whatever may be a token in it cut down to a hint."""
    if "_" not in text:  # as every token has: most texts are known to be clean at a glance
        return text
    return ANYWHERE.sub(lambda found: hint(found[0]), text)


_AFTER_KIND: Final = re.compile(rf"_[0-9A-Za-z]{{{BODY_CHARS + CHECK_CHARS}}}")
_PREFIX_CHARS: Final = range(2, 9)


def found_in(text: str) -> Iterator[tuple[int, int]]:
    """Yield from where to where whole tokens of any installation stand: whose checksum holds."""
    for found in _AFTER_KIND.finditer(text):
        for start in _starts(text, found.start() - 1):
            if is_intact(text[start : found.end()]):
                yield start, found.end()


def holds_token(text: str) -> bool:
    """Say whether a whole token of any installation stands in a text: one whose checksum holds.

    The code of an invitation does not count: the body of a request is where it belongs.
    """
    return any(
        text[end - BODY_CHARS - CHECK_CHARS - 2] != Kind.INVITATION for _, end in found_in(text)
    )


def _starts(text: str, kind_at: int) -> Iterator[int]:
    """Yield where a token may begin whose kind stands there."""
    if kind_at < 0 or text[kind_at] not in _KINDS:
        return
    for size in _PREFIX_CHARS:
        start = kind_at - size
        if start < 0 or PREFIX_FORM.fullmatch(text, start, kind_at) is None:
            return
        yield start


class Secret:
    """A bearer secret in memory. It prints as its hint, never as itself."""

    __slots__ = ("_text",)

    scheme: Final = "v1"
    """How the digest was made of it."""

    def __init__(self, text: str) -> None:
        self._text = text

    @classmethod
    def mint(cls, kind: Kind, entropy: Entropy, prefix: str = DEFAULT_PREFIX) -> Secret:
        """Make a new secret out of 256 bits of `entropy` (S1)."""
        start = f"{prefix}{kind}_" + _base62(int.from_bytes(entropy(_BODY_BYTES)), BODY_CHARS)
        return cls(start + checksum(start))

    @property
    def digest(self) -> bytes:
        """What we keep: 32 bytes (S4)."""
        return digest(self._text)

    @property
    def hint(self) -> str:
        """The few characters by which a person tells their tokens apart: `cfp_…9fQ2`."""
        return hint(self._text)

    def reveal(self) -> str:
        """The secret itself, for the one response that carries it."""
        return self._text

    def __repr__(self) -> str:
        return f"<Secret {self.hint}>"

    __str__ = __repr__


def digest(text: str) -> bytes:
    """Return what is kept of a token string. One SHA-256 is enough for 256 bits of entropy."""
    begun = _DOMAIN.copy()  # takes half the time of beginning anew
    begun.update(text.encode("ascii"))
    return begun.digest()


@dataclass(frozen=True, slots=True)
class Foreign:
    """A token that another system minted, of which we hold the SHA-256 and never the token.

    Attributes:
        sha256: of the whole token as it is presented, 32 bytes.
        hint: the few characters by which a person tells it apart.
    """

    sha256: bytes
    hint: str

    @property
    def digest(self) -> bytes:
        """What we keep: 32 bytes, which no token of ours could have."""
        begun = _FOREIGN_DOMAIN.copy()
        begun.update(self.sha256)
        return begun.digest()

    @property
    def scheme(self) -> str:
        """How the digest was made of it."""
        return "sha256"


def foreign_digest(text: str) -> bytes | None:
    """Return by what a string is known that has not the form of ours; None for no token at all."""
    if _FOREIGN_FORM.fullmatch(text) is None:
        return None
    return Foreign(hashlib.sha256(text.encode("ascii")).digest(), "").digest


def known_as(text: str, prefix: str = DEFAULT_PREFIX) -> bytes | None:
    """Return by what the books would know a string; None for what no token could be.

    What begins like a token of ours is one of ours or nothing (S3).
    """
    if not text.startswith(starts(prefix)):
        return foreign_digest(text)
    try:
        kind_of(text, prefix)
    except Refused:
        return None
    return digest(text)


def once_known_as(text: str, prefix: str = DEFAULT_PREFIX) -> bytes | None:
    """Return by what the books may once have known a string; None for what never was a token.

    Of ours the checksum is worked out, which is dear: it is for who counts what was refused.
    """
    known = known_as(text, prefix)
    if known is not None and text.startswith(starts(prefix)) and not is_intact(text):
        return None
    return known


def hint(text: str) -> str:
    """Return prefix, kind and last four characters of a token string."""
    return f"{text[: text.index('_') + 1]}…{text[-_HINT_CHARS:]}"


def kind_of(text: str, prefix: str = DEFAULT_PREFIX) -> Kind:
    """Return the kind of a string that has the form of one of our tokens.

    The checksum is left for `is_intact`: a string that is in no book needs it, to tell a typo from
    a stranger; one that is in the book does not.

    Raises:
        Refused: for every other string, whatever its type of wrongness (S3).
    """
    at = len(prefix)
    body = text[at + 2 :]
    if (
        len(body) != BODY_CHARS + CHECK_CHARS
        or not text.startswith(prefix)
        or text[at + 1] != "_"
        or not body.isalnum()
        or not text.isascii()
    ):
        raise Refused
    try:
        return _KINDS[text[at]]
    except KeyError:
        raise Refused from None


_KINDS: Final = {kind.value: kind for kind in Kind}


def is_intact(text: str) -> bool:
    """Say whether the checksum of a well-formed token string holds."""
    return checksum(text[:-CHECK_CHARS]) == text[-CHECK_CHARS:]


def checksum(start: str) -> str:
    """Return the six characters that end a token string which begins with `start`."""
    return _base62(zlib.crc32(start.encode("ascii")), CHECK_CHARS)


_PLACEHOLDER: Final = re.compile(
    r"[\[<{].*[\]>}]|your[-_ ].*|undefined|null|none|token", re.IGNORECASE | re.DOTALL
)


def is_placeholder(text: str, prefix: str = DEFAULT_PREFIX) -> bool:
    """Say whether somebody pasted an example or a truncated token instead of theirs (K15)."""
    left = len(prefix) + 2 + BODY_CHARS + CHECK_CHARS - len(text)
    if left < 0:
        return False
    truncated = left > 0 and text.startswith(starts(prefix))
    if truncated or _PLACEHOLDER.fullmatch(text) is not None:
        return True
    small = text.lower()  # each stranger's token comes by here: a pattern takes ten times as long
    return "xxxx" in small or "..." in small or "***" in small or "…" in small


def _base62(number: int, width: int) -> str:
    digits: list[str] = []
    while number:
        number, remainder = divmod(number, 62)
        digits.append(_ALPHABET[remainder])
    return "".join(reversed(digits)).rjust(width, _ALPHABET[0])
