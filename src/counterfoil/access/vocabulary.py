"""Vocabularies: which scopes an organization supports, and how they are spelled.

Sets of scopes are numbers inside and names outside. Which names there are depends on the
organization, since each registers APIs of its own. What a vocabulary does not hold is offered to
nobody: a name that is unknown or retired cannot be read, and a bit that is retired is not spelled.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from counterfoil.access.scope import (
    ALL_BUILT_IN,
    NO_SCOPES,
    AnyScope,
    CustomScope,
    Scope,
    Scopes,
    join,
)
from counterfoil.kernel.errors import Code, Invalid
from counterfoil.kernel.sentence import sentence

_FIELD: Final = "/data/attributes/scopes"
_NONE: Final[Mapping[int, str]] = MappingProxyType({})


class Vocabulary:
    """The scopes of one organization: the built-in ones, and those of its registered APIs.

    Args:
        custom: the spelling of each custom scope by the number of its bit.
        retired: the same of those that are supported no more.
    """

    __slots__ = ("_custom", "_retired", "_scopes", "supported")

    def __init__(
        self, custom: Mapping[int, str] = _NONE, retired: Mapping[int, str] = _NONE
    ) -> None:
        self._custom = custom
        self._retired = retired
        self._scopes = {name: CustomScope(name, 1 << number) for number, name in custom.items()}
        self.supported: Scopes = join(ALL_BUILT_IN, custom)
        """All that there is to ask for here."""

    def scope(self, name: str) -> AnyScope:
        """Return the scope of this name; one that nobody holds if there is none."""
        try:
            return Scope(name)
        except ValueError:
            return self._scopes.get(name) or CustomScope(name, NO_SCOPES)

    def read(self, names: Iterable[str]) -> Scopes:
        """Return the set that these spellings name.

        Raises:
            Invalid: naming the first spelling that is supported here by no API.
        """
        mask = NO_SCOPES
        for name in names:
            bit = self.scope(name).bit
            if not bit:
                raise Invalid(
                    Code.INVALID_FIELD,
                    sentence("There is no scope %(name)r.", name=name[:100]),
                    field=_FIELD,
                )
            mask |= bit
        return mask

    def spell(self, mask: Scopes) -> tuple[str, ...]:
        """Return the spellings of the supported scopes in a set, in alphabetical order."""
        built_in = _spell_built_in(mask & ALL_BUILT_IN)
        custom = _named(self._custom, mask)
        return tuple(sorted((*built_in, *custom))) if custom else built_in

    def name(self, mask: Scopes) -> tuple[str, ...]:
        """Return the spellings of the scopes in a set, of those too that are retired."""
        return (*self.spell(mask), *sorted(_named(self._retired, mask)))


BUILT_IN_ONLY: Final = Vocabulary()
"""Of an organization without an API of its own."""


@lru_cache(maxsize=4096)
def _spell_built_in(mask: Scopes) -> tuple[str, ...]:
    return tuple(sorted(str(scope) for scope in Scope if mask & scope.bit))


def _named(names: Mapping[int, str], mask: Scopes) -> list[str]:
    return [name for number, name in names.items() if mask >> number & 1]
