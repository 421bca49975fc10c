"""What an act changed: field by field, what was there before and what is there now.

    {"after": ["content:read"], "before": ["content:read", "content:write"], "name": "scopes"}

It stands in the bytes of the act's entry, so the log covers it as it covers the rest (R15). Whoever
says what changed names the fields that go on record, so nothing gets there by itself; what looks
like a secret in a text is cut down to its hint all the same, and whatever is long is cut short.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, TypeAlias

import msgspec

from counterfoil.kernel import ids
from counterfoil.kernel.ids import NodeId, Prefix, spell
from counterfoil.secret import redacted

Said: TypeAlias = str | int | float | bool | list[str] | None
"""What a field says: a list is a set of words, such as scopes."""
Fact: TypeAlias = str | int | float | bool | tuple[str, ...] | None
Facts: TypeAlias = Mapping[str, Fact]
"""What is told of a thing, by field; ids in it are spelled with their prefix."""
Told: TypeAlias = tuple[Facts, Facts]
"""What is told of a thing as it was, and as it is; a field that is not there is as null."""
NOTHING: Final[tuple[Told, ...]] = ()
"""Of what changes nothing."""

CHARS: Final = 256
"""A text is so long at most, and ends in `…` where it was longer."""
MOST: Final = 100
"""Lists longer than this have only what differs, so many at most, and say how much they leave out.

No list of nodes is longer: how many of those somebody is not told of must not show.
"""


class Change(msgspec.Struct, frozen=True):
    """One field, before and after; the members stand in the order of their names."""

    after: Said
    before: Said
    name: str


def differences(told: Sequence[Told]) -> tuple[Change, ...]:
    """Return what changed in the end, of what was told step by step, in the order of the names."""
    before: dict[str, Fact] = {}
    after: dict[str, Fact] = {}
    for earlier, later in told:
        before = {**earlier, **before}
        after |= later
    return tuple(
        Change(_short(after.get(name), before.get(name)), _short(was, after.get(name)), name)
        for name in sorted(before.keys() | after.keys())
        if (was := before.get(name)) != after.get(name)
    )


def nodes_in(changes: Iterable[Change]) -> frozenset[NodeId]:
    """Return the nodes that changes name."""
    return frozenset(NodeId(id_) for id_ in ids.among(Prefix.NODE, _texts(changes)))


def without(changes: Iterable[Change], untold: Iterable[NodeId]) -> tuple[Change, ...]:
    """Return changes that name none of these nodes; what is no change then is left out."""
    hidden = {spell(Prefix.NODE, node) for node in untold}
    less = (
        Change(_less(one.after, hidden), _less(one.before, hidden), one.name) for one in changes
    )
    return tuple(one for one in less if one.after != one.before)


def _less(said: Said, hidden: set[str]) -> Said:
    if isinstance(said, list):
        return [one for one in said if one not in hidden]
    return None if said in hidden else said


def _texts(changes: Iterable[Change]) -> Iterator[str]:
    for said in (said for one in changes for said in (one.before, one.after)):
        if isinstance(said, str):
            yield said
        elif isinstance(said, list):
            yield from said


def _short(said: Fact, other: Fact) -> Said:
    if isinstance(said, str):
        return _cut(said)
    if not isinstance(said, tuple):
        return said
    shared = set(other) if isinstance(other, tuple) else set()
    if max(len(said), len(shared)) <= MOST:
        return [_cut(one) for one in said]
    own = [_cut(one) for one in said if one not in shared][:MOST]
    return [*own, f"… {len(said) - len(own)}"]


def _cut(text: str) -> str:
    safe = redacted(text)
    return safe if len(safe) <= CHARS else f"{safe[: CHARS - 1]}…"
