"""What a gate says of what it knows, beside where it stands: in a header of its question.

    Counterfoil-Stands: CHAIN
    Counterfoil-Stands: CHAIN;LAYOUT;TALLY

The chain is that of the feed at its position, in 64 hex digits; the tally that of its books, in 16,
with the number of the layout that they are written in. An office of a release that knows of neither
passes the header over, which it would not do with a member of the question.

    Counterfoil-Told: PAGE

Where the office has said that it stands before what it told, the gate shows it a page of then, in
base64: under the mark of the office itself, so no gate can make one.
"""

from __future__ import annotations

import re
from base64 import b64decode
from typing import Final, NamedTuple

from counterfoil.feed.chain import UNKNOWN

HEADER: Final = "Counterfoil-Stands"
TOLD_HEADER: Final = "Counterfoil-Told"
TOLD_BYTES: Final = 2_000
"""A longer page is kept by no gate to be shown."""
_SAID: Final = re.compile(r"([0-9a-f]{64})?(?:;([0-9]{1,4});([0-9a-f]{16}))?")


class Tally(NamedTuple):
    """What stands in the books of a replica, counted together, and in which layout."""

    layout: int
    sum: int


class Stands(NamedTuple):
    """What who asks knows; nothing, where they do not say. `told` is a page that they show."""

    chain: bytes = UNKNOWN
    tally: Tally | None = None
    told: bytes = b""

    def spelled(self) -> str:
        """Return it as it is said."""
        tally = "" if self.tally is None else f";{self.tally.layout};{self.tally.sum:016x}"
        return self.chain.hex() + tally


NOTHING: Final = Stands()


def read(said: str, told: str = "") -> Stands:
    """Return what was said, with the page that is shown.

    Raises:
        ValueError: if that is nothing that a gate says.
    """
    found = _SAID.fullmatch(said)
    if found is None:
        message = f"{HEADER} takes a chain of 64 hex digits, and what gates add to it."
        raise ValueError(message)
    chain, layout, total = found.groups()
    tally = None if total is None else Tally(int(layout), int(total, 16))
    if len(told) > 2 * TOLD_BYTES:
        message = f"{TOLD_HEADER} takes a page of {TOLD_BYTES} bytes at most."
        raise ValueError(message)
    return Stands(bytes.fromhex(chain or ""), tally, b64decode(told, validate=True))
