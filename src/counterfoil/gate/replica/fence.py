"""The fence of an organization: from where, and for whom, it is open (decisions 89 and 138).

    flags                                  1 byte
    count of roles, roles                  2 bytes, 8 bytes each
    networks                               as conditions.py has them

Each is there if its flag is set. It is asked at each request, as conditions are, and narrows only:
what a token says itself holds besides. Who is signed in is asked by whom they came, and no more.
"""

from __future__ import annotations

from struct import Struct
from typing import ClassVar, Final, NoReturn, Protocol

import msgspec

from counterfoil.access.caller import Caller, Method
from counterfoil.access.conditions import NONE, Conditions
from counterfoil.access.networks import Networks
from counterfoil.feed.event import OrganizationRecorded
from counterfoil.gate.replica.conditions import pack_networks, read_networks
from counterfoil.kernel.errors import Code, Denied

_HEAD: Final = Struct(">BH")
_NETWORKS: Final = 1
_ROLES: Final = 2
_PROVIDER: Final = 4
_ID_BYTES: Final = 8


class Met(Protocol):
    """What each request of a caller must meet."""

    def require(self, now: float, address: str | None) -> None:
        """Return if it may come now and from there, or raise."""
        ...


class Fence(msgspec.Struct, frozen=True):
    """What an organization asks of its tokens, and of who is signed in.

    Attributes:
        conditions: from where tokens may be used.
        roles: who may have personal ones, by the roles as the members' records hold them; None for
            everybody.
        provider_only: whether a session opens it only if a provider that counts there vouched for
            its person.
    """

    conditions: Conditions
    roles: frozenset[bytes] | None
    provider_only: bool = False

    def around(self, caller: Caller, roles: bytes) -> Met | None:
        """Return what each request of a caller must meet who holds these roles."""
        own = caller.grant.conditions
        if caller.method is Method.SESSION:
            barred = self.provider_only and not caller.is_vouched_in(caller.organization)
            return Unvouched(own) if barred else own or None
        both = own.meet(self.conditions)
        if caller.method is Method.PERSONAL and self._bars(roles):
            return Barred(both)
        return both or None

    def _bars(self, held: bytes) -> bool:
        if self.roles is None:
            return False
        return not any(
            held[at : at + _ID_BYTES] in self.roles for at in range(0, len(held), _ID_BYTES)
        )


class Shut(msgspec.Struct, frozen=True):
    """Whoever comes is let in nowhere here, whatever else they meet; each kind says why."""

    code: ClassVar[Code]
    detail: ClassVar[str] = ""

    conditions: Conditions = NONE

    def require(self, now: float, address: str | None) -> None:
        """Raise, but where it is only asked whose credential it is, from wherever it came.

        Raises:
            Refused, Denied: as the conditions say; else the kind's own code.
        """
        self.conditions.require(now, address)
        if address is not None:
            self.deny()

    def deny(self) -> NoReturn:
        """Say what is against it.

        Raises:
            Denied: the kind's own code.
        """
        raise Denied(self.code, self.detail)


class Barred(Shut, frozen=True):
    """A personal token rests: its owner holds no role whose holders may have one."""

    code: ClassVar = Code.POLICY_BLOCKED
    detail: ClassVar = (
        "The policy of the organization allows no personal token to the roles of its owner."
    )


class Unvouched(Shut, frozen=True):
    """A session rests here: no provider that counts here vouched for whoever is signed in."""

    code: ClassVar = Code.PROVIDER_REQUIRED


def pack_fence(event: OrganizationRecorded) -> bytes:
    """Return what an organization asks of whoever acts in it.

    Raises:
        struct.error, ValueError: for what is no network or no role.
    """
    roles = sorted(set(event.token_roles or ()))
    flags = 0 if event.token_roles is None else _ROLES
    flags |= _PROVIDER if event.provider_only else 0
    told = _HEAD.pack(flags | (0 if event.ip_ranges is None else _NETWORKS), len(roles))
    told += b"".join(role.to_bytes(_ID_BYTES, "big") for role in roles)
    return told + pack_networks(event.ip_ranges or ())


def read_fence(value: bytes | None) -> Fence | None:
    """Read the fence of an organization; None where it asks nothing of anybody."""
    if value is None:
        return None
    flags, count = _HEAD.unpack_from(value)
    if not flags:
        return None
    end = _HEAD.size + count * _ID_BYTES
    roles = frozenset(value[at : at + _ID_BYTES] for at in range(_HEAD.size, end, _ID_BYTES))
    where: Networks | None = read_networks(value[end:]) if flags & _NETWORKS else None
    return Fence(
        Conditions(networks=where), roles if flags & _ROLES else None, bool(flags & _PROVIDER)
    )
