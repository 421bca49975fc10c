"""What an office tells a gate that knows too little: the books of its own host, row by row.

    frame   64 bytes of Ed25519 over a word and what follows, then `Rows` in MessagePack

A gate would make the very same rows of all the records, one by one; so many records take a while.
The word is what nothing else that is signed begins with, so that neither is taken for the other.
"""

from __future__ import annotations

from typing import Annotated, Final

import msgspec

from counterfoil.feed.page import Ask, Chain, ForgedError, Told
from counterfoil.runtime.signing import MARK_BYTES, NoteError, PublicKey, Signer

SHEET: Final = 4_000
SHEET_BYTES: Final = 1 << 20
"""So many rows are in a frame at most, and a few more bytes than these."""
PART_BYTES: Final = 8 << 20
"""So much is answered at a time: a server has an answer in memory until it is sent."""
_WORD: Final = b"rows\n"

Row = tuple[bytes, bytes]
"""A key of a book, and what stands there."""
Name = Annotated[str, msgspec.Meta(pattern="^([0-9a-f]{32})?$")]
_Number = Annotated[int, msgspec.Meta(ge=0, lt=1 << 53)]


class AskRows(Ask, frozen=True, forbid_unknown_fields=True):
    """A gate asks for all rows, or for those that follow.

    Attributes:
        copy: of which copy; empty asks for a new one.
        number: that of the first frame that it lacks.
        book, key, value: the last row that it has; the value where a key has several.
    """

    copy: Name = ""
    number: _Number = 0
    book: str = ""
    key: bytes = b""
    value: bytes = b""


class Rows(Told, frozen=True, tag="rows"):
    """Some rows of one book, in the order of their keys; frames are numbered, the last says so.

    Attributes:
        form: in which layout the books are, and of which version of the wire.
        copy: names what they are read from.
        epoch, position: where the books stand.
        sum: what all their rows add up to, as their host has kept it.
        book: its name; of all books with rows, one after another.
        before, chain: of the feed, in hex: where who asked stands, and at `position`.
    """

    form: int
    copy: Name
    epoch: int
    position: int
    sum: Annotated[int, msgspec.Meta(ge=0)]
    number: int
    last: bool
    book: str
    rows: tuple[Row, ...]
    before: Chain = ""
    chain: Chain = ""


_encode: Final = msgspec.msgpack.Encoder().encode
_decode: Final = msgspec.msgpack.Decoder(Rows).decode


def sealed_rows(signer: Signer, told: Rows) -> bytes:
    """Return a frame."""
    raw = _encode(told)
    return signer.mark(_WORD + raw) + raw


def unsealed_rows(frame: bytes, key: PublicKey, nonce: str) -> Rows:
    """Return what an office answered to the question with this word.

    Raises:
        ForgedError: if it did not.
    """
    raw = frame[MARK_BYTES:]
    try:
        key.require(_WORD + raw, frame[:MARK_BYTES])
        told = _decode(raw)
    except (NoteError, msgspec.DecodeError) as error:
        raise ForgedError(str(error)) from None
    if told.nonce != nonce:
        message = "these rows answer another question than the one that was asked"
        raise ForgedError(message)
    return told
