"""Scopes: what may be done, named `<resource>:<action>`.

A set of scopes is an `int` with one bit for each scope, so that the gate intersects two sets with
one `&`. A scope's bit is its place in the table below and goes over the wire: append, never
reorder. Scopes that an organization registers itself take the bits from `FIRST_CUSTOM` on.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import Enum
from functools import lru_cache
from typing import Final, TypeAlias

from counterfoil.kernel.errors import Code, Invalid

Scopes: TypeAlias = int
"""A set of scopes, one bit each: `&` narrows."""

GRAMMAR: Final = re.compile(r"[A-Za-z][A-Za-z0-9-]*:[A-Za-z][A-Za-z0-9-]*")
FIRST_CUSTOM: Final = 64


class Scope(Enum):
    """The built-in scopes: the spelling, and whether roots say where it holds."""

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


def read_scopes(names: Iterable[str]) -> Scopes:
    """Return the set that these spellings name.

    Raises:
        Invalid: naming the first spelling that is no scope of ours.
    """
    mask = NO_SCOPES
    for name in names:
        try:
            mask |= Scope(name).bit
        except ValueError:
            raise Invalid(
                Code.INVALID_FIELD, f"There is no scope {name!r}.", field="/data/attributes/scopes"
            ) from None
    return mask


@lru_cache(maxsize=4096)
def spell_scopes(mask: Scopes) -> tuple[str, ...]:
    """Return the spellings of the built-in scopes in a set, in alphabetical order."""
    return tuple(sorted(str(scope) for scope in Scope if mask & scope.bit))


def split(mask: Scopes) -> tuple[Scopes, tuple[int, ...]]:
    """Return a set in two parts that fit into a column: the built-in bits, and custom bit numbers.

    `EVERY_SCOPE` stays whole, since it stands for custom scopes that nobody has registered yet.
    """
    if mask == EVERY_SCOPE:
        return mask, ()
    custom = mask >> FIRST_CUSTOM
    bits = tuple(FIRST_CUSTOM + at for at in range(custom.bit_length()) if custom >> at & 1)
    return mask & ALL_BUILT_IN, bits


def join(built_in: Scopes, custom: Iterable[int]) -> Scopes:
    """Return the set whose two parts these are."""
    mask = built_in
    for bit in custom:
        mask |= 1 << bit
    return mask
