"""Cursors of lists of nodes: what names a row there is how it sorts, and its id."""

from __future__ import annotations

from typing import Final

import msgspec

from counterfoil.content.store.wish import Last
from counterfoil.jsonapi import cursor

_encoder: Final = msgspec.json.Encoder()
_decoder: Final = msgspec.json.Decoder(Last)


def seal(key: bytes, context: str, last: Last) -> str:
    """Return a cursor that goes on after this row, in this context alone."""
    return cursor.seal(key, context, _encoder.encode(last))


def unseal(key: bytes, context: str, text: str, parameter: str) -> Last:
    """Return the row after which a cursor goes on.

    Raises:
        Malformed: for a cursor that was not sealed with this key in this context, naming the
            parameter that it came in.
    """
    return _decoder.decode(cursor.unseal(key, context, text, parameter))


def spell(last: Last | None) -> str | None:
    """Spell the last row of a page for `jsonapi.cursor`; None if there is no further page."""
    return None if last is None else _encoder.encode(last).decode()


def read(row: str | None) -> Last | None:
    """Read what `spell` has spelled."""
    return None if row is None else _decoder.decode(row)
