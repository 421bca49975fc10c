"""The content that all have: articles of one type, alike to the letter."""

from __future__ import annotations

from typing import Any, Final

COUNT: Final = 1_000

_SUBJECTS: Final = ("Harbour", "Winter", "Bridge", "Orchard", "Ferry", "Archive", "Market", "Hill")
_EVENTS: Final = ("opens", "reopens", "changes hands", "is restored", "turns ninety", "moves")
_AUTHORS: Final = ("Ada Lindqvist", "Bela Moreau", "Chinwe Okafor", "Dario Sant", "Elif Aydin")
_SENTENCE: Final = "Nobody had expected it so soon, least of all those who had asked for it. "

SCHEMA: Final[dict[str, Any]] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "properties": {
        "title": {"type": "string", "minLength": 1, "maxLength": 200},
        "lead": {"type": "string", "maxLength": 250},
        "text": {"type": "string", "maxLength": 4000},
        "author": {"type": "string", "maxLength": 200},
        "words": {"type": "integer", "minimum": 0},
    },
    "required": ["title"],
    "additionalProperties": False,
}
FIELDS: Final = tuple(SCHEMA["properties"])


def articles(count: int = COUNT) -> list[dict[str, Any]]:
    """Return so many articles, each of about 1.2 kB, no two of one title."""
    return [_article(number) for number in range(1, count + 1)]


def _article(number: int) -> dict[str, Any]:
    subject = _SUBJECTS[number % len(_SUBJECTS)]
    title = f"The {subject} {_EVENTS[number % len(_EVENTS)]} ({number})"
    return {
        "title": title,
        "lead": f"{title}. {_SENTENCE}",
        "text": _SENTENCE * 13,
        "author": _AUTHORS[number % len(_AUTHORS)],
        "words": 13 * len(_SENTENCE.split()),
    }
