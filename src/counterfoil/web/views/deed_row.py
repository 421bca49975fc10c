"""An entry of the audit trail as a row of a page: its sentence, and the names that stand in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from counterfoil.audit.read import Recorded
from counterfoil.audit.record import ALLOWED
from counterfoil.directory.trail import Names
from counterfoil.web.page import Visit
from counterfoil.web.views.audit_file import as_json
from counterfoil.web.views.deeds import noun, sentence


@dataclass(frozen=True, slots=True)
class Row:
    """An entry with its sentence; who it was, and where or on what, by their names of today.

    `issuer` is who made the API token that it was done by (Q18).
    """

    entry: Recorded
    said: str
    noun: str
    who: str
    issuer: str
    place: str
    name: str

    @property
    def is_allowed(self) -> bool:
        """Whether it was done, and not refused."""
        return self.entry.outcome == ALLOWED

    @property
    def json(self) -> str:
        """The entry as an export has it."""
        return as_json(self.entry, {self.entry.user: self.who} if self.entry.user else {})


def row(visit: Visit, entry: Recorded, named: Names, called: Mapping[str, str]) -> Row:
    """Return an entry with its sentence; `called` has the names of things by their spelling."""
    return Row(
        entry,
        sentence(entry.operation, entry.outcome),
        visit.say(noun(entry.operation)),
        named.people.get(entry.user, "") if entry.user else "",
        named.people.get(entry.issuer, "") if entry.issuer else "",
        named.places.get(entry.target or "", ""),
        called.get(entry.target or "", ""),
    )
