"""What a process remembers of one state of the replica, and forgets as soon as there is another.

A read transaction's id names the state that it sees. So what was worked out under that id is as
fresh as what would be worked out now: a token that another process revoked has moved the id (S19).
Nothing here outlives a commit, and a key holds no secret. Only what verified is kept, so that
strangers fill nothing; but for the routes of some short addresses, which everybody asks for.
"""

from __future__ import annotations

from typing import Any, Final, TypeAlias

from counterfoil.gate.asked import Let
from counterfoil.gate.registrar import Standing
from counterfoil.gate.replica.books import Books
from counterfoil.gate.replica.fence import Fence
from counterfoil.gate.replica.routes import Routed, Way
from counterfoil.gate.replica.txn import Txn
from counterfoil.kernel.errors import Denied
from counterfoil.kernel.ids import OrganizationId
from counterfoil.secret import redacted

Memory: TypeAlias = dict[Any, Any]
Asked: TypeAlias = tuple[bytes, int | None, int, int, int | None]
"""The digest of a token, the organization named, the surface, the scope, the node."""


Judged: TypeAlias = tuple[bytes, int, str, str]
"""The digest of a token, an API, a method, an address."""
Verdict: TypeAlias = tuple[Let | Denied, Standing]
"""What was said to it, and by whose standing."""


ADDRESSES: Final = 1_024
"""Of so many addresses it is remembered which route they take."""
ADDRESS_CHARS: Final = 256


class Snapshot:
    """One state.

    Args:
        id_: of a transaction that sees it. The replica's file is never swapped under a process
            that has it open, so the id moves on with every commit and names one state for ever.
        latest_cut: the latest position at which anybody was cut off: what is newer, nobody cut.
        quarantined: whether nothing verifies in it.
        most: so many of each are remembered.
    """

    __slots__ = (
        "_most",
        "decided",
        "fences",
        "homes",
        "id",
        "judged",
        "latest_cut",
        "leads",
        "quarantined",
        "routed",
        "verified",
        "ways",
    )

    def __init__(self, id_: int, latest_cut: int, most: int, *, quarantined: bool = False) -> None:
        self.id = id_
        self.latest_cut = latest_cut
        self.quarantined = quarantined
        self._most = most
        self.verified: dict[tuple[bytes, int | None], Standing] = {}
        self.decided: dict[Asked, Standing] = {}
        self.judged: dict[Judged, Verdict] = {}
        self.routed: dict[int, Routed] = {}
        self.fences: dict[int, Fence | None] = {}
        self.leads: dict[int, str] = {}
        self.ways: dict[tuple[int, str, str], Way] = {}
        self.homes: dict[int, OrganizationId] = {}

    @classmethod
    def seen(cls, txn: Txn, books: Books, most: int) -> Snapshot:
        """Begin with the state that a transaction sees."""
        latest, quarantined = books.latest_cut(txn), books.is_quarantined(txn)
        return cls(txn.id(), latest, most, quarantined=quarantined)

    def keep_way(self, key: tuple[int, str, str], way: Way) -> None:
        """Remember which route a path takes, of an API by a method; within narrower bounds.

        Whatever strangers send is asked about here, so a path is only kept if no secret is in it:
        none with what looks like a token. Of a query, where one may be by any name, nothing is.
        """
        path = key[2]
        if self._most and len(path) <= ADDRESS_CHARS and redacted(path) == path:
            if len(self.ways) >= ADDRESSES:
                self.ways.clear()
            self.ways[key] = way

    def keep_verdict(self, key: Judged, verdict: Verdict) -> None:
        """Remember what was said to somebody with a good token, of a short address."""
        if len(key[3]) <= ADDRESS_CHARS:
            self.keep(self.judged, key, verdict)

    def keep(self, memory: Memory, key: object, value: object) -> None:
        """Remember, within bounds."""
        if not self._most:
            return
        if len(memory) >= self._most:
            memory.clear()
        memory[key] = value
