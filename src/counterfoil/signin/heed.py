"""What the operator's file says of providers holds from the beginning of a server on.

A provider counts in some organizations, or in all. Another file may say otherwise than the one
before: then the gates are told anew of every session that it began, in the transaction that keeps
what is said now. So whoever may enter no more is kept out at once, and nobody signs in again who
may go on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from counterfoil import directory
from counterfoil.access.caller import Origin
from counterfoil.kernel.ids import OrganizationId, Prefix, spell
from counterfoil.office import Office
from counterfoil.operation import Work, operation
from counterfoil.runtime.provider import Provider
from counterfoil.runtime.witness import NOBODY
from counterfoil.signin.steps.session import OFFICE, tell_again
from counterfoil.signin.store import heeded
from counterfoil.signin.store.heeded import Counts

MACHINE: Final = Origin("operator")


def heed(office: Office, named: Iterable[Provider]) -> bool:
    """Have the books say of providers what the file does; return whether that was new.

    It is on record in each organization that asks for a provider and where another one counts now;
    where there is none, in the oldest one's. Before anybody is here, there is no record.
    """
    said: dict[str, Counts] = {one.name: tuple(sorted(one.organizations)) or None for one in named}
    with office.database.reading() as tx:
        before = heeded.all_counts(tx)
        asking = directory.asking_for_provider(tx)
        oldest = directory.organization_ids(tx)[:1]
    if before == said:
        return False
    if not oldest:
        with office.database.transaction(NOBODY) as tx:
            heeded.keep(tx, said)
        return True
    concerned = [one for one in asking if _here(before, one) != _here(said, one)]
    first, *others = concerned or oldest
    with office.work(directory.operator(first), MACHINE) as work:
        if heeded.all_counts(work.tx, hold=True) == said:  # another server began meanwhile
            return True
        take_word(work, said, anew=True)
    for other in others:
        with office.work(directory.operator(other), MACHINE) as work:
            take_word(work, said, anew=False)
    return True


@operation("provider.heed", requires=None, methods=OFFICE, surface=None, vital=True)
def take_word(work: Work, said: Mapping[str, Counts], *, anew: bool) -> None:
    """Put on record which providers count here; with `anew`, have it hold from now on by it."""
    here = work.caller.organization
    work.permit(target=spell(Prefix.ORGANIZATION, here))
    work.note(", ".join(_here(said, here)))
    if anew:
        before = heeded.all_counts(work.tx)
        heeded.keep(work.tx, said)
        names = before.keys() | said.keys()
        tell_again(work, [one for one in names if before.get(one, ()) != said.get(one, ())])


def _here(said: Mapping[str, Counts], organization: OrganizationId) -> list[str]:
    """Return the names of the providers that count in an organization."""
    return sorted(name for name, in_ in said.items() if in_ is None or organization in in_)
