"""Proposing a table: the narrowest routes and scopes by which the requests that were seen pass.

It is for somebody to read before it is declared. It guesses in one direction only: what is not
about a node for sure must hold everywhere, and no line is open to everybody. That a GET changes
something is declared, and never guessed.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from counterfoil.routing.address import Address
from counterfoil.routing.table import SAFE, Route, Table

MOST_WORDS: Final = 12
"""Where more different words stand in one place, they are values of a parameter."""

_WORD: Final = re.compile(r"(?!\d+$)(?![0-9a-f]{8,}$)(?=[^\d]*$|.{1,6}$)[A-Za-z0-9._-]{1,32}")
"""What is spelled like a word of an API: no number, and nothing long that has digits."""
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,31}")
_PREFIX: Final = re.compile(r"api|rest|v[0-9]+", re.IGNORECASE)
_SCOPE: Final = re.compile(r"[A-Za-z][A-Za-z0-9-]*")

Shape: TypeAlias = tuple[str | None, ...]
"""The steps of a path: words, and None for each value."""


@dataclass(frozen=True, slots=True)
class Observed:
    """A request that was seen, without its values.

    Attributes:
        method: as it was sent.
        shape: its path.
        keys: which of its steps are keys of resources, by place.
        asked: the parameters of its query whose value is the key of a resource.
        by_path: whether its path, or the beginning of it, is the key of a resource.
        token: who sent it; None if nobody whose token was in force.
        listed: the line of the table that it took; None if it took none.
    """

    method: str
    shape: Shape
    keys: frozenset[int] = frozenset()
    asked: frozenset[str] = frozenset()
    by_path: bool = False
    token: str | None = None
    listed: Route | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """A table by which all that was seen passes, and what each token needs for what it sent.

    The tokens stand in the order in which they came.

    Attributes:
        routes: the table.
        needs: the scopes that each token needs.
        merged: the words for which a parameter stands because there were so many, by the path up to
            it: among them may be one that deserves a line of its own.
    """

    routes: tuple[Route, ...]
    needs: Mapping[str, frozenset[str]]
    merged: Mapping[str, tuple[str, ...]]

    @property
    def scopes(self) -> tuple[str, ...]:
        """All scopes of the table, in their order."""
        return tuple(sorted({route.scope for route in self.routes if route.scope}))


def shape(steps: Iterable[str], keys: frozenset[int] = frozenset()) -> Shape:
    """Return the steps of a path with None for each that is a value."""
    return tuple(
        None if at in keys or (step and not _WORD.fullmatch(step)) else step
        for at, step in enumerate(steps)
    )


def propose(seen: Iterable[Observed]) -> Proposal:
    """Return the narrowest table by which these requests pass, where each token may send its own.

    Raises:
        ClashError: two tables are in what was seen, of which no third one can be made.
    """
    seen = tuple(seen)
    needs: dict[str, set[str]] = {one.token: set() for one in seen if one.token is not None}
    kept: dict[Route, None] = {}
    unlisted: dict[Shape, list[Observed]] = defaultdict(list)
    for one in seen:
        if one.listed is None:
            unlisted[one.shape].append(one)
        else:
            kept[one.listed] = None
            _need(needs, one, one.listed.scope)
    table = Table(kept)
    routes: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    groups, swallowed = _merged(unlisted)
    for path, group in groups.items():
        for method, same in _by_method(group).items():
            address = Address(tuple("0" if word is None else word for word in path), "")
            since = table.take(method, address)  # a line that was made after it was seen
            line = _line(path, method, same)
            if since is None:
                routes[line].add(method)
            for one in same:
                _need(needs, one, line[1] if since is None else since.route.scope)
    new = [
        Route(frozenset(methods - {"HEAD"} if "GET" in methods else methods), path, scope, node)
        for (path, scope, node), methods in routes.items()
    ]
    whole = tuple(sorted([*kept, *new], key=lambda one: (one.path, sorted(one.methods))))
    Table(whole)  # which a gate can read, or nobody should be shown it
    return Proposal(
        whole,
        {token: frozenset(scopes) for token, scopes in needs.items()},
        {_spelled(path, _names(path)): tuple(sorted(words)) for path, words in swallowed.items()},
    )


def _line(path: Shape, method: str, same: Sequence[Observed]) -> tuple[str, str, str]:
    """Return path, scope and node of a new line."""
    names = _names(path)
    scope = f"{_resource(path)}:{'read' if method in SAFE else 'write'}"
    return _spelled(path, names), scope, _place(names, same)


def _need(needs: dict[str, set[str]], one: Observed, scope: str) -> None:
    if one.token is not None and scope:
        needs[one.token].add(scope)


def _merged(
    groups: Mapping[Shape, Sequence[Observed]],
) -> tuple[dict[Shape, list[Observed]], dict[Shape, set[str]]]:
    """Return them with one shape for those that differ by too many words in one place.

    And the words for which that shape stands, by its beginning up to there.
    """
    merged = {path: list(group) for path, group in groups.items()}
    swallowed: dict[Shape, set[str]] = {}
    for at in range(max(map(len, merged), default=0)):
        words: dict[Shape, set[str]] = defaultdict(set)
        for path in merged:
            if len(path) > at and path[at]:
                words[path[:at]].add(str(path[at]))
        wide = {before for before, found in words.items() if len(found) > MOST_WORDS}
        swallowed |= {(*before, None): words[before] for before in wide}
        turned: dict[Shape, list[Observed]] = defaultdict(list)
        for path, group in merged.items():
            is_wide = len(path) > at and path[at] and path[:at] in wide
            turned[(*path[:at], None, *path[at + 1 :]) if is_wide else path] += group
        merged = dict(turned)
    return merged, swallowed


def _by_method(group: Iterable[Observed]) -> dict[str, list[Observed]]:
    found: dict[str, list[Observed]] = defaultdict(list)
    for one in group:
        found[one.method].append(one)
    return found


def _place(names: Mapping[int, str], same: Sequence[Observed]) -> str:
    """Return what says which node all of these are about; nothing if that is not sure of all."""
    keys = frozenset.intersection(*(one.keys for one in same)) & names.keys()
    if keys:
        return f"{{{names[max(keys)]}}}"
    asked = frozenset.intersection(*(one.asked for one in same))
    if len(asked) == 1:
        return f"{{?{next(iter(asked))}}}"
    return "path" if all(one.by_path for one in same) else ""


def _names(path: Shape) -> dict[int, str]:
    """Return a name for each value, after the word before it."""
    names: dict[int, str] = {}
    for at, word in enumerate(path):
        if word is not None:
            continue
        before = (path[at - 1] or "") if at else ""
        name = before.lower().replace("-", "_").removesuffix("s")
        if not _NAME.fullmatch(name) or name in names.values():
            name = f"value_{at + 1}"
        names[at] = name
    return names


def _spelled(path: Shape, names: Mapping[int, str]) -> str:
    return "/" + "/".join(
        f"{{{names[at]}}}" if word is None else word for at, word in enumerate(path)
    )


def _resource(path: Shape) -> str:
    """Return what a path is about: its first word that is no prefix of all."""
    words = [word for word in path if word and _SCOPE.fullmatch(word)]
    return next((word for word in words if not _PREFIX.fullmatch(word)), "api")
