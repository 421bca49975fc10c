"""A glance at a request: what nearly every one looks like needs no closer look.

One token of ours stands in one header, spelled as nearly everybody spells it, and the address holds
nothing that could be one. Whatever else comes is looked at closely (`credential.py`), and what is
said of it is said there: a glance refuses nothing.
"""

from __future__ import annotations

from counterfoil.gate.credential import BEARER
from counterfoil.secret import (
    BEARERS,
    BODY_CHARS,
    CHECK_CHARS,
    digest,
    foreign_digest,
    starts,
)


class Glance:
    """Knows the usual request by its looks.

    Args:
        prefix: how this installation's tokens begin.
    """

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._ours = starts(prefix)
        self._chars = len(prefix) + 2 + BODY_CHARS + CHECK_CHARS
        self._starts = tuple(BEARER + start for start in starts(prefix, BEARERS))
        self._header_chars = len(BEARER) + self._chars

    def digest(self, header: str, address: str) -> bytes | None:
        """Return the digest of the token in a header; None if one has to look closer.

        Args:
            header: the value of Authorization.
            address: the target of the request, or its query alone.
        """
        if (
            len(header) == self._header_chars
            and header.startswith(self._starts)
            and header.isascii()
            and "," not in header
            and "%" not in address
            and self._prefix not in address
        ):
            return digest(header[len(BEARER) :])
        return None

    def key(self, text: str) -> bytes | None:
        """Return what the books know a string by; None for what cannot be a token (S3).

        Another system's token may have been taken over: only what does not begin like ours is
        looked for among those.
        """
        if not text.startswith(self._ours):
            return foreign_digest(text)
        return digest(text) if len(text) == self._chars and text.isascii() else None
