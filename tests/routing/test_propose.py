"""Proposals: what was seen passes by them, and nothing that is wider than need be."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.routing.address import Address, read
from counterfoil.routing.propose import MOST_WORDS, Observed, Proposal, propose, shape
from counterfoil.routing.table import ClashError, Route, Table


def seen(method: str, path: str, *keys: str, **more: Any) -> Observed:
    """A request as a recorder has it, where these steps are keys of resources."""
    steps = read(path).steps
    known = frozenset(at for at, step in enumerate(steps) if step in keys)
    one = Observed(method, shape(steps, known), known, token="tok_1")
    return replace(one, **more)


def lines(found: Proposal) -> list[str]:
    return [
        f"{'|'.join(sorted(route.methods))} {route.path} {route.scope} {route.node}".strip()
        for route in found.routes
    ]


@pytest.mark.parametrize(
    ("step", "is_value"),
    [
        ("pages", False),
        ("v2", False),
        ("oauth2", False),
        ("robots.txt", False),
        ("12", True),
        ("deadbeef", True),
        ("f81d4fae-7dec-11d0-a765-00a0c91e6bf6", True),
        ("order-20261126", True),
        ("ann@example.com", True),
        ("caf\u00e9", True),
        ("x" * 33, True),
        ("", False),
    ],
)
def test_a_value_is_no_word(step: str, *, is_value: bool) -> None:
    """What may name a thing or a person is a value: it is neither recorded nor proposed."""
    assert shape(("pages", step)) == ("pages", None if is_value else step)


def test_the_narrowest_table_is_proposed() -> None:
    """A line for each path, with the methods, the scope and the node that its requests had."""
    found = propose(
        [
            seen("GET", "/api/v2/pages/"),
            seen("GET", "/api/v2/pages/12/", "12"),
            seen("HEAD", "/api/v2/pages/13/", "13"),
            seen("PUT", "/api/v2/pages/12/", "12", token="tok_2"),
            seen("GET", "/api/v2/pages/new/"),
            seen("GET", "/search", asked=frozenset({"under"})),
            seen("GET", "/files/a", by_path=True),
        ]
    )
    assert lines(found) == [
        "GET /api/v2/pages/ pages:read",
        "GET /api/v2/pages/new/ pages:read",
        "GET /api/v2/pages/{page}/ pages:read {page}",
        "PUT /api/v2/pages/{page}/ pages:write {page}",
        "GET /files/a files:read path",
        "GET /search search:read {?under}",
    ]
    assert found.needs["tok_2"] == {"pages:write"}
    assert found.needs["tok_1"] == {"pages:read", "search:read", "files:read"}


def test_what_named_no_node_once_must_hold_everywhere() -> None:
    """One request of a route that named no node makes the line ask for all of them."""
    found = propose([seen("GET", "/pages/12", "12"), seen("GET", "/pages/13")])
    assert lines(found) == ["GET /pages/{page} pages:read"]
    both = [seen("GET", "/s", asked=frozenset({"a"})), seen("GET", "/s", asked=frozenset({"b"}))]
    assert lines(propose(both)) == ["GET /s s:read"]


def test_many_words_are_values() -> None:
    """Where more words stand in one place than an API has, they are values of one parameter."""
    few = [seen("GET", f"/tags/{'w' * (at + 1)}") for at in range(MOST_WORDS)]
    assert len(propose(few).routes) == MOST_WORDS
    many = [*few, seen("GET", "/tags/other")]
    assert lines(propose(many)) == ["GET /tags/{tag} tags:read"]


def test_the_words_of_a_parameter_are_told() -> None:
    """Which words a parameter swallowed is said, so that nobody's made-up ones hide one of them."""
    made_up = [seen("GET", f"/{'w' * (at + 1)}/x") for at in range(MOST_WORDS)]
    found = propose([*made_up, seen("GET", "/admin/x"), seen("GET", "/admin/y")])
    assert len(found.merged) == 1
    assert found.merged["/{value_1}"][0] == "admin"
    assert len(found.merged["/{value_1}"]) == MOST_WORDS + 1
    assert propose(made_up).merged == {}


def test_a_line_that_is_there_stays_as_it_is() -> None:
    """What the table lists already keeps its scope and node, also for what was seen before it."""
    line = Route(frozenset({"GET"}), "/pages/{id}", "docs:see", "{id}", changes=True)
    found = propose([seen("GET", "/pages/1"), seen("GET", "/pages/2", listed=line, token="tok_2")])
    assert found.routes == (line,)
    assert found.needs == {"tok_1": {"docs:see"}, "tok_2": {"docs:see"}}


def test_two_tables_make_no_third() -> None:
    """Where the table changed while it was recorded, nothing is proposed that is neither."""
    old, new = (Route(frozenset({"GET"}), "/a", scope) for scope in ("a:read", "a:see"))
    with pytest.raises(ClashError):
        propose([seen("GET", "/a", listed=old), seen("GET", "/a", listed=new)])


STEPS = st.lists(st.sampled_from(["a", "b", "A", "12", "13", "pages", "x" * 40]), max_size=4)


@given(st.lists(st.tuples(st.sampled_from(["GET", "HEAD", "PUT"]), STEPS), max_size=30))
def test_all_that_was_seen_passes(requests: list[tuple[str, list[str]]]) -> None:
    """Each request that was seen takes a line whose scope its token is said to need; none is open.

    But for two spellings of one word, which no table tells apart: the gate refuses the second.
    """
    kept = {tuple(steps) for _, steps in requests if "A" not in steps}
    wanted = [(method, tuple(steps)) for method, steps in requests if tuple(steps) in kept]
    paths = [(method, Address(steps or ("",), "")) for method, steps in wanted]
    found = propose(
        Observed(method, shape(path.steps), token=f"tok_{at}")
        for at, (method, path) in enumerate(paths)
    )
    table = Table(found.routes)
    for at, (method, path) in enumerate(paths):
        taken = table.take(method, path)
        assert taken is not None
        assert taken.route.scope in found.needs[f"tok_{at}"]
