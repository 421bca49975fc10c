"""Grants: what one credential may do, and where. A grant only ever narrows (I2).

The authority behind a credential is a list of *terms*, one for each role, and the terms are never
merged field by field: to read on /a and to publish on /b is not to publish on /a.

Roots say where in the content tree a scope holds. Scopes over things that stand in no tree (tokens,
users, roles, policy, audit) hold in the organization as a whole; what such things tell of nodes
does not (`directory/steps/bounded.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec

from counterfoil.access.conditions import NONE, Conditions
from counterfoil.access.roots import Ancestry, Lineage, Roots, covers
from counterfoil.access.scope import EVERY_SCOPE, NO_SCOPES, AnyScope, Scope, Scopes
from counterfoil.access.surface import ALL_SURFACES, Surface, Surfaces
from counterfoil.kernel.errors import Code, Denied, NotFound
from counterfoil.kernel.ids import NodeId
from counterfoil.kernel.sentence import sentence


class Term(msgspec.Struct, frozen=True):
    """These scopes, in and under these roots."""

    scopes: Scopes
    roots: Roots = None

    def lies_inside(self, other: Term, lineage: Callable[[NodeId], Lineage]) -> bool:
        """Say whether all that this term allows is allowed by the other."""
        if self.scopes & ~other.scopes:
            return False
        if other.roots is None:
            return True
        if self.roots is None:
            return False
        return all(covers(other.roots, lineage(root)) for root in self.roots)


class Grant(msgspec.Struct, frozen=True):
    """The authority of one credential at one moment.

    Attributes:
        terms: what the authority behind it may do.
        limits: root restrictions, each of which must cover a node; none restricts nothing.
        surfaces: where it is let in.
        conditions: from where, since when and how often it may be used.
    """

    terms: tuple[Term, ...]
    limits: tuple[frozenset[NodeId], ...] = ()
    surfaces: Surfaces = ALL_SURFACES
    conditions: Conditions = NONE

    def narrowed(
        self,
        *,
        scopes: Scopes = EVERY_SCOPE,
        roots: Roots = None,
        surfaces: Surfaces = ALL_SURFACES,
        conditions: Conditions = NONE,
    ) -> Grant:
        """Return the grant that allows what this one does and these bounds do too."""
        terms = self.terms
        if scopes != EVERY_SCOPE:
            terms = tuple(Term(term.scopes & scopes, term.roots) for term in terms)
        limits = self.limits if roots is None else (*self.limits, roots)
        return Grant(terms, limits, self.surfaces & surfaces, self.conditions.meet(conditions))

    def lending(self, held: AnyScope, to: Scope) -> Grant:
        """Return the grant that holds one scope exactly where this one holds another, and no more.

        So what a registered API serves out of the tree is read by the tree's own rules.
        """
        terms = tuple(Term(to.bit, term.roots) for term in self.terms if term.scopes & held.bit)
        return Grant(terms, self.limits, self.surfaces, self.conditions)

    @property
    def scopes(self) -> Scopes:
        """Every scope that it holds somewhere."""
        held = NO_SCOPES
        for term in self.terms:
            held |= term.scopes
        return held

    @property
    def shows_drafts(self) -> bool:
        """Whether a door that shows drafts to writers shows them to this grant (Q7).

        It must write wherever it reads: one list cannot be half of drafts. And it must be let in at
        the preview surface besides.
        """
        read, write = Scope.CONTENT_READ.bit, Scope.CONTENT_WRITE.bit
        reading = [term.scopes for term in self.terms if term.scopes & read]
        writes = bool(reading) and all(scopes & write for scopes in reading)
        return writes and bool(self.surfaces & Surface.PREVIEW.bit)

    def admit(self, surface: Surface) -> None:
        """Return if the grant is let in at this surface.

        Raises:
            Denied: API_NOT_ENABLED_FOR_TOKEN.
        """
        if not self.surfaces & surface.bit:
            raise Denied(
                Code.API_NOT_ENABLED_FOR_TOKEN,
                sentence("This token is not enabled for the %(surface)s API.", surface=surface),
                meta={"surface": str(surface)},
            )

    def hold(self, scope: AnyScope) -> None:
        """Return if the grant holds this scope anywhere at all.

        Raises:
            Denied: INSUFFICIENT_SCOPE, naming the scope.
        """
        if not self.scopes & scope.bit:
            raise Denied(
                Code.INSUFFICIENT_SCOPE,
                sentence("This needs the scope %(scope)s.", scope=scope),
                meta={"scope": str(scope)},
            )

    def permit(self, scope: AnyScope, on: Ancestry) -> None:
        """Return if the grant holds this scope on a node with this lineage.

        Raises:
            Denied: INSUFFICIENT_SCOPE if it holds the scope on no node; OUTSIDE_ROOT_NODES if its
                own restriction does not cover the node, or there is no such node;
                INSUFFICIENT_ROLE if the authority behind it may see the node but not do this.
            NotFound: for an unrestricted caller that may not even see the node (S31).
        """
        if on:  # the good case first: the gate comes by here with every request
            for limit in self.limits:
                if limit.isdisjoint(on):
                    break
            else:
                bit = scope.bit
                for term in self.terms:
                    if term.scopes & bit and covers(term.roots, on):
                        return
        self.hold(scope)
        if self.limits and not (on and all(not limit.isdisjoint(on) for limit in self.limits)):
            raise self.outside()
        if on and (self.limits or self._reaches(Scope.CONTENT_READ, on)):
            raise Denied(
                Code.INSUFFICIENT_ROLE,
                sentence(
                    "The role behind this credential does not allow %(scope)s here.", scope=scope
                ),
                meta={"scope": str(scope)},
            )
        raise NotFound

    def spans(self, scope: AnyScope) -> bool:
        """Say whether the grant holds this scope with no root to bound it."""
        return () in self.reach(scope)

    def hold_everywhere(self, scope: AnyScope) -> None:
        """Return if no root bounds this scope: for what all of the tree depends on.

        Raises:
            Denied: INSUFFICIENT_SCOPE, OUTSIDE_ROOT_NODES or INSUFFICIENT_ROLE, as `permit` says.
        """
        if self.spans(scope):
            return
        self.hold(scope)
        if self.limits:
            raise self.outside()
        raise Denied(
            Code.INSUFFICIENT_ROLE,
            sentence(
                "The role behind this credential allows %(scope)s below its roots alone.",
                scope=scope,
            ),
            meta={"scope": str(scope)},
        )

    def _reaches(self, scope: Scope, on: Ancestry) -> bool:
        return any(term.scopes & scope.bit and covers(term.roots, on) for term in self.terms)

    def outside(self) -> Denied:
        """The one answer for every node that the restriction does not cover (S31, Q12)."""
        own = sorted(set[NodeId]().union(*self.limits))
        return Denied(
            Code.OUTSIDE_ROOT_NODES,
            "This is outside the root nodes of the token.",
            meta={"roots": [str(root) for root in own]},
        )

    def reach(self, scope: AnyScope) -> tuple[tuple[frozenset[NodeId], ...], ...]:
        """Return where the scope holds, as alternatives of conjunctions of root sets.

        A node is in reach if, for one alternative, every root set in it covers the node. The empty
        alternative covers everything; no alternative covers nothing. The query builder of the
        content slice turns this into one SQL condition (S30).
        """
        return tuple(
            self.limits if term.roots is None else (*self.limits, term.roots)
            for term in self.terms
            if term.scopes & scope.bit
        )


def lie_inside(
    asked: Iterable[Term], held: Iterable[Term], lineage: Callable[[NodeId], Lineage]
) -> bool:
    """Say whether every asked term lies inside one of the held ones (CONTRACT: authority)."""
    owned = tuple(held)
    return all(any(term.lies_inside(other, lineage) for other in owned) for term in asked)
