"""Vocabularies: names outside, numbers inside, and nothing for what is not supported."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.access.grant import Grant, Term
from counterfoil.access.scope import (
    ALL_BUILT_IN,
    EVERY_SCOPE,
    FIRST_CUSTOM,
    GRAMMAR,
    MEANING,
    Scope,
    join,
    split,
)
from counterfoil.access.vocabulary import BUILT_IN_ONLY, Vocabulary
from counterfoil.kernel.errors import Code, Denied, Invalid

WORDS = Vocabulary(
    {FIRST_CUSTOM: "catalog:read", FIRST_CUSTOM + 2: "workflowRuns:trigger"},
    {FIRST_CUSTOM + 1: "scorecards:write"},
)
NAMES = [*map(str, Scope), "catalog:read", "workflowRuns:trigger"]


@given(st.lists(st.sampled_from(NAMES), unique=True))
def test_names_and_sets_are_two_sides_of_one(names: list[str]) -> None:
    """What is read from names is spelled with the same names, and survives a column (X5)."""
    mask = WORDS.read(names)
    assert WORDS.spell(mask) == tuple(sorted(names))
    assert join(*split(mask)) == mask


@pytest.mark.parametrize("name", ["scorecards:write", "catalog:Read", "nonsense", "", "*"])
def test_what_is_not_supported_is_refused_by_its_name(name: str) -> None:
    """A retired, misspelled or unknown scope is read by nobody, and the refusal names it (X5)."""
    with pytest.raises(Invalid) as refused:
        WORDS.read(["content:read", name])
    assert repr(name) in refused.value.detail
    assert refused.value.field == "/data/attributes/scopes"


def test_every_scope_is_spelled_as_those_that_are_supported() -> None:
    """All there is means what the organization supports now, and nothing retired (X5)."""
    assert WORDS.spell(EVERY_SCOPE) == tuple(sorted(NAMES))
    assert WORDS.name(EVERY_SCOPE) == (*sorted(NAMES), "scorecards:write")
    assert BUILT_IN_ONLY.spell(EVERY_SCOPE) == tuple(sorted(map(str, Scope)))
    assert BUILT_IN_ONLY.supported == ALL_BUILT_IN


@pytest.mark.parametrize("name", ["scorecards:write", "unknown:read"])
def test_all_the_power_there_is_holds_no_unsupported_scope(name: str) -> None:
    """Who holds every scope holds none that the organization does not support (X5)."""
    grant = Grant((Term(EVERY_SCOPE),))
    grant.hold(WORDS.scope("catalog:read"))
    with pytest.raises(Denied) as refused:
        grant.hold(WORDS.scope(name))
    assert (refused.value.code, refused.value.meta) == (
        Code.INSUFFICIENT_SCOPE,
        {"scope": name},
    )


def test_each_built_in_scope_has_a_meaning_and_follows_the_grammar() -> None:
    """No built-in scope is offered without a word on what it allows (X6)."""
    assert set(MEANING) == set(Scope)
    assert all(GRAMMAR.fullmatch(str(scope)) for scope in Scope)


def test_a_set_without_an_end_is_only_the_one_of_all() -> None:
    """All but some is nothing that could be written down: it would widen by itself (X5)."""
    with pytest.raises(ValueError, match="all but some"):
        split(EVERY_SCOPE & ~Scope.CONTENT_READ.bit)
