"""How large a GraphQL document may be, and how large its answer (S40).

The rules of the specification compare every field with every other: what is too much is refused
here first, in one walk, in which each fragment is measured once. What comes of a document depends
on what entries name as well: that is counted while it is carried out, and ends at a bound.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
)

from counterfoil.kernel.errors import Code, Malformed

SOURCE_CHARS: Final = 20_000
TOKENS: Final = 2_000
COMMENTS: Final = 50
DEEPEST: Final = 10
MOST_ALIASES: Final = 30
MOST_ROOTS: Final = 20
MOST_DIRECTIVES: Final = 50
MOST_RECORDS: Final = 2_000
"""So many records a query may ask for, lists within lists multiplied."""

MOST_VALUES: Final = 50_000
"""So many values one answer holds: what records refer to stands in no document."""

OF_A_RECORD: Final = 5
"""As so many values counts a record that is handed out, before any field of it."""

OF_CHARS: Final = 200
"""So many characters of a text count as one more value."""

USUAL_PAGE: Final = 20
LARGEST_PAGE: Final = 100
_DIGITS: Final = 9
"""So many digits a number of records has at most; a longer one counts as the largest page."""


class TooMuch(BaseException):
    """An answer grew too large: no `Exception`, of which the engine would make a null and go on."""


def values_in(said: object) -> int:
    """Return how many values a piece of content counts as."""
    if isinstance(said, str):
        return 1 + len(said) // OF_CHARS
    if isinstance(said, Mapping):
        return 1 + sum(map(values_in, said.values()))
    return 1 + sum(map(values_in, said)) if isinstance(said, list) else 1


@dataclass(frozen=True, slots=True)
class Weight:
    """What a selection weighs: its levels, aliases, directives, fields at its top, and records."""

    depth: int = 0
    aliases: int = 0
    directives: int = 0
    fields: int = 0
    records: int = 0

    def beside(self, other: Weight) -> Weight:
        """Return the weight of both, side by side."""
        return Weight(
            max(self.depth, other.depth),
            self.aliases + other.aliases,
            self.directives + other.directives,
            self.fields + other.fields,
            self.records + other.records,
        )


def require_small(document: DocumentNode) -> None:
    """Return if a document is small enough to be understood.

    Raises:
        Malformed: naming the limit.
    """
    fragments = {
        one.name.value: one
        for one in document.definitions
        if isinstance(one, FragmentDefinitionNode)
    }
    scale = _Scale(fragments)
    for one in document.definitions:
        if isinstance(one, OperationDefinitionNode):
            weight = scale.selection(one.selection_set)
            _within("levels", weight.depth, DEEPEST)
            _within("fields at the top", weight.fields, MOST_ROOTS)
            _within("aliases", weight.aliases, MOST_ALIASES)
            _within("directives", weight.directives + len(one.directives or ()), MOST_DIRECTIVES)
            _within("records", weight.records, MOST_RECORDS)


class _Scale:
    """Weighs selections; a fragment that is spread a hundred times is weighed once."""

    def __init__(self, fragments: Mapping[str, FragmentDefinitionNode]) -> None:
        self._fragments = fragments
        self._known: dict[str, Weight] = {}
        self._open: list[str] = []

    def selection(self, chosen: SelectionSetNode | None) -> Weight:
        """Return what a selection weighs."""
        total = Weight()
        for weight in self._weights(() if chosen is None else chosen.selections):
            total = total.beside(weight)
            if total.records > MOST_RECORDS or total.aliases > MOST_ALIASES:
                return total
        return total

    def _weights(self, chosen: Iterable[object]) -> Iterator[Weight]:
        for one in chosen:
            if isinstance(one, FieldNode):
                yield self._field(one)
            elif isinstance(one, InlineFragmentNode):
                held = Weight(directives=len(one.directives or ()))
                yield self.selection(one.selection_set).beside(held)
            elif isinstance(one, FragmentSpreadNode):
                held = Weight(directives=len(one.directives or ()))
                yield self._fragment(one.name.value).beside(held)

    def _field(self, field: FieldNode) -> Weight:
        inner = self.selection(field.selection_set)
        asked = _page(field)
        return Weight(
            depth=inner.depth + 1,
            aliases=inner.aliases + (field.alias is not None),
            directives=inner.directives + len(field.directives or ()),
            fields=1,
            records=inner.records if asked is None else asked * (1 + inner.records),
        )

    def _fragment(self, name: str) -> Weight:
        if name in self._open:
            raise Malformed(detail="A fragment of this query contains itself.")
        if name not in self._known:
            self._open.append(name)
            known = self._fragments.get(name)
            self._known[name] = self.selection(known.selection_set if known else None)
            self._open.pop()
        return self._known[name]


def _page(field: FieldNode) -> int | None:
    """Return how many records a field asks for; None if it is no list.

    What a variable says is bound when the query runs: until then it counts as a whole page.
    """
    if not field.name.value.startswith("all"):
        return None
    for argument in field.arguments or ():
        if argument.name.value == "first":
            value = argument.value
            if isinstance(value, IntValueNode) and len(value.value) <= _DIGITS:
                return max(0, int(value.value))
            return LARGEST_PAGE
    return USUAL_PAGE


def _within(what: str, found: int, most: int) -> None:
    if found > most:
        raise Malformed(
            Code.INVALID_REQUEST,
            f"A query has at most {most} {what}.",
            meta={"limit": most, "of": what},
        )
