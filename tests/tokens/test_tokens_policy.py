"""The pure rules: lifetimes, bounds, and what lies inside what."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from counterfoil.access.grant import Grant, Term
from counterfoil.access.roots import Lineage
from counterfoil.access.surface import ALL_SURFACES
from counterfoil.directory.presets import PRESETS
from counterfoil.kernel.errors import Invalid
from counterfoil.kernel.ids import NodeId
from counterfoil.tokens.bounds import Bounds, LineageOf
from counterfoil.tokens.policy import ends_at, ends_earlier, lies_inside
from support.office import START

NODES = [NodeId(number) for number in range(1, 6)]
TREE = {1: {1}, 2: {1, 2}, 3: {1, 3}, 4: {1, 2, 4}, 5: {1, 3, 5}}
AGILITY = PRESETS["agility"]


def at(node: NodeId) -> Lineage:
    return frozenset(NodeId(one) for one in TREE[node])


masks = st.integers(0, 15)
roots = st.none() | st.frozensets(st.sampled_from(NODES), max_size=3)
terms = st.lists(st.builds(Term, masks, roots), max_size=3).map(tuple)
grants = st.builds(
    Grant,
    terms,
    st.lists(st.frozensets(st.sampled_from(NODES), max_size=3), max_size=2).map(tuple),
    st.integers(0, ALL_SURFACES),
)
bounds = st.builds(Bounds, st.none() | masks, roots, st.integers(0, ALL_SURFACES))


def reaches(grant: Grant, at: LineageOf = at) -> set[tuple[int, NodeId]]:
    """Return every (scope bit, node) that a grant allows, tried one by one."""
    return {
        (bit, node)
        for bit in (1, 2, 4, 8)
        for node in NODES
        if all(limit & at(node) for limit in grant.limits)
        and any(
            term.scopes & bit and (term.roots is None or term.roots & at(node))
            for term in grant.terms
        )
    }


@given(grants, grants)
def test_what_lies_inside_reaches_nothing_more(asked: Grant, held: Grant) -> None:
    """A grant that lies inside another allows nothing that the other does not (I3, S21)."""
    if lies_inside(asked, held, at):
        assert reaches(asked) <= reaches(held)
        assert not asked.surfaces & ~held.surfaces


@given(grants)
def test_every_grant_lies_inside_itself(grant: Grant) -> None:
    """Whoever hands on exactly what they have may do so (K4)."""
    assert lies_inside(grant, grant, at)


@given(bounds, bounds, terms)
def test_what_is_within_both_is_what_both_let_through(
    one: Bounds, other: Bounds, authority: tuple[Term, ...]
) -> None:
    """What an edit leaves in force is all that both old and new bounds allow, no more (X14, I3)."""
    kept = one.within(other, at)
    assert not kept.exceeds(one, at)
    assert not kept.exceeds(other, at)
    both = reaches(one.of(authority)) & reaches(other.of(authority))
    assert reaches(kept.of(authority)) == both


@given(bounds, bounds, terms)
def test_bounds_that_do_not_exceed_never_widen(
    new: Bounds, old: Bounds, authority: tuple[Term, ...]
) -> None:
    """An edit that is taken for narrowing lets nothing through that was shut before (X14, I2)."""
    if not new.exceeds(old, at):
        assert reaches(new.of(authority)) <= reaches(old.of(authority))
        assert not new.surfaces & ~old.surfaces


@given(bounds, bounds, bounds, terms, st.permutations(NODES))
def test_no_move_widens_what_was_approved(
    last: Bounds, new: Bounds, approved: Bounds, authority: tuple[Term, ...], moved: list[NodeId]
) -> None:
    """However often bounds are narrowed, they stay in what was approved, wherever nodes go (X14).

    The tree after the move is any other over the same nodes.
    """
    held = approved
    for wanted in (new, last):
        if not wanted.exceeds(held, at):
            held = wanted.under(held)

    def later(node: NodeId) -> Lineage:
        return frozenset(moved[place - 1] for place in TREE[moved.index(node) + 1])

    assert reaches(held.of(authority), later) <= reaches(approved.of(authority), later)


@given(bounds)
def test_no_bounds_exceed_themselves(same: Bounds) -> None:
    """The same settings again never ask for approval (X14)."""
    assert not same.exceeds(same, at)


@pytest.mark.parametrize(
    ("start", "last"),
    [
        ((2024, 2, 29), (2026, 2, 28)),
        ((2026, 3, 1), (2028, 3, 1)),
        ((2027, 3, 1), (2029, 3, 1)),
        ((2023, 2, 28), (2025, 2, 28)),
    ],
)
def test_two_calendar_years(start: tuple[int, int, int], last: tuple[int, int, int]) -> None:
    """Two years count by the calendar; a second more is refused, not clipped (G10)."""
    now, end = datetime(*start, tzinfo=UTC), datetime(*last, tzinfo=UTC)
    assert ends_at(AGILITY, end, now) == end
    for later in (timedelta(seconds=1), timedelta(days=1)):
        with pytest.raises(Invalid):
            ends_at(AGILITY, end + later, now)


instants = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(st.none() | instants, st.none() | instants)
def test_an_end_never_moves_out(present: datetime | None, asked: datetime | None) -> None:
    """Whatever is asked, what comes out is no later than what was (X16, S24)."""
    try:
        end = ends_earlier(present, asked, START)
    except Invalid:
        return
    assert present is None or (end is not None and end <= present)


@given(
    st.sampled_from(sorted(PRESETS)), st.none() | instants | st.just(UNSET), st.none() | instants
)
def test_no_token_outlives_its_maker(preset: str, asked: object, latest: datetime | None) -> None:
    """Under every preset a token that is made by a token ends no later than it (S24, K4)."""
    try:
        end = ends_at(PRESETS[preset], asked, START, latest)  # type: ignore[arg-type]
    except Invalid:
        return
    assert latest is None or (end is not None and end <= latest)
