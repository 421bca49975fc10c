"""HTTP Basic (RFC 7617), by which a client shows its id and secret (RFC 6749 §2.3.1)."""

from __future__ import annotations

import base64
import binascii
from typing import Final
from urllib.parse import unquote_plus

from counterfoil.kernel.errors import Refused

BASIC: Final = "basic "


def is_basic(header: str) -> bool:
    """Say whether an Authorization header is of this scheme."""
    return header[: len(BASIC)].lower() == BASIC


def id_and_secret(header: str) -> tuple[str, str]:
    """Return what a header shows.

    Raises:
        Refused: it is of another scheme, or unreadable.
    """
    if not is_basic(header):
        raise Refused
    try:
        pair = base64.b64decode(header[len(BASIC) :], validate=True).decode("ascii")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        raise Refused from None
    id_, _, secret = pair.partition(":")
    return unquote_plus(id_), unquote_plus(secret)
