"""Patterns: how a route says which addresses are its own, and which node they are about.

    /pages/{page}          `{page}` is one step, whatever it says
    /files/{path...}       `{path...}` is all that is left, one step at least

A slash at the end counts: `/pages` and `/pages/` are two addresses, since they may be two for the
API behind. A node is named by a template of parameters, `{page}` or `{owner}/{repository}`, those
of the query too: `{?parent}`.
"""

from __future__ import annotations

import re
from collections.abc import Container
from dataclasses import dataclass
from enum import Enum
from typing import Final, TypeAlias

from counterfoil.routing.address import MOST_STEPS, UnreadableError, step

MOST_CHARS: Final = 500

_PARAMETER: Final = re.compile(r"\{([a-z][a-z0-9_]{0,31})(\.\.\.)?\}")
_PLACEHOLDER: Final = re.compile(r"\{(\??)([A-Za-z][A-Za-z0-9_.-]{0,63})\}")


class PatternError(ValueError):
    """A pattern that cannot be one. Says why."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One step, or with `rest` all that are left, known by a name."""

    name: str
    rest: bool = False


Step: TypeAlias = str | Parameter


@dataclass(frozen=True, slots=True)
class Pattern:
    """The addresses of a route."""

    steps: tuple[Step, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its parameters, in their order."""
        return tuple(one.name for one in self.steps if isinstance(one, Parameter))


class Whole(Enum):
    """What a route says of nodes without naming one."""

    EVERYWHERE = ""
    """It is about no node in particular: the scope must hold everywhere."""
    ANY = "any"
    """Nodes do not matter: whoever holds the scope somewhere may."""
    PATH = "path"
    """The deepest node whose key is the address, or the beginning of it."""


@dataclass(frozen=True, slots=True)
class Template:
    """A node's key, put together from parameters.

    Attributes:
        parts: texts, and parameters by whether they are the query's and their name.
    """

    parts: tuple[str | tuple[bool, str], ...]


Place: TypeAlias = Whole | Template


def pattern(text: str) -> Pattern:
    """Read a pattern.

    Raises:
        PatternError: if it is none.
    """
    if not text.startswith("/") or len(text) > MOST_CHARS:
        raise PatternError(f"A path begins with a slash and has at most {MOST_CHARS} characters.")
    spelled = text[1:].split("/")
    if "" in spelled[:-1] or len(spelled) > MOST_STEPS:
        raise PatternError(f"A path has at most {MOST_STEPS} steps, and none of them is empty.")
    steps = tuple(map(_step, spelled))
    read = Pattern(steps)
    if len(set(read.names)) != len(read.names):
        raise PatternError("Each parameter has a name of its own.")
    if any(isinstance(one, Parameter) and one.rest for one in steps[:-1]):
        raise PatternError("What takes all that is left stands at the end.")
    return read


def place(text: str, known: Container[str]) -> Place:
    """Read what a route says of its node; `known` are the parameters of its path.

    Raises:
        PatternError: if it says nothing that can be looked up.
    """
    for whole in Whole:
        if text == whole.value:
            return whole
    parts: list[str | tuple[bool, str]] = []
    at = 0
    for found in _PLACEHOLDER.finditer(text):
        parts.append(text[at : found.start()])
        parts.append((bool(found[1]), found[2]))
        if not found[1] and found[2] not in known:
            raise PatternError(f"The path has no parameter {found[2]}.")
        at = found.end()
    parts.append(text[at:])
    if len(text) > MOST_CHARS or any("{" in one or "}" in one for one in parts):
        raise PatternError("A node is `any`, `path`, or a key with parameters: `{page}`.")
    return Template(tuple(one for one in parts if one))


def _step(text: str) -> Step:
    found = _PARAMETER.fullmatch(text)
    if found:
        return Parameter(found[1], rest=found[2] is not None)
    if "{" in text or "}" in text:
        raise PatternError("A parameter is a whole step: `{page}`, or at the end `{path...}`.")
    try:
        return step(text)
    except UnreadableError as error:
        raise PatternError(f"No address is read like that: {error}.") from None
