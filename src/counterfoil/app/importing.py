"""Tokens of another system are taken over, many at once and bit by bit, at the machine.

All are tried first, and nothing is kept of that: so either none is refused, or none is made.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from counterfoil import directory, tokens
from counterfoil.app.by_hand import MACHINE, opened
from counterfoil.app.import_line import Line, foreign_of, wish_of
from counterfoil.directory import Organization
from counterfoil.kernel import ids
from counterfoil.kernel.errors import CounterfoilError, Invalid, NotFound
from counterfoil.kernel.ids import Prefix, TokenId, spell
from counterfoil.office import Office
from counterfoil.operation import Work
from counterfoil.runtime.settings import Settings

AT_ONCE: Final = 100
"""So many are written in one transaction, while all others who write wait."""

Status: TypeAlias = Literal["CREATED", "UP-TO-DATE", "REFUSED"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a line, or would."""

    status: Status
    token: TokenId | None = None
    detail: str = ""


class _Undone(Exception):
    """It was a try: nothing of it is kept."""


class Importer:
    """Takes over tokens for one organization."""

    def __init__(self, office: Office, organization: Organization) -> None:
        self._office = office
        self.organization = organization

    def rehearse(self, lines: Sequence[Line]) -> list[Outcome]:
        """Return what would become of some lines; nothing of it is kept."""
        outcomes: list[Outcome] = []
        operator = directory.operator(self.organization.id)
        with suppress(_Undone), self._office.work(operator, MACHINE) as work:
            outcomes.extend(self._tried(work, line) for line in lines)
            raise _Undone
        return outcomes

    def take_over(self, lines: Sequence[Line]) -> list[Outcome]:
        """Take over all of some lines, or none of them.

        Raises:
            CounterfoilError: what a try did not see, because it has changed since.
        """
        with self._office.work(directory.operator(self.organization.id), MACHINE) as work:
            return [self._taken(work, line) for line in lines]

    def _tried(self, work: Work, line: Line) -> Outcome:
        try:
            return self._taken(work, line)
        except CounterfoilError as error:
            field = error.field.rpartition("/attributes/")[2] if error.field else ""
            return Outcome("REFUSED", detail=f"{field}: {error.detail}" if field else error.detail)

    def _taken(self, work: Work, line: Line) -> Outcome:
        foreign = foreign_of(line)
        known = tokens.holder_of_foreign(work.tx, foreign)
        if known is not None and known[0] == self.organization.id:
            return Outcome("UP-TO-DATE", known[1])
        made = tokens.take_over(work, wish_of(work, self.organization, line), foreign, line.bits)
        return Outcome("CREATED", made.id)


@contextmanager
def importing(settings: Settings, organization: str | None) -> Iterator[Importer]:
    """Open the installation for taking over tokens, beside a server that may run.

    Args:
        settings: of the installation.
        organization: by name or id; None for the only one.

    Raises:
        UnreadyError: if there is no installation.
        NotFound: if there is no such organization.
        Invalid: if there are several, and none is named.
    """
    with opened(settings) as office:
        with office.database.reading() as tx:
            every = directory.organizations_all(tx)
        yield Importer(office, _chosen(every, organization))


def _chosen(every: Sequence[Organization], named: str | None) -> Organization:
    found = every if named is None else [one for one in every if _is_called(one, named)]
    if len(found) > 1:
        which = ", ".join(f"{spell(Prefix.ORGANIZATION, one.id)} ({one.name})" for one in found)
        raise Invalid(detail=f"There are several organizations, so name one by its id: {which}")
    if not found:
        raise NotFound(detail=f"There is no organization {named!r} here.")
    return found[0]


def _is_called(one: Organization, named: str) -> bool:
    try:
        return one.id == ids.read(Prefix.ORGANIZATION, named)
    except NotFound:
        return one.name == named
