"""What a gate says of what it knows, beside where it stands: in a header of its question.

    Counterfoil-Stands: CHAIN
    Counterfoil-Stands: CHAIN;LAYOUT;TALLY

The chain is that of the feed at its position, in 64 hex digits; the tally that of its books, in 16,
with the number of the layout that they are written in. An office of a release that knows of neither
passes the header over, which it would not do with a member of the question.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from counterfoil.feed.chain import UNKNOWN

HEADER: Final = "Counterfoil-Stands"
_SAID: Final = re.compile(r"([0-9a-f]{64})?(?:;([0-9]{1,4});([0-9a-f]{16}))?")


class Tally(NamedTuple):
    """What stands in the books of a replica, counted together, and in which layout."""

    layout: int
    sum: int


class Stands(NamedTuple):
    """What who asks knows; nothing, where they do not say."""

    chain: bytes = UNKNOWN
    tally: Tally | None = None

    def spelled(self) -> str:
        """Return it as it is said."""
        tally = "" if self.tally is None else f";{self.tally.layout};{self.tally.sum:016x}"
        return self.chain.hex() + tally


NOTHING: Final = Stands()


def read(said: str) -> Stands:
    """Return what was said.

    Raises:
        ValueError: if that is nothing that a gate says.
    """
    found = _SAID.fullmatch(said)
    if found is None:
        message = f"{HEADER} takes a chain of 64 hex digits, and what gates add to it."
        raise ValueError(message)
    chain, layout, total = found.groups()
    tally = None if total is None else Tally(int(layout), int(total, 16))
    return Stands(bytes.fromhex(chain or ""), tally)
