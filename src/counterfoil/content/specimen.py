"""The sample content that an admin may lay out in their own organization: a small press.

It takes no name that anybody would want for themselves: one folder holds it all, and its content
types are called `sample_…`. The demo has a large one, in an installation of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Final

TOP: Final = "sample"
FOLDERS: Final = ("blog", "legal", "authors")

_LINE: Final = {"type": "string", "minLength": 1, "maxLength": 120}
_TEXT: Final = {"type": "string", "minLength": 1, "maxLength": 4000}


@dataclass(frozen=True, slots=True)
class Shape:
    """A content type of a sample, and which of its properties an entry has to have."""

    api_key: str
    name: str
    required: tuple[str, ...]
    properties: Mapping[str, Any]

    def body(self, schema_id: str) -> dict[str, Any]:
        """Its JSON Schema, known by this URI."""
        return {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$id": schema_id,
            "title": self.name,
            "type": "object",
            "properties": dict(self.properties),
            "required": list(self.required),
            "additionalProperties": False,
        }


@dataclass(frozen=True, slots=True)
class Piece:
    """An entry of the sample: in which of the folders, what it is called, its shape, what it says.

    `revised` is what its draft says instead since it was published.
    """

    folder: str
    slug: str
    shape: Shape
    said: Mapping[str, Any]
    published: bool = True
    revised: Mapping[str, Any] = field(default_factory=dict)


_ARTICLE: Final = Shape(
    "sample_article",
    "Sample article",
    ("title",),
    {"title": _LINE, "text": _TEXT, "author": _LINE},
)
_AUTHOR: Final = Shape("sample_author", "Sample author", ("name",), {"name": _LINE, "bio": _TEXT})
_PAGE: Final = Shape("sample_page", "Sample page", ("title",), {"title": _LINE, "text": _TEXT})
SHAPES: Final = (_ARTICLE, _AUTHOR, _PAGE)

_PEOPLE: Final = ("Ada Lindqvist", "Chinwe Okafor", "Elif Aydin")
_ON_DELIVERY: Final = ("The harbour reopens", "Winter at the bridge", "A ferry turns ninety")
_REVISED: Final = ("The archive moves",)
_DRAFTS: Final = ("Market days are back", "The orchard changes hands")
_LEGAL: Final = ("Imprint", "Privacy", "Terms of use")


def pieces() -> Iterator[Piece]:
    """Yield every entry of the sample, the same each time."""
    for name in _PEOPLE:
        yield Piece("authors", _slug(name), _AUTHOR, {"name": name, "bio": f"{name} writes."})
    for title in _LEGAL:
        yield Piece("legal", _slug(title), _PAGE, {"title": title, "text": f"{title}."})
    for number, title in enumerate((*_ON_DELIVERY, *_REVISED, *_DRAFTS)):
        said = {
            "title": title,
            "text": f"{title}. Nobody had expected it so soon.",
            "author": _PEOPLE[number % len(_PEOPLE)],
        }
        yield Piece(
            "blog",
            _slug(title),
            _ARTICLE,
            said,
            published=title not in _DRAFTS,
            revised={"text": f"{title}. It took a year."} if title in _REVISED else {},
        )


def names(wanted: str, joint: str) -> Iterator[str]:
    """Yield what something is called, and what else where that is taken: `sample-2` and so on."""
    yield wanted
    for number in count(2):
        yield f"{wanted}{joint}{number}"


def _slug(words: str) -> str:
    return words.lower().replace(" ", "-")
