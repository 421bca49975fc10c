"""Is the audit trail what it was? (R15) Entry by entry, and against all that was signed of it.

What can be told of a change depends on what was left as it was. Where only an entry was changed,
the hash beside it names it. Where the hash was changed too, the tile above names 256 of them, and
the checkpoints say between which two. Who changed all of it, and has the key, is found out by a
checkpoint that lies elsewhere, and the very entry by a copy of the trail.

A restore cuts a trail, and says so in it (`restored.py`). What is known from elsewhere of the epoch
before, beyond where the copy ended, is told as cut by that restore. It is a loss all the same: who
has the key can pretend a restore.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import repeat
from typing import Final

from counterfoil.audit.checkpoint import Checkpoint
from counterfoil.audit.merkle import Growing, combined, leaf_hash
from counterfoil.audit.restored import Restored, restored_in
from counterfoil.audit.tree import WIDE

EDITED: Final = "edited"
COLUMNS: Final = "shown otherwise"
MOVED: Final = "moved"
MISSING: Final = "missing"
INSERTED: Final = "inserted"
CUT: Final = "cut off"
REWRITTEN: Final = "rewritten"
REPLACED: Final = "another trail"
FORGED: Final = "not signed"

MOST: Final = 20
"""So many faults are told; who finds as many needs no more."""


@dataclass(frozen=True, slots=True)
class Line:
    """An entry as it is found: which position it says that it has, its bytes, the hash beside them.

    `agrees` says whether the columns by which it is found and shown say the same as its bytes.
    """

    position: int | None
    body: bytes
    leaf: bytes | None
    agrees: bool = True


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, from which position on, and up to which it can be."""

    kind: str
    first: int
    last: int

    def __str__(self) -> str:
        """Tell it."""
        which = f"entry {self.first}" + (f" to {self.last}" if self.last > self.first else "")
        return f"{which}: {self.kind}"


@dataclass(frozen=True, slots=True)
class Cut:
    """What a restore cut off, as far as somebody knows of it from elsewhere."""

    at: str
    first: int
    last: int

    def __str__(self) -> str:
        """Tell it."""
        many = self.last > self.first
        which = f"entry {self.first} to {self.last} are" if many else f"entry {self.first} is"
        return f"cut by the restore of {self.at}: {which} not in this trail"


@dataclass(slots=True)
class Verified:
    """What was found: how many entries, the root over them, what holds, and what is wrong.

    `cuts` are what restores cut off, as they say themselves.
    """

    size: int = 0
    root: bytes = b""
    held: list[Checkpoint] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    cuts: list[Cut] = field(default_factory=list)

    @property
    def first(self) -> Fault | None:
        """The fault that comes first in the trail."""
        return min(self.faults, key=lambda one: one.first, default=None)

    def add(self, kind: str, first: int, last: int = 0) -> None:
        """Take in a fault."""
        if len(self.faults) < MOST:
            self.faults.append(Fault(kind, first, max(first, last)))


def verify(
    lines: Iterable[Line],
    checkpoints: Sequence[Checkpoint],
    *,
    tile: Callable[[int], bytes | None] = lambda _number: None,
    copy: Iterable[bytes] = (),
) -> Verified:
    """Go through a trail from its first entry.

    Args:
        lines: its entries, in the order in which they stand.
        checkpoints: what was signed of it, here or elsewhere; each signature is known to hold.
        tile: tells the root over 256 entries as it was kept, None where it was not.
        copy: the hashes of entries as another copy of the trail has them.
    """
    found, order, tree = Verified(), _Order(), _Tree(checkpoints, tile)
    others: Iterator[bytes | None] = iter(copy)
    alike = True
    for line, other in zip(lines, _without_end(others), strict=False):
        at = order.take(line.position, found)
        right = leaf_hash(line.body)
        if line.leaf != right or line.position is None:
            found.add(EDITED, at)
        elif not line.agrees:
            found.add(COLUMNS, at)
        leaf = line.leaf or right
        restored = tree.restored(line.body) if order.whole and leaf == right else None
        beyond = 0
        if alike and other is not None and other != leaf:
            beyond = at + sum(1 for _ in others) if restored else 0
            if not restored:
                found.add(REWRITTEN, at)
            alike = False
        if restored:
            tree.cut(restored, beyond, found)
        if order.whole:
            tree.take(leaf, found)
    order.end(found)
    tree.end(order, found)
    return found


def _without_end(hashes: Iterator[bytes | None]) -> Iterator[bytes | None]:
    yield from hashes
    yield from repeat(None)


class _Order:
    """Whether each entry comes after the one before it."""

    def __init__(self) -> None:
        self._next = 1
        self._gaps: list[range] = []
        self._back: set[int] = set()
        self.whole = True
        self.count = 0

    def take(self, position: int | None, found: Verified) -> int:
        """Take in which position the next entry has; return which it is taken to have."""
        self.count += 1
        at = self._next if position is None else position
        if at == self._next:
            self._next += 1
            return at
        self.whole = False
        if at > self._next:
            self._gaps.append(range(self._next, at))
            self._next = at + 1
        elif at not in self._back and any(at in gap for gap in self._gaps):
            self._back.add(at)
            found.add(MOVED, at)
        else:
            found.add(INSERTED, at)
        return at

    def end(self, found: Verified) -> None:
        """Name what never came."""
        for gap in self._gaps:
            if not any(at in self._back for at in (gap.start, gap.stop - 1)):
                found.add(MISSING, gap.start, gap.stop - 1)


class _Tree:
    """Whether the roots are those that were kept and signed, as far as the order is whole."""

    def __init__(
        self, checkpoints: Sequence[Checkpoint], tile: Callable[[int], bytes | None]
    ) -> None:
        self._awaited = deque(sorted(checkpoints, key=lambda one: one.size))
        self._tile = tile
        self._growing = Growing()
        self._leaves: list[bytes] = []
        self._good = 0
        self._bad = False

    def take(self, leaf: bytes, found: Verified) -> None:
        """Take in the next leaf."""
        self._growing.add(leaf)
        self._leaves.append(leaf)
        if len(self._leaves) == WIDE:
            number = self._growing.size // WIDE - 1
            if self._tile(number) not in {None, combined(self._leaves)}:
                self._rewritten(max(number * WIDE, self._good), found)
            self._leaves.clear()
        if self._awaited and self._awaited[0].size == self._growing.size:
            self._compare(found)

    def restored(self, body: bytes) -> Restored | None:
        """Return what the next entry says of a restore, if it is of the trail as it is here."""
        told = restored_in(body)
        if told and (told.size, told.root) == (self._growing.size, self._growing.root()):
            return told
        return None

    def cut(self, restored: Restored, beyond: int, found: Verified) -> None:
        """Take out what speaks of an epoch before a restore, beyond where that goes on."""
        cut = [
            one for one in self._awaited if one.epoch < restored.epoch and one.size > restored.size
        ]
        last = max((one.size for one in cut), default=beyond)
        if last:
            found.cuts.append(Cut(restored.at, restored.size + 1, max(last, beyond)))
            self._awaited = deque(one for one in self._awaited if one not in cut)

    def end(self, order: _Order, found: Verified) -> None:
        """Say how far it went, and which checkpoints speak of more than there is."""
        found.size, found.root = order.count, self._growing.root()
        late = [one for one in self._awaited if one.size > order.count]
        if late and order.whole:
            found.add(CUT, order.count + 1, max(one.size for one in late))

    def _compare(self, found: Verified) -> None:
        """Hold all checkpoints of this size against the root: here and elsewhere may differ."""
        size, root, before = self._growing.size, self._growing.root(), self._good
        while self._awaited and self._awaited[0].size == size:
            checkpoint = self._awaited.popleft()
            if checkpoint.root == root:
                self._good = size
                found.held.append(checkpoint)
            else:
                self._rewritten(before, found)

    def _rewritten(self, after: int, found: Verified) -> None:
        """Say that what is kept speaks of other entries than these: once, as the rest follows."""
        if not self._bad:
            found.add(REWRITTEN, after + 1, self._growing.size)
        self._bad = True
