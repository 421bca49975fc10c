"""Grants: the laws that hold for all terms, bounds and nodes."""

from __future__ import annotations

from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.access.grant import Grant, Term, lie_inside
from counterfoil.access.roots import NOWHERE, Lineage, Roots, covers
from counterfoil.access.scope import EVERY_SCOPE, Scope, Scopes, scopes
from counterfoil.access.surface import ALL_SURFACES, Surface, Surfaces
from counterfoil.kernel.errors import Code, CounterfoilError, Denied, NotFound
from counterfoil.kernel.ids import NodeId

# A little tree: 1 is the root node, its children are 2 and 3, and so on.
PARENT = {1: None, 2: 1, 3: 1, 4: 2, 5: 2, 6: 3, 7: 6}


def lineage(node: int) -> Lineage:
    found: set[NodeId] = set()
    at: int | None = node
    while at is not None:
        found.add(NodeId(at))
        at = PARENT[at]
    return frozenset(found)


node_ids = st.sampled_from(sorted(PARENT)).map(NodeId)
lineages = node_ids.map(lineage)
all_roots: st.SearchStrategy[Roots] = st.none() | st.frozensets(node_ids, max_size=3)
scope_sets: st.SearchStrategy[Scopes] = st.frozensets(st.sampled_from(Scope)).map(
    lambda chosen: scopes(*chosen)
)
terms = st.builds(Term, scope_sets, all_roots)
surface_sets: st.SearchStrategy[Surfaces] = st.integers(0, ALL_SURFACES)
grants = st.builds(
    Grant,
    st.lists(terms, max_size=3).map(tuple),
    st.lists(st.frozensets(node_ids, max_size=3), max_size=2).map(tuple),
    surface_sets,
)


def permits(grant: Grant, scope: Scope, on: Lineage) -> bool:
    try:
        grant.permit(scope, on)
    except CounterfoilError:
        return False
    return True


def admits(grant: Grant, surface: Surface) -> bool:
    try:
        grant.admit(surface)
    except Denied:
        return False
    return True


@given(
    grants,
    st.tuples(scope_sets, all_roots, surface_sets),
    st.sampled_from(Scope),
    lineages,
)
def test_narrowing_never_permits_more(
    grant: Grant, bounds: tuple[Scopes, Roots, Surfaces], scope: Scope, on: Lineage
) -> None:
    """The one law of grants: narrowed permits only what the grant and the bounds do (I2)."""
    kept, roots, faces = bounds
    narrow = grant.narrowed(scopes=kept, roots=roots, surfaces=faces)
    expected = permits(grant, scope, on) and bool(kept & scope.bit) and covers(roots, on)
    assert permits(narrow, scope, on) is expected
    for surface in Surface:
        assert admits(narrow, surface) is (admits(grant, surface) and bool(faces & surface.bit))


@given(grants, st.sampled_from(Scope), lineages)
def test_a_term_gives_what_it_gives_alone(grant: Grant, scope: Scope, on: Lineage) -> None:
    """Terms are never merged: a grant permits exactly what one of its terms permits alone."""
    alone = [Grant((term,), grant.limits, grant.surfaces) for term in grant.terms]
    assert permits(grant, scope, on) is any(permits(one, scope, on) for one in alone)


def test_reading_here_and_publishing_there_is_not_publishing_here() -> None:
    """Read on /a and publish on /b do not add up to publish on /a."""
    grant = Grant(
        (
            Term(scopes(Scope.CONTENT_READ), frozenset({NodeId(2)})),
            Term(scopes(Scope.CONTENT_PUBLISH), frozenset({NodeId(3)})),
        )
    )
    assert permits(grant, Scope.CONTENT_PUBLISH, lineage(6))
    assert not permits(grant, Scope.CONTENT_PUBLISH, lineage(4))


@given(grants, st.sampled_from(Scope), node_ids)
def test_reach_says_what_permit_says(grant: Grant, scope: Scope, node: NodeId) -> None:
    """The alternatives that become SQL cover exactly the nodes that `permit` lets pass (S30)."""
    on = lineage(node)
    reached = any(
        all(covers(roots, on) for roots in alternative) for alternative in grant.reach(scope)
    )
    assert reached is permits(grant, scope, on)


@given(grants, st.sampled_from(Scope), st.sampled_from(Scope), st.sampled_from(Scope), lineages)
def test_a_lent_scope_holds_where_the_other_one_does(
    grant: Grant, held: Scope, to: Scope, other: Scope, on: Lineage
) -> None:
    """Reading by another scope's name reaches as far as that scope, and nothing else (I2)."""
    lent = grant.lending(held, to)
    assert permits(lent, to, on) is permits(grant, held, on)
    assert other is to or not permits(lent, other, on)


@given(st.lists(terms, max_size=3), st.lists(terms, max_size=3), st.sampled_from(Scope), lineages)
def test_authority_that_lies_inside_permits_no_more(
    asked: list[Term], held: list[Term], scope: Scope, on: Lineage
) -> None:
    """Handing out terms that lie inside one's own never gives what one lacks (D11, S17)."""
    if lie_inside(asked, held, lineage):
        given_out = Grant(tuple(asked))
        assert not permits(given_out, scope, on) or permits(Grant(tuple(held)), scope, on)


@given(terms, terms)
def test_a_term_lies_inside_itself(term: Term, other: Term) -> None:
    """Every term lies inside itself, and inside the term of all power."""
    assert term.lies_inside(term, lineage)
    assert other.lies_inside(Term(EVERY_SCOPE), lineage)


@given(grants, st.sampled_from(Scope), lineages)
def test_outside_and_unknown_are_one_answer(grant: Grant, scope: Scope, on: Lineage) -> None:
    """Under a restriction nothing tells a node outside from one that is not (Q12, S31)."""
    if not grant.limits or not grant.scopes & scope.bit:
        return
    if all(covers(limit, on) for limit in grant.limits):
        return
    answers = []
    for place in (on, NOWHERE):
        with pytest.raises(Denied) as caught:
            grant.permit(scope, place)
        answers.append((caught.value.code, caught.value.detail, dict(caught.value.meta)))
    assert answers[0] == answers[1]
    assert answers[0][0] is Code.OUTSIDE_ROOT_NODES


def test_no_roots_and_an_empty_list_of_roots_are_opposites() -> None:
    """`None` restricts nothing, `[]` covers nothing (S27)."""
    grant = Grant((Term(EVERY_SCOPE),))
    assert permits(grant.narrowed(roots=None), Scope.CONTENT_READ, lineage(4))
    assert not permits(grant.narrowed(roots=frozenset()), Scope.CONTENT_READ, lineage(4))


def test_an_unrestricted_caller_learns_nothing_of_what_it_cannot_see() -> None:
    """Without a restriction, unreadable and unknown are both not found; readable is forbidden."""
    reader = Grant((Term(scopes(Scope.CONTENT_READ, Scope.CONTENT_WRITE), frozenset({NodeId(2)})),))
    for unseen in (lineage(6), NOWHERE):
        with pytest.raises(NotFound):
            reader.permit(Scope.CONTENT_READ, unseen)
    two = Grant(
        (
            Term(scopes(Scope.CONTENT_READ)),
            Term(scopes(Scope.CONTENT_WRITE), frozenset({NodeId(2)})),
        )
    )
    with pytest.raises(Denied) as caught:
        two.permit(Scope.CONTENT_WRITE, lineage(6))
    assert caught.value.code is Code.INSUFFICIENT_ROLE


@given(st.lists(scope_sets, min_size=1))
def test_narrowing_in_any_order_is_the_same(masks: list[Scopes]) -> None:
    """Bounds commute: no order of restrictions gives more than another."""
    grant = Grant((Term(EVERY_SCOPE),))
    forth = reduce(lambda held, mask: held.narrowed(scopes=mask), masks, grant)
    back = reduce(lambda held, mask: held.narrowed(scopes=mask), reversed(masks), grant)
    assert forth == back
