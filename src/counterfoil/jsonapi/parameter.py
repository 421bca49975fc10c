"""Parameters: what stands in an address besides its words, and what the reference says of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from counterfoil.kernel.ids import Prefix
from counterfoil.kernel.page import DEFAULT_SIZE, LARGEST

TEXT: Final[Mapping[str, Any]] = MappingProxyType({"type": "string"})
FLAG: Final[Mapping[str, Any]] = MappingProxyType({"type": "boolean"})
SAMPLE: Final = "4031846205310216"
"""The id in every example; nobody's."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of the query, or what stands in the braces of a path.

    Attributes:
        says: what it is, in a sentence.
        schema: which values it takes, as JSON Schema.
        example: one of them, as it stands in the address.
        many: whether it takes several, parted by commas.
        required: whether an answer is given only to who says it.
        family: whether it stands for all that begin like it: `filter[fields][rank]` and the like.
    """

    name: str
    says: str
    schema: Mapping[str, Any] = field(default_factory=lambda: TEXT)
    example: object = None
    many: bool = False
    required: bool = False
    family: bool = False

    @property
    def allowed(self) -> str:
        """What the name of a parameter is, or begins with if it ends in a bracket."""
        return f"{self.name}[" if self.family else self.name


def id_in(name: str, says: str, prefix: Prefix) -> Parameter:
    """Describe an id, which is spelled in digits or with the prefix of its kind."""
    schema = {"type": "string", "pattern": f"^({prefix}_)?[0-9]{{16}}$"}
    return Parameter(name, says, schema, SAMPLE)


def one_of(name: str, says: str, values: Iterable[str]) -> Parameter:
    """Describe a parameter that takes one of these words."""
    words = [str(value) for value in values]
    return Parameter(name, says, {"type": "string", "enum": words}, words[0])


_PLACE: Final = {"type": "integer", "minimum": 0, "maximum": 2**53 - 1}
_SIZE: Final = {"type": "integer", "minimum": 1, "maximum": LARGEST}

SIZE: Final = Parameter(
    "page[size]", f"How many a page holds; {DEFAULT_SIZE} if it is left out.", _SIZE, 20
)
AFTER: Final = Parameter(
    "page[after]", "Where to go on: the cursor in `links.next` of the page before."
)
LIMIT: Final = Parameter("page[limit]", "The same as `page[size]`, as DatoCMS spells it.", _SIZE)
OFFSET: Final = Parameter(
    "page[offset]", "How many to pass over. A cursor is quicker and misses nothing.", _PLACE
)
PAGING: Final = (SIZE, AFTER, LIMIT, OFFSET)
"""What most lists take."""
