"""What a token may do at most, as it goes out."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

from counterfoil.access.roots import Roots
from counterfoil.access.surface import spell_surfaces
from counterfoil.access.vocabulary import Vocabulary
from counterfoil.jsonapi.given import Id
from counterfoil.tokens.bounds import Bounds
from counterfoil.tokens.doors.wire_conditions import ConditionFacts, condition_facts

SurfaceName: TypeAlias = Literal["delivery", "preview", "management"]


class BoundFacts(ConditionFacts, frozen=True):
    """What a token may do at most.

    `scopes` is null in scope mode `inherit`; `roots` is null for everywhere and empty for nowhere.
    """

    scope_mode: Literal["inherit", "explicit"]
    scopes: tuple[str, ...] | None
    roots: list[Id] | None
    surfaces: list[SurfaceName]


def bound_facts(bounds: Bounds, words: Vocabulary) -> dict[str, Any]:
    """Return the members of `BoundFacts`."""
    return {
        "scope_mode": "inherit" if bounds.scopes is None else "explicit",
        "scopes": None if bounds.scopes is None else words.spell(bounds.scopes),
        "roots": spell_roots(bounds.roots),
        "surfaces": list(spell_surfaces(bounds.surfaces)),
        **condition_facts(bounds.conditions),
    }


def spell_roots(roots: Roots) -> list[str] | None:
    """Spell roots; None stays None."""
    return None if roots is None else [str(root) for root in sorted(roots)]
