"""Scopes: what may be done, named `<resource>:<action>`.

A set of scopes is an `int` with one bit for each scope, so that the gate intersects two sets with
one `&`. A scope's bit is its place in the table below and goes over the wire: append, never
reorder. Scopes of the APIs that an organization registers take the bits from `FIRST_CUSTOM` on:
each organization counts its own, so that bit 64 of one is nothing to another.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final, TypeAlias

Scopes: TypeAlias = int
"""A set of scopes, one bit each: `&` narrows."""

GRAMMAR: Final = re.compile(r"[A-Za-z][A-Za-z0-9-]*:[A-Za-z][A-Za-z0-9-]*")
FIRST_CUSTOM: Final = 64


class Scope(Enum):
    """The built-in scopes, each by its spelling."""

    CONTENT_READ = "content:read"
    CONTENT_WRITE = "content:write"
    CONTENT_PUBLISH = "content:publish"
    CONTENT_DELETE = "content:delete"
    CONTENT_TYPES_READ = "content-types:read"
    CONTENT_TYPES_WRITE = "content-types:write"
    ASSETS_READ = "assets:read"
    ASSETS_WRITE = "assets:write"
    TOKENS_MANAGE = "tokens:manage"
    TOKENS_APPROVE = "tokens:approve"
    USERS_READ = "users:read"
    USERS_MANAGE = "users:manage"
    ROLES_READ = "roles:read"
    ROLES_MANAGE = "roles:manage"
    POLICY_MANAGE = "policy:manage"
    AUDIT_READ = "audit:read"
    APIS_MANAGE = "apis:manage"
    GATES_INTROSPECT = "gates:introspect"

    bit: Scopes

    def __init__(self, _spelling: str) -> None:
        self.bit = 1 << len(type(self).__members__)

    def __str__(self) -> str:
        return str(self.value)


MEANING: Final[Mapping[Scope, str]] = {
    Scope.CONTENT_READ: "Read entries and nodes",
    Scope.CONTENT_WRITE: "Create, change and move entries and nodes",
    Scope.CONTENT_PUBLISH: "Put entries on delivery and take them off it",
    Scope.CONTENT_DELETE: "Put entries and nodes into the trash and restore them",
    Scope.CONTENT_TYPES_READ: "Read content types",
    Scope.CONTENT_TYPES_WRITE: "Create, change and delete content types",
    Scope.ASSETS_READ: "Read assets",
    Scope.ASSETS_WRITE: "Create and change assets",
    Scope.TOKENS_MANAGE: "Manage the organization's API tokens and key-and-secret pairs",
    Scope.TOKENS_APPROVE: "Decide on requests, and list, disable and revoke people's tokens",
    Scope.USERS_READ: "Read the members of the organization",
    Scope.USERS_MANAGE: "Enrol members, change their roles and shut them out",
    Scope.ROLES_READ: "Read roles",
    Scope.ROLES_MANAGE: "Create, change and delete roles",
    Scope.POLICY_MANAGE: "Change the policy of the organization",
    Scope.AUDIT_READ: "Read the audit trail",
    Scope.APIS_MANAGE: "Register, change and retire APIs with scopes of their own",
    Scope.GATES_INTROSPECT: "Ask the office about tokens, as a gate",
}
"""What each built-in scope allows, for those who choose."""


@dataclass(frozen=True, slots=True)
class CustomScope:
    """A scope of a registered API, as one organization numbers it.

    `bit` is empty for a spelling that the organization does not support: nobody holds it.
    """

    spelling: str
    bit: Scopes

    def __str__(self) -> str:
        return self.spelling


AnyScope: TypeAlias = Scope | CustomScope

NO_SCOPES: Final[Scopes] = 0
ALL_BUILT_IN: Final[Scopes] = sum(scope.bit for scope in Scope)
EVERY_SCOPE: Final[Scopes] = -1
"""Narrows nothing: what a token in scope mode `inherit` asks for, custom scopes included."""


def scopes(*wanted: Scope) -> Scopes:
    """Return the set of these scopes."""
    mask = NO_SCOPES
    for scope in wanted:
        mask |= scope.bit
    return mask


def split(mask: Scopes) -> tuple[Scopes, tuple[int, ...]]:
    """Return a set in two parts that fit into a column: the built-in bits, and custom bit numbers.

    `EVERY_SCOPE` stays whole, since it stands for custom scopes that nobody has registered yet.
    There is no other set without an end.
    """
    if mask == EVERY_SCOPE:
        return mask, ()
    if mask < 0:
        message = "all but some is not a set that can be kept"
        raise ValueError(message)
    custom = mask >> FIRST_CUSTOM
    bits = tuple(FIRST_CUSTOM + at for at in range(custom.bit_length()) if custom >> at & 1)
    return mask & ALL_BUILT_IN, bits


def join(built_in: Scopes, custom: Iterable[int]) -> Scopes:
    """Return the set whose two parts these are."""
    mask = built_in
    for bit in custom:
        mask |= 1 << bit
    return mask
