"""What the sample organization publishes: a small press, with authors, pages and articles."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from counterfoil.content.specimen import Shape

NAME: Final = "Harbour Press"
FOLDERS: Final = (
    "/site",
    "/site/public",
    "/site/press",
    "/site/internal",
    "/site/authors",
    "/site/media",
    "/site/catalog",
)
MEDIA: Final = "/site/media"

_BASE: Final = "https://schemas.counterfoil.example"

_TEXT: Final = {"type": "string", "minLength": 1, "maxLength": 4000}
_TITLE: Final = {"type": "string", "minLength": 1, "maxLength": 120}


def schema_id(shape: Shape) -> str:
    """Return the address of a content type's schema."""
    return f"{_BASE}/{shape.api_key}.json"


SHAPES: Final = (
    Shape(
        "article",
        "Article",
        ("title", "text"),
        {
            "title": _TITLE,
            "text": _TEXT,
            "author": _TITLE,
            "tags": {"type": "array", "items": _TITLE, "maxItems": 10},
        },
    ),
    Shape("author", "Author", ("name",), {"name": _TITLE, "bio": _TEXT}),
    Shape("page", "Page", ("title",), {"title": _TITLE, "text": _TEXT}),
    Shape(
        "catalog_entity",
        "Catalog entity",
        ("identifier", "name", "type"),
        {"identifier": _TITLE, "name": _TITLE, "type": _TITLE, "description": _TEXT},
    ),
)


@dataclass(frozen=True, slots=True)
class Piece:
    """One entry of the sample: where it stands, what it is, and how far it got.

    `later` is what was written into the draft after publishing.
    """

    folder: str
    slug: str
    shape: str
    content: dict[str, Any]
    published: bool = True
    later: dict[str, Any] | None = None


_NAMES: Final = (
    "Ada Lindqvist",
    "Bela Moreau",
    "Chinwe Okafor",
    "Dario Sant",
    "Elif Aydin",
    "Femke de Wit",
    "Goran Petrov",
    "Hana Sato",
)
_SUBJECTS: Final = ("Harbour", "Winter", "Bridge", "Orchard", "Ferry", "Archive", "Market", "Hill")
_EVENTS: Final = ("opens", "reopens", "changes hands", "is restored", "turns ninety", "moves")
_CATALOG: Final = (
    ("website", "The website", "service", "What everybody reads."),
    ("newsletter", "The newsletter", "service", "What subscribers get on Fridays."),
    ("press", "The press", "domain", "All that the Harbour Press publishes."),
)
_SHELVES: Final = (("/site/public", 360), ("/site/press", 200), ("/site/internal", 100))
_PICTURES: Final = 320
_PAGES: Final = 30
_DRAFT_EACH: Final = 3
_CHANGED_EACH: Final = 16


def pictures() -> Iterator[tuple[str, int]]:
    """Yield the file name and the size of every picture, the same each time."""
    for number in range(1, _PICTURES + 1):
        subject = _SUBJECTS[number % len(_SUBJECTS)].lower()
        yield f"{subject}-{number}.jpg", 40_000 + number * 137


def count() -> int:
    """Return how many nodes the sample has, the root among them."""
    return 1 + len(FOLDERS) + _PICTURES + sum(1 for _ in pieces())


def pieces() -> Iterator[Piece]:
    """Yield every entry of the sample, the same each time."""
    for name in _NAMES:
        slug = name.lower().replace(" ", "-")
        bio = f"{name} writes for the Harbour Press."
        yield Piece("/site/authors", slug, "author", {"name": name, "bio": bio})
    for number in range(1, _PAGES + 1):
        content = {"title": f"Page {number}", "text": f"What stands on page {number}."}
        yield Piece("/site/public", f"page-{number}", "page", content)
    for identifier, name, type_, description in _CATALOG:
        said = {"identifier": identifier, "name": name, "type": type_, "description": description}
        yield Piece("/site/catalog", identifier, "catalog_entity", said)
    for folder, count in _SHELVES:
        for number in range(1, count + 1):
            yield _article(folder, number)


def _article(folder: str, number: int) -> Piece:
    subject = _SUBJECTS[number % len(_SUBJECTS)]
    title = f"The {subject} {_EVENTS[number % len(_EVENTS)]} ({number})"
    content = {
        "title": title,
        "text": f"{title}. Nobody had expected it so soon.",
        "author": _NAMES[number % len(_NAMES)],
        "tags": [subject.lower(), folder.rpartition("/")[2]],
    }
    changed = number % _CHANGED_EACH == 0
    return Piece(
        folder,
        f"article-{number}",
        "article",
        content,
        published=number % _DRAFT_EACH != 0,
        later={"text": f"{title}. Revised, but not yet published."} if changed else None,
    )
