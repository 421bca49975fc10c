"""How the replica writes things down: fixed structs of 8-byte ids, then whatever varies.

    token   HEAD, then bounds, then extras    the whole of it fixed in 54 bytes for most tokens
    grant   state, then bounds                one for each organization of a token that has several
    member  cut-off, active, then roles       8 bytes, 1, 8 each
    role    organization, scopes, flags, tail
    scope   the API that brings it along, its number (apis.py)
    node    all from the top down to it       8 bytes each (tree.py)

    bounds  organization, scopes, surfaces, flags, tail
    tail    conditions (conditions.py), custom scopes (u16 count, u32 each), a ceiling (u16 count,
            u64 each), then roots (u64 each), if their flags are set
    extras  where a provider vouched for the person: organizations, and how many; parent, the
            person's last proof, the death of the secret (u64 each), if flagged

Numbers are big-endian, so that positions compare as bytes, and what is looked up together stands
together, so that keys are slices. Instants are Unix microseconds; 0 says never. Lists are sorted:
equal states are equal bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from struct import Struct
from typing import Any, Final

from counterfoil.access.scope import EVERY_SCOPE, Scopes
from counterfoil.access.surface import ALL_SURFACES
from counterfoil.feed.event import (
    GrantRecord,
    MemberRecorded,
    OrganizationRecorded,
    RoleRecorded,
    TokenRecorded,
)
from counterfoil.gate.replica.conditions import pack_conditions
from counterfoil.kernel.ids import NodeId

ID: Final = Struct(">Q")
ID_BYTES: Final = ID.size
PAIR: Final = Struct(">QQ")
HEAD: Final = Struct(">QQ4BQQ")
"""expires, position; letter, authority, state, extras; token, subject"""
BOUNDS: Final = Struct(">QqBB")
"""organization, scopes; surfaces, flags"""
read_token: Final = Struct(">QQ4BQQQ").unpack_from
"""Reads what every look-up needs of a token: HEAD, and the organization of its bounds."""
MEMBER: Final = Struct(">QB")
"""cut-off; active"""
ROLE: Final = Struct(">QqB")
"""organization, scopes; flags"""
LIMITS: Final = Struct(">QQd?")
"""management_limit, management_window_ms, delivery_rate (below 0: none), audit_strict"""
UNLIMITED: Final = -1.0

AUTHORITY_AT: Final = 17
EXTRAS_AT: Final = 19
TOKEN_ID: Final = slice(20, 28)
SEAT: Final = slice(28, 44)
"""Subject and organization of a token: the key of a membership."""
BOUNDS_AT: Final = HEAD.size
HOME: Final = slice(BOUNDS_AT + ID.size, BOUNDS_AT + 2 * ID.size)
"""Of a token that speaks in several organizations: where it was made, in place of the scopes."""
CUT_OFF: Final = slice(0, 8)
ACTIVE_AT: Final = 8
NEVER_CUT: Final = bytes(8)
ROLES_AT: Final = MEMBER.size

IDS: Final = tuple(Struct(f">{n}Q") for n in range(129))
"""So many ids in a row, for the usual lengths."""

CUSTOM: Final = 1
ROOTS: Final = 2
CEILING: Final = 4
CONDITIONS: Final = 8

PARENT: Final = 1
PROVED: Final = 2
DIES: Final = 4
MANY: Final = 8
"""It speaks in several organizations: its bounds stand in the grants, or are its user's own."""
VOUCHED: Final = 16
"""A provider vouched for the person behind a session, and counts everywhere."""
VOUCHED_IN: Final = 32
"""It counts in some organizations alone."""

NO_ONE: Final = 0
BY_USER: Final = 1
BY_ROLE: Final = 2
BY_TOKEN: Final = 3
PENDING: Final = 0
ACTIVE: Final = 1
DISABLED: Final = 2
_AUTHORITIES: Final = {"none": NO_ONE, "user": BY_USER, "role": BY_ROLE, "token": BY_TOKEN}
_STATES: Final = {"pending": PENDING, "active": ACTIVE, "disabled": DISABLED}

STUB_BYTES: Final = 4
"""So much of a digest finds it again by the token's id, with hardly another beside it."""

_ISSUED: Final = 0x80

_COUNT: Final = Struct(">H")
_CUSTOM: Final = Struct(">I")
_FIRST_WIDE: Final = 63  # bits of a mask from here on do not fit its 8 signed bytes


def pack_limits(event: OrganizationRecorded) -> bytes:
    """Return what an organization asks of the doors, and how it is called."""
    rate = UNLIMITED if event.delivery_rate is None else event.delivery_rate
    figures = (event.management_limit, event.management_window_ms, rate, event.audit_strict)
    return LIMITS.pack(*figures) + event.name.encode()


def pack_token(event: TokenRecorded, dies_at: int | None) -> bytes:
    """Return the value under one digest of a token, which dies then.

    Raises:
        struct.error: for a number that is none of ours.
    """
    many = len(event.grants) != 1
    grant = _spread(event.organization or 0) if many else event.grants[0]
    flags, extras = MANY if many else 0, b""
    if event.vouched_in is None:
        flags |= VOUCHED
    elif event.vouched_in:
        places = pack_ids(event.vouched_in)
        flags, extras = flags | VOUCHED_IN, places + ID.pack(len(places) // ID_BYTES)
    if event.parent is not None:
        flags, extras = flags | PARENT, extras + ID.pack(max(event.parent, 1))
    if event.authenticated_at is not None:
        flags, extras = flags | PROVED, extras + ID.pack(max(event.authenticated_at, 1))
    if dies_at is not None:
        flags, extras = flags | DIES, extras + ID.pack(max(dies_at, 1))
    head = HEAD.pack(
        0 if event.expires_at is None else max(event.expires_at, 1),
        event.position,
        ord(event.letter),
        NO_ONE if event.subject is None else _AUTHORITIES[event.authority],
        _STATES[grant.state],
        flags,
        event.token,
        event.subject or 0,
    )
    return head + pack_bounds(grant) + extras


def _spread(home: int) -> GrantRecord:
    return GrantRecord(organization=0, state="active", scopes=home, surfaces=0)


def read_extras(value: bytes, flags: int) -> tuple[bytes, int, int, int, tuple[int, ...] | None]:
    """Return a token's bounds, its parent, the last proof and the death of its secret.

    Beside them, where a provider vouched for its person: None for everywhere.
    """
    end = len(value)
    found = [0, 0, 0]
    for place, flag in ((2, DIES), (1, PROVED), (0, PARENT)):
        if flags & flag:
            end -= ID_BYTES
            (found[place],) = ID.unpack_from(value, end)
    places: tuple[int, ...] | None = None if flags & VOUCHED else ()
    if flags & VOUCHED_IN:
        end -= ID_BYTES
        last, end = end, end - ID.unpack_from(value, end)[0] * ID_BYTES
        places = read_ids(value[end:last])
    return value[BOUNDS_AT:end], found[0], found[1], found[2], places


@lru_cache(maxsize=4096)
def pack_bounds(grant: GrantRecord) -> bytes:
    """Return what a token may do in one organization; remembered, for most say the same."""
    scopes, custom = split_mask(grant.scopes, grant.custom)
    flags, tail = _pack_tail(custom, grant.roots, grant.ceiling)
    if grant.conditional:
        flags, tail = flags | CONDITIONS, pack_conditions(grant) + tail
    return BOUNDS.pack(grant.organization, scopes, grant.surfaces, flags) + tail


def unbounded(organization: int) -> bytes:
    """Return the bounds of somebody who signed in: none of their own."""
    return BOUNDS.pack(organization, EVERY_SCOPE, ALL_SURFACES, 0)


def pack_grant(grant: GrantRecord) -> bytes:
    """Return one organization's bounds on a token that has several, with its state there."""
    return bytes([_STATES[grant.state]]) + pack_bounds(grant)


def pack_member(event: MemberRecorded) -> bytes:
    """Return the value of a membership."""
    return MEMBER.pack(event.cut_off, event.active) + pack_ids(event.roles)


def pack_role(event: RoleRecorded) -> bytes:
    """Return the value of a role."""
    scopes, custom = split_mask(event.scopes, event.custom)
    flags, tail = _pack_tail(custom, event.roots)
    return ROLE.pack(event.organization or 0, scopes, flags) + tail


def split_mask(scopes: Scopes | None, custom: Iterable[int]) -> tuple[int, tuple[int, ...]]:
    """Split a set of scopes into 8 signed bytes and the numbers of the bits beyond them.

    A negative mask has every bit beyond its own, custom scopes too; None asks for all there is.
    """
    if scopes is None:
        return EVERY_SCOPE, ()
    low = scopes
    beyond = set(custom)
    if scopes >> _FIRST_WIDE > 0:
        low = scopes & ((1 << _FIRST_WIDE) - 1)
        beyond.update(b for b in range(_FIRST_WIDE, scopes.bit_length()) if scopes >> b & 1)
    return low, tuple(sorted(beyond))


def _pack_tail(
    custom: tuple[int, ...],
    roots: tuple[int, ...] | None,
    ceiling: tuple[int, ...] | None = None,
) -> tuple[int, bytes]:
    flags, tail = 0, b""
    if custom:
        flags |= CUSTOM
        tail += _COUNT.pack(len(custom)) + b"".join(_CUSTOM.pack(bit) for bit in custom)
    if ceiling is not None:
        flags |= CEILING
        packed = pack_ids(ceiling)
        tail += _COUNT.pack(len(packed) // ID_BYTES) + packed
    if roots is not None:
        flags |= ROOTS
        tail += pack_ids(roots)
    return flags, tail


def read_tail(
    scopes: Scopes, flags: int, tail: bytes
) -> tuple[Scopes, tuple[frozenset[NodeId], ...]]:
    """Return the scopes with the custom ones among them, and what bounds them: roots, a ceiling."""
    ceiling: tuple[frozenset[NodeId], ...] = ()
    if flags & CUSTOM:
        (count,) = _COUNT.unpack_from(tail)
        end = _COUNT.size + count * _CUSTOM.size
        for (bit,) in _CUSTOM.iter_unpack(tail[_COUNT.size : end]):
            scopes |= 1 << bit
        tail = tail[end:]
    if flags & CEILING:
        (count,) = _COUNT.unpack_from(tail)
        end = _COUNT.size + count * ID_BYTES
        ceiling, tail = (frozenset(read_ids(tail[_COUNT.size : end])),), tail[end:]
    return scopes, (frozenset(read_ids(tail)), *ceiling) if flags & ROOTS else ceiling


def pack_ids(ids: Iterable[int]) -> bytes:
    """Return ids in order, each once."""
    ordered = sorted(set(ids))
    return _row(len(ordered)).pack(*ordered)


def read_ids(row: bytes) -> tuple[Any, ...]:
    """Read a row of ids."""
    return _row(len(row) // ID_BYTES).unpack(row)


def _row(count: int) -> Struct:
    return IDS[count] if count < len(IDS) else Struct(f">{count}Q")


def pack_name(name: str, digests: Sequence[bytes], issuer: int | None = None) -> bytes:
    """Return by which stubs a token's digests are found again, who made it, and how it is called.

    The first byte counts the stubs, with a bit for an issuer: most tokens are their owner's own.
    """
    if issuer is None and len(digests) == 1:  # as nearly always
        return b"\1" + digests[0][:STUB_BYTES] + name.encode()
    stubs = sorted({digest[:STUB_BYTES] for digest in digests})
    made = b"" if issuer is None else ID.pack(issuer)
    first = len(stubs) | (_ISSUED if made else 0)
    return bytes([first]) + b"".join(stubs) + made + name.encode()


def read_name(value: bytes) -> tuple[str, int | None]:
    """Read what a token is called, and who made it for the organization, if anybody did."""
    at = 1 + (value[0] & ~_ISSUED) * STUB_BYTES
    if not value[0] & _ISSUED:
        return value[at:].decode(), None
    (issuer,) = ID.unpack_from(value, at)
    return value[at + ID_BYTES :].decode(), issuer


def read_stubs(value: bytes) -> list[bytes]:
    """Read by which stubs a token's digests are found."""
    end = 1 + (value[0] & ~_ISSUED) * STUB_BYTES
    return [value[at : at + STUB_BYTES] for at in range(1, end, STUB_BYTES)]
