"""Tables of routes: a request takes the most exact line, and what is on none is closed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.routing.address import Address, UnreadableError, read
from counterfoil.routing.pattern import PatternError, pattern, place
from counterfoil.routing.table import ClashError, Route, Table, key_of, prefixes

PAGES = Table(
    [
        Route(frozenset({"GET", "POST"}), "/pages", "pages:read"),
        Route(frozenset({"GET"}), "/pages/{page}", "pages:read", "{page}"),
        Route(frozenset({"PUT"}), "/pages/{page}", "pages:write", "{page}"),
        Route(frozenset({"GET"}), "/pages/new", "pages:write"),
        Route(frozenset({"GET"}), "/pages/{page}/publish", "pages:write", "{page}", changes=True),
        Route(frozenset({"GET"}), "/files/{file...}", "files:read", "path"),
        Route(frozenset({"GET"}), "/files/secret/{file...}", "files:all", "path"),
        Route(frozenset({"GET"}), "/search", "pages:read", "{?below}"),
        Route(frozenset({"GET"}), "/of/{owner}/{repository}", "pages:read", "{owner}/{repository}"),
    ]
)


def scope(method: str, target: str, table: Table = PAGES) -> str | None:
    """Return the scope that a request needs; None if nothing is listed for it."""
    taken = table.take(method, read(target))
    return None if taken is None else taken.route.scope


@pytest.mark.parametrize(
    ("method", "target", "needs"),
    [
        ("GET", "/pages", "pages:read"),
        ("POST", "/pages", "pages:read"),
        ("GET", "/pages/12", "pages:read"),
        ("PUT", "/pages/12", "pages:write"),
        ("GET", "/pages/new", "pages:write"),
        ("GET", "/pages/%6eew", "pages:write"),
        ("GET", "/files/a/b/c", "files:read"),
        ("GET", "/files/", "files:read"),
        ("GET", "/files/secret/a", "files:all"),
        ("GET", "/files/secret/", "files:all"),
        ("GET", "/files/secret", "files:read"),
    ],
)
def test_the_most_exact_line_decides(method: str, target: str, needs: str) -> None:
    """A word comes before a parameter, and a parameter before the rest, however it is escaped."""
    assert scope(method, target) == needs


@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("GET", "/"),
        ("GET", "/pages/"),
        ("GET", "/pages/12/"),
        ("GET", "/pages/12/more"),
        ("GET", "/files"),
        ("DELETE", "/pages/12"),
        ("PUT", "/pages/new"),
        ("OPTIONS", "/pages"),
        ("POST", "/files/secret/a"),
        ("get", "/pages"),
    ],
)
def test_what_is_not_listed_is_closed(method: str, target: str) -> None:
    """A method or a path that no line lists is closed, also where a wider line would fit."""
    assert scope(method, target) is None


@pytest.mark.parametrize("target", ["/Pages", "/PAGES/12", "/pages/New", "/files/Secret/a"])
def test_another_case_is_no_way_around(target: str) -> None:
    """What an API may take for a listed word reaches no wider line: it is refused (S51)."""
    with pytest.raises(UnreadableError):
        scope("GET", target)


def test_another_case_that_is_listed_too_is_no_way_around() -> None:
    """Nor does it if that spelling begins another line, by which the request finds no end (S51)."""
    table = Table(
        [
            Route(frozenset({"GET"}), "/a", "pages:admin"),
            Route(frozenset({"GET"}), "/A/b", "pages:read"),
            Route(frozenset({"GET"}), "/{rest...}", "pages:read"),
        ]
    )
    assert scope("GET", "/a", table) == "pages:admin"
    assert scope("GET", "/A/b", table) == "pages:read"
    with pytest.raises(UnreadableError):
        scope("GET", "/A", table)


def test_head_goes_with_a_get_that_changes_nothing() -> None:
    """HEAD is listed with GET, but not where the GET was declared to change something."""
    assert scope("HEAD", "/pages/12") == "pages:read"
    assert scope("GET", "/pages/12/publish") == "pages:write"
    assert scope("HEAD", "/pages/12/publish") is None


@pytest.mark.parametrize(
    ("target", "key"),
    [
        ("/pages/12", "12"),
        ("/pages/caf%C3%A9", "caf\u00e9"),
        ("/search?below=7", "7"),
        ("/search", None),
        ("/search?below=", None),
        ("/of/ben/site", "ben/site"),
        ("/pages", None),
    ],
)
def test_a_line_names_its_node(target: str, key: str | None) -> None:
    """The key of a node is put together from what the address says; without it there is none."""
    address = read(target)
    taken = PAGES.take("GET", address)
    assert taken is not None
    assert key_of(taken, address) == key


def test_an_address_lies_in_its_beginnings() -> None:
    """The beginnings of an address are its own steps, the whole first, and never half a step."""
    assert list(prefixes(read("/a/bc/d"))) == ["/a/bc/d", "/a/bc", "/a", "/"]
    assert list(prefixes(read("/a/"))) == ["/a", "/"]


@pytest.mark.parametrize(
    "path",
    ["", "a", "/a//b", "/{}", "/{A}", "/a{b}", "/{a}{b}", "/{a...}/b", "/{a}/{a}", "/a;b", "/..",
     "/%2e", "/a%2fb", "/{a", "/a}", "/a.", "/" + "a" * 500, "/a" * 40, "/a?b", "/a#b"],
)  # fmt: skip
def test_a_path_that_no_address_has_is_none(path: str) -> None:
    """A line that could never be found, or that would be read in two ways, is no line."""
    with pytest.raises(PatternError):
        pattern(path)


@pytest.mark.parametrize("node", ["{other}", "{", "}", "{?}", "{page", "{{page}}", "{?a b}"])
def test_a_node_that_no_address_names_is_none(node: str) -> None:
    """What a line says of its node is put together from parameters that it has."""
    with pytest.raises(PatternError):
        place(node, ("page",))


@pytest.mark.parametrize(
    ("one", "other"),
    [("/a/{b}", "/a/{c}"), ("/a/b", "/a/b"), ("/{a...}", "/{b...}"), ("/a/{b}/c", "/a/{x}/c")],
)
def test_two_lines_do_not_claim_the_same(one: str, other: str) -> None:
    """Two lines that list a method for the same addresses are refused, whatever they call them."""
    with pytest.raises(ClashError):
        Table([Route(frozenset({"GET"}), one, "a:b"), Route(frozenset({"GET"}), other, "c:d")])
    Table([Route(frozenset({"GET"}), one, "a:b"), Route(frozenset({"PUT"}), other, "c:d")])


@pytest.mark.parametrize("first", [0, 1])
def test_a_line_for_head_beats_the_one_that_goes_with_get(first: int) -> None:
    """Who lists HEAD means it, in whatever order the lines stand."""
    lines = [Route(frozenset({"GET"}), "/a", "a:get"), Route(frozenset({"HEAD"}), "/a", "a:head")]
    table = Table([lines[first], lines[1 - first]])
    assert scope("HEAD", "/a", table) == "a:head"
    assert scope("GET", "/a", table) == "a:get"


WORD = st.sampled_from(["a", "b", "c"])
SPELLED = st.lists(WORD | st.just("{}"), min_size=1, max_size=4)


def spelled(steps: list[str], *, rest: bool) -> str:
    """Return the pattern of some steps, with names for their parameters."""
    named = [f"{{p{at}}}" if one == "{}" else one for at, one in enumerate(steps)]
    return "/" + "/".join([*named, *(["{rest...}"] if rest else [])])


def fits(steps: list[str], rest: bool, address: Address) -> bool:  # noqa: FBT001 - drawn by chance
    """Say by brute force whether a pattern fits an address."""
    given_ = address.steps
    if len(given_) < len(steps) or (len(given_) > len(steps)) != rest:
        return False
    return all(want in {"{}", got} for want, got in zip(steps, given_, strict=False))


def rank(steps: list[str], rest: bool, length: int) -> list[int]:  # noqa: FBT001 - as above
    """Return how exact a pattern is, step by step: the least wins."""
    return [1 if one == "{}" else 0 for one in steps] + [2] * (length - len(steps)) * rest


@given(
    st.lists(st.tuples(SPELLED, st.booleans()), min_size=1, max_size=8),
    st.lists(WORD, min_size=1, max_size=6),
)
def test_a_table_finds_what_a_search_would(
    lines: list[tuple[list[str], bool]], steps: list[str]
) -> None:
    """The line that is found is the most exact of all that fit, and none where none fits."""
    unique = {spelled(steps_, rest=rest): (steps_, rest) for steps_, rest in lines}
    table = Table(Route(frozenset({"GET"}), path, "a:b") for path in unique)
    address = read("/" + "/".join(steps))
    found = table.take("GET", address)
    fitting = {
        path: rank(*line, len(steps)) for path, line in unique.items() if fits(*line, address)
    }
    assert (None if found is None else found.route.path) == min(
        fitting, key=lambda path: fitting[path], default=None
    )
