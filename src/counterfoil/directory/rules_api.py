"""What a registered API may be called, and what its scopes: pure rules that raise."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from counterfoil.access.scope import GRAMMAR, Scope
from counterfoil.directory.api import Api
from counterfoil.directory.model import fold
from counterfoil.kernel.errors import Code, Conflict, Invalid
from counterfoil.kernel.sentence import sentence

AUDIENCE_CHARS: Final = 200
SCOPE_CHARS: Final = 100
DESCRIPTION_CHARS: Final = 300
MOST_APIS: Final = 100
MOST_SCOPES: Final = 1_000
"""So many custom scopes has an organization in all its life: each is a bit of every set."""

_AT: Final = "/data/attributes/"
_AUDIENCE: Final = re.compile(r"[\x21-\x7e]{1,200}")
_BUILT_IN: Final = frozenset(str(scope).lower() for scope in Scope)


def folded(name: str) -> str:
    """Return the form in which two spellings of a scope are too alike to tell apart."""
    return name.lower()


def proper_audience(text: str) -> str:
    """Return an audience as it is kept, or raise Invalid."""
    if not _AUDIENCE.fullmatch(text):
        raise Invalid(
            Code.INVALID_FIELD,
            sentence(
                "An audience has 1 to %(most)s visible characters of ASCII and no space.",
                most=AUDIENCE_CHARS,
            ),
            field=f"{_AT}audience",
        )
    return text


def proper_scopes(wanted: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the scopes of one API with their descriptions, or raise Invalid for the first wrong.

    A spelling of a built-in scope is none, and two that differ by case alone are one.
    """
    kept: dict[str, str] = {}
    seen: set[str] = set()
    for place, (name, description) in enumerate(wanted):
        at = f"{_AT}scopes/{place}"
        if len(name) > SCOPE_CHARS or not GRAMMAR.fullmatch(name):
            raise Invalid(
                Code.INVALID_FIELD,
                "A scope is spelled resource:action, in letters, digits and hyphens.",
                field=f"{at}/name",
            )
        if folded(name) in _BUILT_IN:
            raise Invalid(
                Code.INVALID_FIELD,
                sentence("%(name)s is a scope of the built-in API.", name=name),
                field=f"{at}/name",
            )
        if folded(name) in seen:
            raise Invalid(
                Code.INVALID_FIELD,
                sentence("%(name)s is there twice.", name=name),
                field=f"{at}/name",
            )
        text = description.strip()
        if len(text) > DESCRIPTION_CHARS or not text.isprintable():
            raise Invalid(
                Code.INVALID_FIELD,
                sentence(
                    "A description has at most %(most)s characters, on one line.",
                    most=DESCRIPTION_CHARS,
                ),
                field=f"{at}/description",
            )
        seen.add(folded(name))
        kept[name] = text
    return kept


def require_distinct(new: Api, wanted: Mapping[str, str], others: Iterable[Api]) -> None:
    """Return if an API shares its name, its audience and its scopes with no other one.

    Raises:
        Conflict: NAME_TAKEN, pointing at what is taken.
    """
    for other in others:
        if fold(other.name) == fold(new.name):
            raise _taken(sentence("There is an API named %(name)r already.", name=new.name), "name")
        if other.audience == new.audience:
            raise _taken(sentence("Another API has this audience."), "audience")
        theirs = {folded(scope.name) for scope in other.scopes}
        for place, name in enumerate(wanted):
            if folded(name) in theirs:
                raise _taken(
                    sentence("%(name)s is a scope of the API %(api)r.", name=name, api=other.name),
                    f"scopes/{place}/name",
                )


def require_room(apis: int, last: int) -> None:
    """Return if an organization may have so many APIs, and a scope with this number.

    Args:
        apis: how many it would have.
        last: how many scopes it would have had in all its life.
    """
    if apis > MOST_APIS:
        raise Conflict(
            Code.CONFLICT,
            sentence("An organization registers at most %(most)s APIs.", most=MOST_APIS),
        )
    if last > MOST_SCOPES:
        raise Conflict(
            Code.CONFLICT,
            sentence(
                "An organization has at most %(most)s scopes of its own in all its life.",
                most=MOST_SCOPES,
            ),
            field=f"{_AT}scopes",
        )


def _taken(detail: str, at: str) -> Conflict:
    return Conflict(Code.NAME_TAKEN, detail, field=f"{_AT}{at}")
