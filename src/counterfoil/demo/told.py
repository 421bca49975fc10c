"""What a program is told of the sample, to use it: ids and secrets, all of them strings."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Someone:
    """A person of the sample. The password is random and nowhere else in the clear."""

    email: str
    password: str = field(repr=False)
    roles: list[str]
    id: str


@dataclass(frozen=True, slots=True)
class Sample:
    """All that a program needs to use the sample, and what vendors' clients need besides."""

    data_dir: str
    organization: dict[str, str]
    people: list[Someone]
    tokens: dict[str, str] = field(repr=False)
    roles: dict[str, str]
    nodes: dict[str, str]
    content_types: dict[str, str]
    amplience: dict[str, str] = field(repr=False)
    agility: dict[str, str]
    datocms: dict[str, str]

    def as_object(self) -> dict[str, Any]:
        """Return what `demo --json` prints."""
        people = [
            {"email": one.email, "password": one.password, "roles": one.roles}
            for one in self.people
        ]
        return {**asdict(self), "people": people}
