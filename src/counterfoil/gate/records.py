"""How the replica writes things down: fixed structs of 8-byte ids, then whatever varies.

    token   HEAD, then bounds, then extras    the whole of it fixed in 54 bytes for most tokens
    grant   state, then bounds                one for each organization of a token that has several
    member  cut-off, active, then roles       8 bytes, 1, 8 each
    role    organization, scopes, flags, tail
    node    organization, parent              the key of its parent; 0 at the top

    bounds  organization, scopes, surfaces, flags, tail
    tail    custom scopes (u16 count, u32 each), roots (u32 count, u64 each), if their flags are set
    extras  parent, the person's last proof, the death of the secret (u64 each), if flagged

Numbers are big-endian, so that positions compare as bytes, and what is looked up together stands
together, so that keys are slices. Instants are Unix microseconds; 0 says never. Lists are sorted:
equal states are equal bytes.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from struct import Struct
from typing import Any, Final

from counterfoil.access.grant import Term
from counterfoil.access.scope import EVERY_SCOPE, Scopes
from counterfoil.access.surface import ALL_SURFACES
from counterfoil.feed.event import GrantRecord, MemberRecorded, RoleRecorded, TokenRecorded

ID: Final = Struct(">Q")
PAIR: Final = Struct(">QQ")
HEAD: Final = Struct(">QQ4BQQ")
"""expires, position; letter, authority, state, extras; token, subject"""
BOUNDS: Final = Struct(">QqBB")
"""organization, scopes; surfaces, flags"""
FIXED: Final = Struct(">Q8x4BQQQ")
"""What a look-up reads of a token at once: HEAD without the position, and the organization."""
ROLE: Final = Struct(">QqB")
"""organization, scopes; flags"""
LIMITS: Final = Struct(">QQd?")
"""management_limit, management_window_ms, delivery_rate (below 0: none), audit_strict"""

POSITION: Final = slice(8, 16)
LETTER_AT: Final = 16
TOKEN: Final = slice(20, 28)
SEAT: Final = slice(28, 44)
"""Subject and organization of a token: the key of a membership."""
BOUNDS_AT: Final = HEAD.size

CUT_OFF: Final = slice(0, 8)
ACTIVE_AT: Final = 8
ROLES_AT: Final = 9
NEVER_CUT: Final = bytes(8)

IDS: Final = tuple(Struct(f">{n}Q") for n in range(129))
"""So many ids in a row, for the usual lengths."""
PATHS: Final = tuple(Struct(">" + n * "8xQ") for n in range(129))
"""So many keys of nodes in a row; of each, the node."""

CUSTOM: Final = 1
ROOTS: Final = 2

PARENT: Final = 1
PROVED: Final = 2
DIES: Final = 4
MANY: Final = 8
"""It speaks in several organizations: its bounds stand in the grants, or are its user's own."""

NO_ONE: Final = 0
BY_USER: Final = 1
BY_ROLE: Final = 2
PENDING: Final = 0
ACTIVE: Final = 1
DISABLED: Final = 2
_AUTHORITIES: Final = {"none": NO_ONE, "user": BY_USER, "role": BY_ROLE}
_STATES: Final = {"pending": PENDING, "active": ACTIVE, "disabled": DISABLED}

HEAD_BYTES: Final = 8
"""So much of a digest finds it again by the token's id, to strike it."""

_COUNT16: Final = Struct(">H")
_COUNT32: Final = Struct(">I")
_FIRST_WIDE: Final = 63  # bits of a mask from here on do not fit its 8 signed bytes


def pack_token(event: TokenRecorded, dies_at: int | None) -> bytes:
    """Return the value under one digest of a token, which dies then.

    Raises:
        struct.error: for a number that is none of ours.
    """
    many = len(event.grants) != 1
    grant = _SPREAD if many else event.grants[0]
    flags, extras = MANY if many else 0, b""
    if event.parent is not None:
        flags, extras = flags | PARENT, ID.pack(max(event.parent, 1))
    if event.authenticated_at is not None:
        flags, extras = flags | PROVED, extras + ID.pack(max(event.authenticated_at, 1))
    if dies_at is not None:
        flags, extras = flags | DIES, extras + ID.pack(max(dies_at, 1))
    head = HEAD.pack(
        0 if event.expires_at is None else max(event.expires_at, 1),
        event.position,
        ord(event.letter),
        _AUTHORITIES[event.authority],
        _STATES[grant.state],
        flags,
        event.token,
        event.subject or 0,
    )
    return head + pack_bounds(grant) + extras


_SPREAD: Final = GrantRecord(organization=0, state="active", scopes=0, surfaces=0)


def read_extras(value: bytes, flags: int) -> tuple[bytes, int, int, int]:
    """Return a token's bounds, its parent, the last proof and the death of its secret."""
    end = len(value)
    found = [0, 0, 0]
    for place, flag in ((2, DIES), (1, PROVED), (0, PARENT)):
        if flags & flag:
            end -= ID.size
            (found[place],) = ID.unpack_from(value, end)
    return value[BOUNDS_AT:end], found[0], found[1], found[2]


@lru_cache(maxsize=4096)
def pack_bounds(grant: GrantRecord) -> bytes:
    """Return what a token may do in one organization; remembered, for most say the same."""
    scopes, custom = split_mask(grant.scopes, grant.custom)
    flags, tail = _pack_tail(custom, grant.roots)
    return BOUNDS.pack(grant.organization, scopes, grant.surfaces, flags) + tail


def unbounded(organization: int) -> bytes:
    """Return the bounds of somebody who signed in: none of their own."""
    return BOUNDS.pack(organization, EVERY_SCOPE, ALL_SURFACES, 0)


def read_bounds(bounds: bytes) -> tuple[int, Term, int]:
    """Return organization, scopes with roots, and surfaces."""
    organization, scopes, surfaces, flags = BOUNDS.unpack_from(bounds)
    return organization, _read_tail(scopes, flags, bounds, BOUNDS.size), surfaces


def pack_grant(grant: GrantRecord) -> bytes:
    """Return one organization's bounds on a token that has several, with its state there."""
    return bytes([_STATES[grant.state]]) + pack_bounds(grant)


def pack_member(event: MemberRecorded) -> bytes:
    """Return the value of a membership."""
    return ID.pack(event.cut_off) + bytes([event.active]) + pack_ids(event.roles)


def pack_role(event: RoleRecorded) -> bytes:
    """Return the value of a role."""
    scopes, custom = split_mask(event.scopes, event.custom)
    flags, tail = _pack_tail(custom, event.roots)
    return ROLE.pack(event.organization or 0, scopes, flags) + tail


def read_role(role: bytes) -> tuple[int, Term]:
    """Return a role's organization, and what it allows there."""
    organization, scopes, flags = ROLE.unpack_from(role)
    return organization, _read_tail(scopes, flags, role, ROLE.size)


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


def _pack_tail(custom: tuple[int, ...], roots: tuple[int, ...] | None) -> tuple[int, bytes]:
    flags, tail = 0, b""
    if custom:
        flags |= CUSTOM
        tail += _COUNT16.pack(len(custom)) + b"".join(_COUNT32.pack(bit) for bit in custom)
    if roots is not None:
        flags |= ROOTS
        row = pack_ids(roots)
        tail += _COUNT32.pack(len(row) // ID.size) + row
    return flags, tail


def _read_tail(scopes: Scopes, flags: int, value: bytes, at: int) -> Term:
    roots = None
    if flags & CUSTOM:
        (count,) = _COUNT16.unpack_from(value, at)
        at += _COUNT16.size
        for (bit,) in _COUNT32.iter_unpack(value[at : at + count * _COUNT32.size]):
            scopes |= 1 << bit
        at += count * _COUNT32.size
    if flags & ROOTS:
        (count,) = _COUNT32.unpack_from(value, at)
        roots = frozenset(read_ids(value[at + _COUNT32.size :]))
    return Term(scopes, roots)


def pack_ids(ids: Iterable[int]) -> bytes:
    """Return ids in order, each once."""
    ordered = sorted(set(ids))
    return _row(len(ordered)).pack(*ordered)


def read_ids(row: bytes) -> tuple[Any, ...]:
    """Read a row of ids."""
    return _row(len(row) // ID.size).unpack(row)


def _row(count: int) -> Struct:
    return IDS[count] if count < len(IDS) else Struct(f">{count}Q")


def pack_name(name: str, digests: Iterable[bytes]) -> bytes:
    """Return what a token is called, and by which heads its digests are found again."""
    heads = {digest[:HEAD_BYTES] for digest in digests}
    return b"%c%b%b" % (len(heads), b"".join(sorted(heads)), name.encode())


def read_name(value: bytes) -> str:
    """Read what a token is called."""
    return value[1 + value[0] * HEAD_BYTES :].decode()


def read_heads(value: bytes) -> list[bytes]:
    """Read by which heads a token's digests are found."""
    end = 1 + value[0] * HEAD_BYTES
    return [value[at : at + HEAD_BYTES] for at in range(1, end, HEAD_BYTES)]
