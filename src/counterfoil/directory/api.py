"""Registered APIs: what the tokens of an organization open beside its content.

An API brings scopes along. Each has a number, which is its bit in a set of scopes: given once in
an organization and never to another scope, so that nothing which was granted can turn into a grant
of something else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from msgspec import UNSET, UnsetType

from counterfoil.kernel.ids import ApiId, OrganizationId


@dataclass(frozen=True, slots=True)
class ApiScope:
    """One scope of a registered API: its spelling, what it allows in words, and its number."""

    name: str
    description: str
    number: int


@dataclass(frozen=True, slots=True)
class Api:
    """An API that an organization registered.

    Attributes:
        name: how people call it.
        audience: how programs name it; often its address.
        scopes: in the order of their numbers.
        version: counts its changes.
    """

    organization: OrganizationId
    id: ApiId
    name: str
    audience: str
    scopes: tuple[ApiScope, ...] = ()
    version: int = 1

    @property
    def numbers(self) -> frozenset[int]:
        """The numbers of its scopes."""
        return frozenset(scope.number for scope in self.scopes)

    def worded(self, wanted: Mapping[str, str], first: int) -> Api:
        """Return it with these scopes and their descriptions.

        Those that it has keep their numbers; new ones take the numbers from `first` on.
        """
        kept = {scope.name: scope.number for scope in self.scopes if scope.name in wanted}
        new = (name for name in wanted if name not in kept)
        numbers = kept | {name: number for number, name in enumerate(new, first)}
        scopes = (ApiScope(name, wanted[name], number) for name, number in numbers.items())
        return replace(self, scopes=tuple(sorted(scopes, key=lambda scope: scope.number)))


@dataclass(frozen=True, slots=True)
class ApiWish:
    """What somebody wants of a registered API; whatever is UNSET, they did not say.

    `scopes` are all that it shall have, each with its description.
    """

    name: str | UnsetType = UNSET
    audience: str | UnsetType = UNSET
    scopes: Iterable[tuple[str, str]] | UnsetType = UNSET
