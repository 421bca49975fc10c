"""The lines of a journal of revocations, of which each says that all before it is as it was.

    00000001.revocations      segments, each of some MiB; the oldest go when there are too many
    <chain> <json>            a line; the chain is a digest of all that stands before it, too

So a line that was changed, taken out or put in breaks the chain from there on, and one that was cut
short at the very end is one that was never answered for. The first line of a segment says after
which position it begins, and how the segment before it ended.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from counterfoil.feed.codec import VERSION
from counterfoil.runtime.chain import JournalError, chained

FORMAT: Final = 1
SUFFIX: Final = ".revocations"
NOTHING: Final = msgspec.Raw(b"null")


class Opening(msgspec.Struct, frozen=True, tag="opened", tag_field="line"):
    """The first line of a segment.

    Attributes:
        version: of this format.
        epoch, after: it holds what was told after this position, in this epoch or later ones.
        chain: how the segment before it ended; empty where nothing is before it.
    """

    version: int
    epoch: int
    after: int
    chain: str


class Told(msgspec.Struct, frozen=True, tag="told", tag_field="line"):
    """An event at a position, written at an instant (Unix microseconds); `version` is the codec's.

    Without an event it says that nothing else up to there took power away.
    """

    position: int
    at: int
    version: int = VERSION
    event: msgspec.Raw = NOTHING

    @property
    def body(self) -> bytes | None:
        """The event as it stands in the feed; None if there is none."""
        raw = bytes(self.event)
        return None if raw == b"null" else raw


Line = Opening | Told
_decode: Final[msgspec.json.Decoder[Line]] = msgspec.json.Decoder(Opening | Told)


def segments(folder: Path) -> list[Path]:
    """Return the segments in a folder, the oldest first."""
    return sorted(folder.glob(f"*{SUFFIX}"))


def lines(raw: bytes, before: str) -> Iterator[tuple[Line, str, int]]:
    """Yield the lines that are whole, each with its chain and where it ends.

    Raises:
        JournalError: for a line that does not fit the chain: somebody changed this.
    """
    at = 0
    while (end := raw.find(b"\n", at)) >= 0:
        chain, _, body = raw[at:end].partition(b" ")
        before = chained(before, body)
        if chain != before.encode():
            message = f"it was changed or damaged at byte {at}"
            raise JournalError(message)
        try:
            line = _decode.decode(body)
        except msgspec.DecodeError as error:
            message = f"it cannot be read at byte {at}: {error}"
            raise JournalError(message) from error
        at = end + 1
        yield line, before, at
