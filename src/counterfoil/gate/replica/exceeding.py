"""Whether something that is told now gives more than the books of this host say (S5).

The feed never does that to them: they are what it told last. Rows of the database do that somebody
put back as they were at another time.
"""

from __future__ import annotations

from typing import Final

from counterfoil.feed.event import AnyEvent, CutOff
from counterfoil.gate.replica.books import Books
from counterfoil.gate.replica.conditions import read_conditions
from counterfoil.gate.replica.fence import read_fence
from counterfoil.gate.replica.records import (
    ACTIVE,
    BOUNDS,
    CEILING,
    CONDITIONS,
    ID,
    LIMITS,
    MEMBER,
    ROLE,
    ROLES_AT,
    ROOTS,
    read_ids,
    read_tail,
)
from counterfoil.gate.replica.tokens import HEAD, HOME, MANY, read_extras
from counterfoil.gate.replica.txn import Row, Txn

_NODES: Final = (ROOTS, CEILING)


def exceeds(books: Books, txn: Txn, event: AnyEvent) -> bool:
    """Say whether a record would open more than it does now, or a cut-off less would be dead.

    Raises:
        UnknownEventError: for a record that this gate cannot hold.
    """
    if isinstance(event, CutOff):
        (known,) = ID.unpack(txn.get(ID.pack(event.subject), bytes(ID.size), db=books.cutoffs))
        return bool(known > event.at)
    return any(_is_more(books, txn, row) for row in books.rows(event) or ())


def _is_more(books: Books, txn: Txn, row: Row) -> bool:
    book, key, told = row
    known = txn.get(key, None, book)
    if book is books.fences or book is books.organizations:  # one of before keeps no fences
        looks = _fence if book is books.fences else _limits
        return known is not None and looks(told, known)
    if known is None or known == told:
        return known is None
    if book is books.tokens:
        return _token(told, known)
    if book is books.grants:
        return (told[0] == ACTIVE != known[0]) or _bounds(told[1:], known[1:])
    if book is books.members:
        return _member(told, known)
    return book is books.roles and _role(told, known)


def _token(told: bytes, known: bytes) -> bool:
    ends, made, letter, authority, state, flags, named, *who = HEAD.unpack_from(told)
    ended, was_made, of, by, stood, flagged, was_named, *whose = HEAD.unpack_from(known)
    bounds, parent, _, dies, _ = read_extras(told, flags, len(told) - named)
    bounded, came_of, _, died, _ = read_extras(known, flagged, len(known) - was_named)
    return bool(
        (letter, authority, who) != (of, by, whose)
        or (flags & MANY and told[HOME] != known[HOME])
        or (came_of and parent != came_of)
        or made > was_made
        or state == ACTIVE != stood
        or _is_later(ends, ended)
        or _is_later(dies, died)
        or _bounds(bounds, bounded)
    )


def _is_later(told: int, known: int) -> bool:
    """Say whether an end is later than another one; 0 is none."""
    return bool(known) and not 0 < told <= known


def _member(told: bytes, known: bytes) -> bool:
    (cut, active), (was_cut, was_active) = MEMBER.unpack_from(told), MEMBER.unpack_from(known)
    more = set(read_ids(told[ROLES_AT:])) - set(read_ids(known[ROLES_AT:]))
    return bool(cut < was_cut or active > was_active or more)


def _role(told: bytes, known: bytes) -> bool:
    (home, scopes, flags), (was, had, flagged) = ROLE.unpack_from(told), ROLE.unpack_from(known)
    return home != was or _reach(
        (scopes, flags, told[ROLE.size :]), (had, flagged, known[ROLE.size :])
    )


def _limits(told: bytes, known: bytes) -> bool:
    (most, window, rate, strict) = LIMITS.unpack_from(told)
    (was_most, was_window, was_rate, was_strict) = LIMITS.unpack_from(known)
    is_limited = was_rate >= 0  # below 0 there is no limit
    is_faster = (is_limited and not 0 <= rate <= was_rate) or most * was_window > was_most * window
    return bool(is_faster or (was_strict and not strict))


def _fence(told: bytes, known: bytes) -> bool:
    asked, required = read_fence(told), read_fence(known)
    if required is None or asked is None:
        return required is not None
    roles, networks = required.roles, required.conditions.networks
    return (
        (roles is not None and (asked.roles is None or not asked.roles <= roles))
        or (networks is not None and asked.conditions.networks != networks)
        or (required.provider_only and not asked.provider_only)
    )


def _bounds(told: bytes, known: bytes) -> bool:
    (home, scopes, surfaces, flags), tail = BOUNDS.unpack_from(told), told[BOUNDS.size :]
    (was, had, came, flagged), rest = BOUNDS.unpack_from(known), known[BOUNDS.size :]
    asked, tail = read_conditions(tail) if flags & CONDITIONS else (None, tail)
    required, rest = read_conditions(rest) if flagged & CONDITIONS else (None, rest)
    return (
        home != was
        or bool(surfaces & ~came)
        or (required is not None and asked != required)
        or _reach((scopes, flags, tail), (had, flagged, rest))
    )


def _reach(told: tuple[int, int, bytes], known: tuple[int, int, bytes]) -> bool:
    """Compare scopes, roots and ceilings."""
    scopes, limits = read_tail(*told)
    had, limited = read_tail(*known)
    if scopes & ~had:
        return True
    now = _by_flag(told[1], limits)
    return any(
        flag not in now or not now[flag] <= nodes
        for flag, nodes in _by_flag(known[1], limited).items()
    )


def _by_flag(flags: int, limits: tuple[frozenset[int], ...]) -> dict[int, frozenset[int]]:
    """Return which nodes bound it, by what they are: roots come first, then a ceiling."""
    return dict(zip([flag for flag in _NODES if flags & flag], limits, strict=True))
