"""The arithmetic of a Merkle log (RFC 9162, section 2.1). It knows no database.

    root(9)          = H(1 | H(1 | … the first eight …), leaf 8)
    inclusion path   the hashes beside the way from a leaf to the root, from the leaf upwards
    consistency path the hashes that make both an older root and the newer one

`at(level, number)` tells the root of a complete subtree: number `number` of those with 2**level
leaves. Leaves are counted from 0.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Final, TypeAlias

At: TypeAlias = Callable[[int, int], bytes]

BYTES: Final = 32
EMPTY: Final = sha256(b"").digest()
"""The root of a tree without leaves."""


def leaf_hash(data: bytes) -> bytes:
    """Return the hash of what a leaf stands for."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of what stands above two others; never that of any leaf."""
    return sha256(b"\x01" + left + right).digest()


def combined(hashes: Sequence[bytes]) -> bytes:
    """Return the root over the hashes of a complete subtree: 1, 2, 4, 8 … of them."""
    while len(hashes) > 1:
        pairs = zip(hashes[::2], hashes[1::2], strict=True)
        hashes = [sha256(b"\x01" + left + right).digest() for left, right in pairs]  # `node_hash`
    return hashes[0]


def root(size: int, at: At) -> bytes:
    """Return the root of the tree over the first leaves."""
    return _over(0, size, at) if size else EMPTY


def inclusion(index: int, size: int, at: At) -> list[bytes]:
    """Return the path from a leaf to the root of the tree over the first `size` leaves."""
    first, last, path = 0, size, []
    while last - first > 1:
        middle = first + _split(last - first)
        if index < middle:
            path.append(_over(middle, last, at))
            last = middle
        else:
            path.append(_over(first, middle, at))
            first = middle
    return path[::-1]


def consistency(old: int, new: int, at: At) -> list[bytes]:
    """Return the path by which the tree over `old` leaves is seen to begin that over `new`."""
    if not 0 < old < new:
        return []
    first, last, path, whole = 0, new, [], True
    while old != last:
        middle = first + _split(last - first)
        if old <= middle:
            path.append(_over(middle, last, at))
            last = middle
        else:
            path.append(_over(first, middle, at))
            first, whole = middle, False
    return path[::-1] if whole else [_over(first, last, at), *path[::-1]]


def root_above(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """Return the root to which a path leads from a leaf; None if no such tree has that path."""
    at, last, found = index, size - 1, leaf
    if not 0 <= index < size:
        return None
    for beside in path:
        if last == 0:
            return None
        if at & 1 or at == last:
            found = node_hash(beside, found)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            found = node_hash(found, beside)
        at, last = at >> 1, last >> 1
    return found if last == 0 else None


def begins(old: int, old_root: bytes, new: int, new_root: bytes, path: Sequence[bytes]) -> bool:
    """Say whether the tree over `old` leaves is the beginning of that over `new`, by a path."""
    if not 0 < old < new:
        return not path and (old_root == new_root if old == new else old == 0)
    steps = [old_root, *path] if old & (old - 1) == 0 else [*path]
    if not steps:
        return False
    at, last = old - 1, new - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    older = newer = steps[0]
    for beside in steps[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            older, newer = node_hash(beside, older), node_hash(beside, newer)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            newer = node_hash(newer, beside)
        at, last = at >> 1, last >> 1
    return last == 0 and older == old_root and newer == new_root


class Growing:
    """A tree of which only the right edge is known: it takes leaves in and tells its root."""

    def __init__(self) -> None:
        self.size = 0
        self._edge: list[tuple[int, bytes]] = []

    def add(self, leaf: bytes) -> None:
        """Take one more leaf in, by its hash."""
        level, found = 0, leaf
        while self._edge and self._edge[-1][0] == level:
            found = node_hash(self._edge.pop()[1], found)
            level += 1
        self._edge.append((level, found))
        self.size += 1

    def root(self) -> bytes:
        """Return the root over all leaves so far."""
        if not self._edge:
            return EMPTY
        found = self._edge[-1][1]
        for _, left in self._edge[-2::-1]:
            found = node_hash(left, found)
        return found


def _split(count: int) -> int:
    """Return the largest power of two that is smaller than a count of two or more."""
    return 1 << (count - 1).bit_length() - 1


def _over(first: int, last: int, at: At) -> bytes:
    """Return the root over leaves `first` to `last`, of which the first begins a subtree."""
    count = last - first
    if count & (count - 1) == 0:
        level = count.bit_length() - 1
        return at(level, first >> level)
    middle = first + _split(count)
    return node_hash(_over(first, middle, at), _over(middle, last, at))
