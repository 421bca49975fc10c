"""A glance at a request: what nearly every one looks like needs no closer look.

One token of ours stands in one header, spelled as nearly everybody spells it, and the address holds
nothing that could be one. Whatever else comes is looked at closely (`credential.py`), and what is
said of it is said there: a glance refuses nothing.
"""

from __future__ import annotations

from counterfoil.gate.credential import BEARER
from counterfoil.secret import BEARERS, BODY_CHARS, CHECK_CHARS, digest, starts


class Glance:
    """Knows the usual request by its looks.

    Args:
        prefix: how this installation's tokens begin.
    """

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._starts = tuple(BEARER + start for start in starts(prefix, BEARERS))
        self._chars = len(BEARER) + len(prefix) + 2 + BODY_CHARS + CHECK_CHARS

    def digest(self, header: str, address: str) -> bytes | None:
        """Return the digest of the token in a header; None if one has to look closer.

        Args:
            header: the value of Authorization.
            address: the target of the request, or its query alone.
        """
        if (
            len(header) == self._chars
            and header.startswith(self._starts)
            and header.isascii()
            and "," not in header
            and "%" not in address
            and self._prefix not in address
        ):
            return digest(header[len(BEARER) :])
        return None
