"""What a gate on another host tells its office: how its journal of decisions goes on.

    {"nonce": …, "journal": …, …}    what the lines follow, in one line
    <chain> <json>                   lines as they stand in the journal

The office answers up to where it has the journal, signed, with the word of who asked. Only by that
does a gate forget anything: whoever stands in between can withhold an answer, and nothing else.
"""

from __future__ import annotations

from typing import Annotated, Final

import msgspec

from counterfoil.feed.page import Nonce, Position, Told

LARGEST: Final = 16 << 20
"""So many bytes are told at a time at most, twice as many as the largest batch has."""

Chain = Annotated[str, msgspec.Meta(pattern="^([0-9a-f]{32})?$")]


class Report(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A gate tells what comes after a place in its journal, or asks which place that is.

    Attributes:
        nonce: the word that the answer repeats, 16 bytes in hex.
        journal: which journal it is; empty where the gate has decided nothing yet.
        position, chain: the place after which the lines begin; nothing where the gate does not know
            up to where the office has it.
        left: so many bytes of it stand after these lines.
    """

    nonce: Nonce
    journal: Chain = ""
    position: Position = 0
    chain: Chain = ""
    left: Position = 0


class Heard(Told, frozen=True, tag="heard"):
    """Up to where the office has a journal, on its disk.

    Attributes:
        journal: which.
        position, chain: the place; zero and nothing where it has none of it.
        checkpoint: the newest one of the audit trail, for the gate to keep; empty where there is
            none yet, and from an office that tells none.
    """

    journal: str
    position: int
    chain: str
    checkpoint: str = ""
