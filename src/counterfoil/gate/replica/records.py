"""How the replica writes things down: fixed structs of 8-byte ids, then whatever varies.

    token   see tokens.py
    grant   state, then bounds                one for each organization of a token that has several
    member  cut-off, active, then roles       8 bytes, 1, 8 each
    role    organization, scopes, flags, tail
    scope   the API that brings it along, its number (apis.py)
    node    all from the top down to it       8 bytes each (tree.py)

    bounds  organization, scopes, surfaces, flags, tail
    tail    conditions (conditions.py), custom scopes (u16 count, u32 each), a ceiling (u16 count,
            u64 each), then roots (u64 each), if their flags are set

Numbers are big-endian, so that positions compare as bytes, and what is looked up together stands
together, so that keys are slices. Instants are Unix microseconds; 0 says never. Lists are sorted:
equal states are equal bytes.
"""

from __future__ import annotations

from collections.abc import Iterable
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
)
from counterfoil.gate.replica.conditions import pack_conditions
from counterfoil.kernel.ids import NodeId

ID: Final = Struct(">Q")
ID_BYTES: Final = ID.size
PAIR: Final = Struct(">QQ")
BOUNDS: Final = Struct(">QiBB")
"""organization, scopes; surfaces, flags"""
MEMBER: Final = Struct(">QB")
"""cut-off; active"""
ROLE: Final = Struct(">QiB")
"""organization, scopes; flags"""
LIMITS: Final = Struct(">QQd?")
"""management_limit, management_window_ms, delivery_rate (below 0: none), audit_strict"""
UNLIMITED: Final = -1.0

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

PENDING: Final = 0
ACTIVE: Final = 1
DISABLED: Final = 2
STATES: Final = {"pending": PENDING, "active": ACTIVE, "disabled": DISABLED}

_COUNT: Final = Struct(">H")
_CUSTOM: Final = Struct(">I")
_FIRST_WIDE: Final = 31  # bits of a mask from here on do not fit its 4 signed bytes


def pack_limits(event: OrganizationRecorded) -> bytes:
    """Return what an organization asks of the doors, and how it is called."""
    rate = UNLIMITED if event.delivery_rate is None else event.delivery_rate
    figures = (event.management_limit, event.management_window_ms, rate, event.audit_strict)
    return LIMITS.pack(*figures) + event.name.encode()


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
    return bytes([STATES[grant.state]]) + pack_bounds(grant)


def pack_member(event: MemberRecorded) -> bytes:
    """Return the value of a membership."""
    return MEMBER.pack(event.cut_off, event.active) + pack_ids(event.roles)


def pack_role(event: RoleRecorded) -> bytes:
    """Return the value of a role."""
    scopes, custom = split_mask(event.scopes, event.custom)
    flags, tail = _pack_tail(custom, event.roots)
    return ROLE.pack(event.organization or 0, scopes, flags) + tail


def split_mask(scopes: Scopes | None, custom: Iterable[int]) -> tuple[int, tuple[int, ...]]:
    """Split a set of scopes into 4 signed bytes and the numbers of the bits beyond them.

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
