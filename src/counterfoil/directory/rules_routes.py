"""What a table of routes may list, and what a tree of resources may look like: rules that raise."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from counterfoil.directory.routed import WHOLE, Placed
from counterfoil.kernel.errors import Code, Conflict, Invalid
from counterfoil.kernel.sentence import sentence
from counterfoil.routing.address import METHOD
from counterfoil.routing.pattern import PatternError, pattern, place
from counterfoil.routing.table import MOST_ROUTES, ClashError, Route, Table

MOST_RESOURCES: Final = 20_000
DEEPEST: Final = 30
KEY_CHARS: Final = 100
NAME_CHARS: Final = 200
HIGHEST: Final = 2**53 - 1
LONGEST_GRACE_S: Final = 60
"""For so long at most a gate lets reads pass that does not know what was revoked (R2)."""

_AT: Final = "/data/attributes/"
_NO_METHODS: Final = frozenset({"CONNECT", "TRACE"})
_MOST_METHODS: Final = 10


def proper_routes(routes: Iterable[Route], scopes: Iterable[str]) -> tuple[Route, ...]:
    """Return a table's routes, or raise Invalid for the first that is wrong.

    Args:
        routes: as they are wanted.
        scopes: the spellings of the scopes that the API brings along.
    """
    found, known = tuple(routes), frozenset(scopes)
    if len(found) > MOST_ROUTES:
        raise _wrong("routes", sentence("An API lists at most %(most)s routes.", most=MOST_ROUTES))
    for at, route in enumerate(found):
        _require_proper(route, known, f"routes/{at}/")
    try:
        Table(found)
    except ClashError as error:
        raise _wrong(f"routes/{error.at}/path", str(error)) from None
    return found


def _require_proper(route: Route, known: frozenset[str], at: str) -> None:
    if not 0 < len(route.methods) <= _MOST_METHODS:
        raise _wrong(
            f"{at}methods",
            sentence("A route has 1 to %(most)s methods.", most=_MOST_METHODS),
        )
    for method in sorted(route.methods):
        if not METHOD.fullmatch(method) or method in _NO_METHODS:
            raise _wrong(
                f"{at}methods", "A method is spelled in capital letters, and no TRACE or CONNECT."
            )
    if route.scope and route.scope not in known:
        raise _wrong(f"{at}scope", "This is no scope of the API.")
    try:
        names = pattern(route.path).names
    except PatternError as error:
        raise _wrong(f"{at}path", str(error)) from None
    try:
        place(route.node, names)
    except PatternError as error:
        raise _wrong(f"{at}node", str(error)) from None
    if not route.scope and route.node:
        raise _wrong(f"{at}node", "A route that is open to everybody asks for no node.")


def proper_placed(placed: Iterable[Placed]) -> dict[str, Placed]:
    """Return resources by key, or raise Invalid for the first that is wrong."""
    found: dict[str, Placed] = {}
    for place_, one in enumerate(placed):
        at = f"nodes/{place_}"
        if not _is_key(one.key):
            raise _wrong(
                f"{at}/0",
                sentence("A key has 1 to %(most)s printable characters.", most=KEY_CHARS),
            )
        if one.key in found:
            raise _wrong(f"{at}/0", "This key is there twice.")
        if one.parent == one.key:
            raise _wrong(f"{at}/1", "Nothing stands under itself.")
        if not one.name.isprintable() or len(one.name) > NAME_CHARS:
            raise _wrong(
                f"{at}/2",
                sentence("A name has at most %(most)s characters, on one line.", most=NAME_CHARS),
            )
        found[one.key] = one
    return found


def require_tree(parents: Mapping[str, str | None], said: Mapping[str, int]) -> None:
    """Return if these keys hang on one another as a tree does.

    Args:
        parents: the key above each key; None at the top.
        said: at which place of the request each key stands that it names.
    """
    if len(parents) > MOST_RESOURCES:
        raise _wrong(
            "nodes", sentence("An API has at most %(most)s resources.", most=MOST_RESOURCES)
        )
    depth = {WHOLE: 0}
    for key in parents:
        climbed: list[str] = []
        above: str = key
        while above not in depth:
            climbed.append(above)
            if len(climbed) > DEEPEST:
                said_of = next((one for one in climbed if one in said), key)
                raise _misplaced(said_of, said, "The tree is too deep, or this hangs in a circle.")
            higher = parents[above] or WHOLE
            if higher not in parents and higher != WHOLE:
                raise _misplaced(above, said, "There is no resource of that key to stand under.")
            above = higher
        for one in reversed(climbed):
            depth[one] = depth[above] + 1
            above = one
        if depth[key] > DEEPEST:
            raise _misplaced(key, said, "The tree is too deep, or this hangs in a circle.")


def require_newer(told: int | None, known: int) -> None:
    """Return if a tree is not older than the one that is known."""
    if told is not None and told < known:
        raise Conflict(
            Code.CONFLICT,
            sentence("A newer state of the tree is known: %(known)s.", known=known),
            field=f"{_AT}revision",
            meta={"revision": known},
        )


def _is_key(text: str) -> bool:
    return 0 < len(text) <= KEY_CHARS and text.isprintable()


def _misplaced(key: str, said: Mapping[str, int], detail: str) -> Invalid:
    at = said.get(key)
    return _wrong("nodes" if at is None else f"nodes/{at}/1", detail)


def _wrong(at: str, detail: str) -> Invalid:
    return Invalid(Code.INVALID_FIELD, detail, field=f"{_AT}{at}")
