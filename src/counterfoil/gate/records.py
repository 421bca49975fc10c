"""How the replica writes things down: fixed structs of 8-byte ids, then whatever varies.

    token   TOKEN (53 bytes), then the tail that its flags announce
    grant   BOUNDS, then a tail               one for each organization of a token that has several
    member  MEMBER, then 8 bytes for each role
    role    ROLE, then a tail
    node    organization, parent              0 as the parent of a node at the top

A tail holds, each only if its flag is set: custom scopes (u16 count, u32 each), roots (u32 count,
u64 each), the parent credential, the person's last proof, the death of the secret (u64 each).
Instants are Unix microseconds; 0 says never. Lists are sorted: equal states are equal bytes.
"""

from __future__ import annotations

from collections.abc import Iterable
from struct import Struct
from typing import Any, Final, NamedTuple

from counterfoil.access.roots import Roots
from counterfoil.access.scope import EVERY_SCOPE, Scopes
from counterfoil.feed.event import GrantRecord, MemberRecorded, RoleRecorded, TokenRecorded

ID: Final = Struct(">Q")
PAIR: Final = Struct(">QQ")
TOKEN: Final = Struct(">QQQqQQ5B")
SUBJECT: Final = 2
EXPIRES: Final = 4
POSITION: Final = 5
LETTER: Final = 6
AUTHORITY: Final = 7
STATE: Final = 8
FLAGS: Final = 10
"""Places in it: token, organization, subject, scopes, expires, position; letter, authority, state,
surfaces, flags."""
BOUNDS: Final = Struct(">q3B")
"""scopes | state, surfaces, flags"""
MEMBER: Final = Struct(">QB")
"""cut_off | active"""
ROLE: Final = Struct(">QqB")
"""organization, scopes | flags"""
LIMITS: Final = Struct(">QQd")
"""management_limit, management_window_ms, delivery_rate (below 0: none)"""
IDS: Final = tuple(Struct(f">{n}Q") for n in range(129))
"""So many ids in a row, for the usual lengths."""

CUSTOM: Final = 1
ROOTS: Final = 2
PARENT: Final = 4
PROVED: Final = 8
DIES: Final = 16
MANY: Final = 32
"""The token's bounds stand in the grants, one for each organization."""

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


class Tail(NamedTuple):
    """What varies about a record."""

    custom: Scopes = 0
    roots: Roots = None
    parent: int = 0
    proved: int = 0
    dies: int = 0


def pack_token(event: TokenRecorded, digest_dies_at: int | None) -> bytes:
    """Return the value under one digest of a token.

    Raises:
        struct.error: for a number that is none of ours.
    """
    grant = event.grants[0] if len(event.grants) == 1 else _SPREAD
    scopes, custom = narrow_mask(grant.scopes, grant.custom)
    flags, tail = pack_tail(
        custom, grant.roots, event.parent, event.authenticated_at, digest_dies_at
    )
    if grant is _SPREAD:
        flags |= MANY
    fixed = TOKEN.pack(
        event.token,
        grant.organization,
        event.subject or 0,
        scopes,
        _instant(event.expires_at),
        event.position,
        ord(event.letter),
        _AUTHORITIES[event.authority],
        _STATES[grant.state],
        grant.surfaces,
        flags,
    )
    return fixed + tail


_SPREAD: Final = GrantRecord(organization=0, state="active", scopes=None, surfaces=0)


def pack_grant(grant: GrantRecord) -> bytes:
    """Return the value of one organization's bounds on a token that has several."""
    scopes, custom = narrow_mask(grant.scopes, grant.custom)
    flags, tail = pack_tail(custom, grant.roots)
    return BOUNDS.pack(scopes, _STATES[grant.state], grant.surfaces, flags) + tail


def pack_member(event: MemberRecorded) -> bytes:
    """Return the value of a membership."""
    return MEMBER.pack(event.cut_off, event.active) + pack_ids(event.roles)


def pack_role(event: RoleRecorded) -> bytes:
    """Return the value of a role."""
    scopes, custom = narrow_mask(event.scopes, event.custom)
    flags, tail = pack_tail(custom, event.roots)
    return ROLE.pack(event.organization or 0, scopes, flags) + tail


def narrow_mask(scopes: Scopes | None, custom: Iterable[int]) -> tuple[int, tuple[int, ...]]:
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


def pack_tail(
    custom: tuple[int, ...] = (),
    roots: tuple[int, ...] | None = None,
    parent: int | None = None,
    proved: int | None = None,
    dies: int | None = None,
) -> tuple[int, bytes]:
    """Return the flags of a tail, and the tail."""
    flags, parts = 0, []
    if custom:
        flags |= CUSTOM
        parts += [_COUNT16.pack(len(custom)), *(_COUNT32.pack(bit) for bit in custom)]
    if roots is not None:
        flags |= ROOTS
        row = pack_ids(roots)
        parts += [_COUNT32.pack(len(row) // ID.size), row]
    for flag, number in ((PARENT, parent), (PROVED, proved), (DIES, dies)):
        if number is not None:
            flags |= flag
            parts.append(ID.pack(max(number, 1)))
    return flags, b"".join(parts)


def read_tail(value: bytes, at: int, flags: int) -> Tail:
    """Read the tail that begins at a byte."""
    custom, parent, proved, dies = 0, 0, 0, 0
    roots: Roots = None
    if flags & CUSTOM:
        (count,) = _COUNT16.unpack_from(value, at)
        at += _COUNT16.size
        for (bit,) in _COUNT32.iter_unpack(value[at : at + count * _COUNT32.size]):
            custom |= 1 << bit
        at += count * _COUNT32.size
    if flags & ROOTS:
        (count,) = _COUNT32.unpack_from(value, at)
        at += _COUNT32.size
        roots = frozenset(read_ids(value, at, count))
        at += count * ID.size
    if flags & PARENT:
        (parent,) = ID.unpack_from(value, at)
        at += ID.size
    if flags & PROVED:
        (proved,) = ID.unpack_from(value, at)
        at += ID.size
    if flags & DIES:
        (dies,) = ID.unpack_from(value, at)
    return Tail(custom, roots, parent, proved, dies)


def pack_ids(ids: Iterable[int]) -> bytes:
    """Return ids in order, each once."""
    ordered = sorted(set(ids))
    return _row(len(ordered)).pack(*ordered)


def read_ids(value: bytes, at: int, count: int) -> tuple[Any, ...]:
    """Read so many ids."""
    return _row(count).unpack_from(value, at)


def _row(count: int) -> Struct:
    return IDS[count] if count < len(IDS) else Struct(f">{count}Q")


def pack_name(name: str, digests: Iterable[bytes]) -> bytes:
    """Return what a token is called, and by which heads its digests are found again."""
    heads = sorted({digest[:HEAD_BYTES] for digest in digests})
    return bytes([len(heads)]) + b"".join(heads) + name.encode()


def read_name(value: bytes) -> str:
    """Read what a token is called."""
    return value[1 + value[0] * HEAD_BYTES :].decode()


def read_heads(value: bytes) -> list[bytes]:
    """Read by which heads a token's digests are found."""
    end = 1 + value[0] * HEAD_BYTES
    return [value[at : at + HEAD_BYTES] for at in range(1, end, HEAD_BYTES)]


def _instant(micros: int | None) -> int:
    return 0 if micros is None else max(micros, 1)  # what is due before 1970 is due all the same
