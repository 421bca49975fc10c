"""What the operator's file says of providers holds from the beginning of a server on.

A provider counts in some organizations, or in all. Another file may say otherwise than the one
before: then the gates are told anew of every session that it began, in the transaction that keeps
what is said now. So whoever may enter no more is kept out at once, and nobody signs in again who
may go on.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Final

from msgspec import json

from counterfoil import directory
from counterfoil.access.caller import Origin
from counterfoil.kernel.ids import OrganizationId, Prefix, spell
from counterfoil.office import Office
from counterfoil.operation import Work, operation
from counterfoil.runtime.provider import Provider
from counterfoil.runtime.witness import NOBODY
from counterfoil.signin.steps.session import OFFICE, tell_again
from counterfoil.signin.store import heeded
from counterfoil.signin.store.heeded import Word

MACHINE: Final = Origin("operator")


def heed(office: Office, named: Iterable[Provider]) -> bool:
    """Have the books say of providers what the file does; return whether that was new.

    It is on record in each organization that asks for a provider and where another one counts now;
    where there is none, in the oldest one's. Before anybody is here, there is no record.
    """
    said = {one.name: _word(one) for one in named}
    with office.database.reading() as tx:
        before = heeded.words(tx)
        asking = directory.asking_for_provider(tx)
        oldest = directory.organization_ids(tx)[:1]
    if not _news(before, said):
        return False
    if not oldest:
        with office.database.transaction(NOBODY) as tx:
            heeded.keep(tx, _news(heeded.words(tx), said))
        return True
    concerned = [one for one in asking if _here(before, one) != _here(said, one)]
    first, *others = concerned or oldest
    with office.work(directory.operator(first), MACHINE) as work:
        if not _news(heeded.words(work.tx, hold=True), said):  # another server began meanwhile
            return True
        take_word(work, said, anew=True)
    for other in others:
        with office.work(directory.operator(other), MACHINE) as work:
            take_word(work, said, anew=False)
    return True


@operation("provider.heed", requires=None, methods=OFFICE, surface=None, vital=True)
def take_word(work: Work, said: Mapping[str, Word], *, anew: bool) -> None:
    """Put on record which providers count here; with `anew`, have it hold from now on by it."""
    here = work.caller.organization
    work.permit(target=spell(Prefix.ORGANIZATION, here))
    work.note(", ".join(name for name, _ in _here(said, here)))
    if anew:
        before = heeded.words(work.tx)
        news = _news(before, said, work.head())
        heeded.keep(work.tx, news)
        tell_again(work, [name for name, word in news.items() if _differs(before, name, word)])


def _word(provider: Provider) -> Word:
    """Return what the file says of a provider.

    Who speaks is its issuer, and what has to be said there of whoever comes in.
    """
    spoken = json.encode([provider.issuer, sorted(provider.claims.items())])
    counts = tuple(sorted(provider.organizations)) or None
    return Word(counts, hashlib.sha256(spoken).hexdigest())


def _news(before: Mapping[str, Word], said: Mapping[str, Word], head: int = 0) -> dict[str, Word]:
    """Return what has to be kept of the providers of whom another thing is said than before.

    Of one that is named no more it is kept who it was: it may be named again. What another one of
    its name has begun up to the head of the feed was none of its own.
    """
    news = {}
    for name in before.keys() | said.keys():
        old = before.get(name, heeded.NONE)
        new = said.get(name, Word((), old.spoken_by))
        is_same = old.spoken_by in {None, new.spoken_by}
        new = new._replace(since=old.since if is_same else head)
        if new[:2] != old[:2]:
            news[name] = new
    return news


def _differs(before: Mapping[str, Word], name: str, word: Word) -> bool:
    old = before.get(name, heeded.NONE)
    return (old.counts, old.since) != (word.counts, word.since)


def _here(said: Mapping[str, Word], organization: OrganizationId) -> list[tuple[str, str | None]]:
    """Return the names of the providers that count in an organization, and who each is."""
    return sorted(
        (name, word.spoken_by)
        for name, word in said.items()
        if word.counts is None or organization in word.counts
    )
