"""What stands around every page: who is here, where, and where else one may go."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Link:
    """One line of the left bar; so much waits there for the person."""

    label: str
    path: str
    icon: str
    current: bool
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class Section:
    """Some lines of the left bar under a heading; empty for those above all headings."""

    label: str
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """An organization in which the person may act."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Here(Place):
    """The organization in which the person acts, and what people call an API token there."""

    api_token: str


@dataclass(frozen=True, slots=True)
class Person:
    """Who is signed in."""

    name: str
    email: str

    @property
    def initials(self) -> str:
        """Two letters at most, for the corner."""
        words = [word for word in self.name.split() if word]
        return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper() or "?"


@dataclass(frozen=True, slots=True)
class Frame:
    """The frame of one page; without a person it is the plain one.

    They have `unread` notices, and so many organizations have `invited` them.
    """

    person: Person | None = None
    here: Here | None = None
    places: tuple[Place, ...] = ()
    sections: tuple[Section, ...] = ()
    unread: int = 0
    invited: int = 0
