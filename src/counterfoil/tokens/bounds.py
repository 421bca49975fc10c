"""What a token may do at most, and how two such bounds meet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeAlias

from counterfoil.access.conditions import NONE, Conditions
from counterfoil.access.grant import Grant, Term
from counterfoil.access.roots import Lineage, Roots, covers
from counterfoil.access.scope import EVERY_SCOPE, Scopes
from counterfoil.access.surface import ALL_SURFACES, Surfaces
from counterfoil.kernel.ids import NodeId

LineageOf: TypeAlias = Callable[[NodeId], Lineage]


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a token may do at most, whatever its authority has.

    Attributes:
        scopes: an explicit set, or None in scope mode `inherit`: all that the authority has (K2).
        roots: in and under these nodes; None for everywhere, empty for nowhere (S27).
        surfaces: where it is let in.
        ceiling: nodes in and under which it stays besides, wherever its roots move: those that were
            approved, if its roots were chosen below them since. None where they were not.
        conditions: from where, since when and how often it may be used.
    """

    scopes: Scopes | None = None
    roots: Roots = None
    surfaces: Surfaces = ALL_SURFACES
    ceiling: Roots = None
    conditions: Conditions = NONE

    def of(self, authority: tuple[Term, ...]) -> Grant:
        """Return what these bounds leave of an authority."""
        narrowed = Grant(authority).narrowed(
            scopes=EVERY_SCOPE if self.scopes is None else self.scopes,
            roots=self.roots,
            surfaces=self.surfaces,
            conditions=self.conditions,
        )
        return narrowed.narrowed(roots=self.ceiling)

    def under(self, present: Bounds) -> Bounds:
        """Return these bounds held to what is approved already, which no move of a node widens.

        A root that was chosen below an approved one may move away from it, or may have stood there
        for that choice alone.
        """
        if self.roots is None or present.roots is None:
            return self
        approved = present.roots if present.ceiling is None else present.ceiling
        return replace(self, ceiling=None if self.roots <= approved else approved)

    def within(self, other: Bounds, lineage: LineageOf) -> Bounds:
        """Return what both of these bounds let through."""
        return Bounds(
            scopes=_common(self.scopes, other.scopes),
            roots=_overlap(self.roots, other.roots, lineage),
            surfaces=self.surfaces & other.surfaces,
            conditions=self.conditions.meet(other.conditions),
        )

    def exceeds(self, other: Bounds, lineage: LineageOf) -> bool:
        """Say whether these bounds let through what the others do not, as their roots stand now.

        What `under` is for is left out: whether a move could change that.
        """
        if other.scopes is not None and (self.scopes is None or self.scopes & ~other.scopes):
            return True
        if self.surfaces & ~other.surfaces or not self.conditions.lies_inside(other.conditions):
            return True
        if other.roots is None or self.roots == other.roots:
            return False
        if self.roots is None:
            return True
        # A root that is nowhere may come back one day: only the same root is surely inside.
        areas = [other.roots] if other.ceiling is None else [other.roots, other.ceiling]
        return not all(
            root in area or covers(area, lineage(root)) for area in areas for root in self.roots
        )


def _common(one: Scopes | None, other: Scopes | None) -> Scopes | None:
    if one is None or other is None:
        return other if one is None else one
    return one & other


def _overlap(one: Roots, other: Roots, lineage: LineageOf) -> Roots:
    """Return the roots of either that stand in or under those of the other."""
    if one is None or other is None:
        return other if one is None else one
    inner = {root for root in one - other if covers(other, lineage(root))}
    return one & other | inner | {root for root in other - one if covers(one, lineage(root))}
