"""What a role may become, for the verb that changes it and for what shows a change before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Final

from counterfoil.access.grant import Term
from counterfoil.access.role import Role
from counterfoil.access.roots import Roots
from counterfoil.access.scope import EVERY_SCOPE, Scopes
from counterfoil.directory.rules import proper_name, require_own_power
from counterfoil.directory.steps.standing import lineage, lineages
from counterfoil.kernel.errors import Code, Conflict, Invalid
from counterfoil.kernel.sentence import sentence
from counterfoil.operation import Work

MOST_ROOTS: Final = 100


def changed_role(work: Work, before: Role, change: Callable[[Role], Role]) -> Role:
    """Return what a role becomes by a change, if the caller may make it; nothing is written.

    Raises:
        Denied: INSUFFICIENT_ROLE if it reaches further than the caller, before or after.
        Invalid: for a name, scope or root that is none.
    """
    then = change(before)
    then = replace(before, name=proper_name(then.name), scopes=then.scopes, roots=then.roots)
    if then == before:
        return before
    at_most_own(work, before.term, then.term)
    require_supported(work, then.scopes)
    if then.roots != before.roots:
        require_standing(work, then.roots, before.roots)
    return then


def require_custom(role: Role) -> None:
    """Return if a role may change at all.

    Raises:
        Conflict: for a built-in one.
    """
    if role.built_in:
        raise Conflict(Code.CONFLICT, "A built-in role stays as it is.")


def at_most_own(work: Work, *terms: Term) -> None:
    """Return if the caller may hand out, take away or change these terms.

    Raises:
        Denied: INSUFFICIENT_ROLE, if they reach beyond its own, or beyond its token's roots.
    """
    grant, at = work.caller.grant, partial(lineage, work.tx, work.caller.organization)
    require_own_power(grant.terms, terms, at, work.vocabulary())
    some = [term for term in terms if term.scopes]
    for limit in grant.limits:
        require_own_power([Term(EVERY_SCOPE, limit)], some, at, work.vocabulary())


def require_supported(work: Work, scopes: Scopes) -> None:
    """Raise Invalid for a scope that was retired since it was read from its name (X5)."""
    words = work.vocabulary()
    if scopes != EVERY_SCOPE and (gone := scopes & ~words.supported):
        raise Invalid(
            Code.INVALID_FIELD,
            sentence(
                "These scopes are supported no longer: %(scopes)s.",
                scopes=", ".join(words.name(gone)),
            ),
            field="/data/attributes/scopes",
        )


def require_standing(work: Work, roots: Roots, before: Roots = None) -> None:
    """Raise Invalid unless each new root is a node of this organization that stands in its tree."""
    if len(roots or ()) > MOST_ROOTS:
        wrong = sentence("A role has at most %(most)s roots.", most=MOST_ROOTS)
        raise Invalid(Code.INVALID_FIELD, wrong, field="/data/attributes/roots")
    new = (roots or frozenset()) - (before or frozenset())
    if not all(lineages(work.tx, work.caller.organization, new).values()):
        raise Invalid(Code.INVALID_FIELD, "There is no such node.", field="/data/attributes/roots")
