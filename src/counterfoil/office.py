"""Where work begins and ends: one transaction for the effect, its events and its entry (R14).

    with office.work(caller, origin) as work:
        approve(work, id_)

The one commit of the house is here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from copy import copy
from datetime import datetime
from typing import TYPE_CHECKING, Final, TypeAlias

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from counterfoil.access.caller import Caller, Method, Origin
from counterfoil.audit.checkpoint import PURPOSE
from counterfoil.audit.deed import Committed, deed
from counterfoil.audit.journal import Journal
from counterfoil.audit.record import ALLOWED, Act, Entry, undone, write
from counterfoil.feed import outbox
from counterfoil.feed.receipts import NO_GATES, Deferred, Receipts, settling
from counterfoil.kernel.clock import Clock, in_micros, micros
from counterfoil.kernel.entropy import Entropy
from counterfoil.kernel.errors import Code, Conflict, CounterfoilError, Unserved
from counterfoil.operation import (
    OPERATIONS,
    LockLifeOf,
    VocabularyOf,
    Work,
    built_in,
    usual_lock_life,
)
from counterfoil.runtime.database import Database
from counterfoil.runtime.files import Depot
from counterfoil.runtime.provider import Providers
from counterfoil.runtime.signing import Signer
from counterfoil.runtime.witness import NOBODY
from counterfoil.secret import DEFAULT_PREFIX

if TYPE_CHECKING:
    from counterfoil.runtime.finders import Finders

Verify: TypeAlias = Callable[[Caller, int, str | None], tuple[Caller, int]]
"""Verifies a caller anew, by what the gate of this host knows at a position of the feed or later.

They come from an address, or from nowhere if the office acts for them later. It returns who they
are now, and the position at which that was known.
"""


def at_their_word(caller: Caller, position: int, _address: str | None) -> tuple[Caller, int]:
    """Believe whoever says who they are: for an office that only who opened it can reach."""
    return caller, position


def _nothing(*_told: object) -> None:
    """Tell nobody, and let it be the end of it."""


_NO_PROVIDERS: Final = Providers()

Follow: TypeAlias = Callable[[Work, object], None]


class Office:
    """Where work begins: the database, the clock and the dice.

    `committed` is told the feed's new position after each commit that moved it, and returns when
    the gate on this host has taken it in: so whoever made the call knows that it holds (R1).

    `verify` asks the gate again who a caller is, within the transaction that acts for it (I1).

    `follow` is told each event, and what else was announced, before the commit, and does what
    follows from it in a higher slice than said it: in the same transaction, as operations of their
    own.

    `vocabulary_of` reads which scopes an organization supports: without it the built-in ones alone.

    `cursor_key` seals cursors (S35), and is the same for all processes of a server. An office that
    is given none draws one for itself, and its cursors end with it.

    `signer` signs what is shown to others of the audit trail. An office that is given none draws a
    key for itself, which nobody will know afterwards.
    `lock_life_of` reads how long a lock holds in an organization: without it half an hour.

    `address` is the base URL at which others reach this server (`https://cms.example.com`). Without
    one it is reached from its own machine alone, by whichever name of loopback a request gives.

    `providers` are those by which people may sign in beside their passwords, or instead. `finders`
    are whose signed reports of leaked tokens are taken; None for nobody's. `guessed` is told whose
    second factor somebody guesses at, and from where.

    `receipts` waits for the gates of other hosts, after what may have taken power away (R1), and
    all up to `settled` was waited for. `reaches` says whether webhooks may go to an address, as far
    as its spelling shows.
    """

    def __init__(  # noqa: PLR0913 - the composition root names each of them
        self,
        database: Database,
        journal: Journal,
        clock: Clock,
        entropy: Entropy,
        *,
        committed: Callable[[int], None],
        verify: Verify,
        vocabulary_of: VocabularyOf = built_in,
        lock_life_of: LockLifeOf = usual_lock_life,
        follow: Follow = _nothing,
        prefix: str = DEFAULT_PREFIX,
        address: str = "",
        cursor_key: bytes | None = None,
        signer: Signer | None = None,
        files: Depot | None = None,
        providers: Providers = _NO_PROVIDERS,
        finders: Finders | None = None,
        receipts: Receipts = NO_GATES,
        reaches: Callable[[str], bool] = bool,
    ) -> None:
        self.database = database
        self._journal = journal
        self.clock, self.entropy = clock, entropy
        self._committed, self._verify = committed, verify
        self._vocabulary_of, self._lock_life_of = vocabulary_of, lock_life_of
        self._follow = follow
        self.prefix = prefix
        self.address = address.rstrip("/")
        self.cursor_key = cursor_key or entropy(32)
        self.signer = signer or Signer(PURPOSE, entropy(32))
        self._files = files
        self.hear: Callable[[Committed], None] = _nothing
        self.guessed: Callable[[Caller, Origin], None] = _nothing
        self.receipts, self.settled = receipts, 0
        self.providers, self.finders = providers, finders
        self.reaches = reaches

    def telling(self, hear: Callable[[Committed], None], *, waits: bool = True) -> Office:
        """Return the same office, whose commits `hear` is told: where each stands."""
        other = copy(self)
        other.hear = hear
        other.receipts = self.receipts if waits else Deferred(self.receipts)
        return other

    @property
    def files(self) -> Depot:
        """Where the files of assets lie.

        Raises:
            Unserved: NOT_READY if this office was given no place for them.
        """
        if self._files is None:
            raise Unserved(Code.NOT_READY, "This office keeps no files.")
        return self._files

    @contextmanager
    def work(self, caller: Caller, origin: Origin) -> Iterator[Work]:
        """One transaction: all of it happens and is on record, or none of it does.

        What was refused is on record too, in a transaction of its own.

        The caller is verified anew at the start, and again at the end if the feed has moved on
        since: from the allocation of positions on, every other commit waits for this one. So who
        took power away and was told that it holds will see no commit under that power (I1).

        Raises:
            Refused, Denied: it may do nothing any more.
            Conflict: what it may do has changed while this was done.
        """
        acts: list[Act] = []
        now = self.clock()
        try:
            with self.database.transaction(caller.organization, spare=True) as tx:
                caller, known_at = self._verify(caller, 0, origin.address)
                work = self._work(caller, origin, tx, now, acts)
                yield work
                self._follow_up(work)
                heads = outbox.advance(tx, events=len(work.events), entries=len(acts))
                before = heads.position - len(work.events)
                if known_at < before:
                    self._unchanged(caller, origin, before)
                outbox.append(tx, heads, work.events, now)
                work.entry = deed(acts, heads.audit_position, OPERATIONS)
                for keep in work.stamps:
                    keep(heads.position)
                write(tx, heads.audit_position, _entries(caller, origin, acts, micros(now)))
        except CounterfoilError as error:
            if acts:
                self._record(caller, origin, [undone(acts[-1], error.code)], now)
                error.recorded = True
            raise
        except SQLAlchemyError:
            self._journal.doubt()
            raise
        work.position = heads.position
        self.hear(Committed(heads.position, work.entry))
        if work.events:
            settle = settling(self.receipts, heads.position, work.events)
            self._committed(heads.position)
            self.settled = settle() or self.settled

    def _follow_up(self, work: Work) -> None:
        """Do what follows from what was said, and from what is said while that is done."""
        heard = 0, 0
        while heard != (len(work.events), len(work.news)):
            events, news = work.events[heard[0] :], work.news[heard[1] :]
            heard = len(work.events), len(work.news)
            for told in (*events, *news):
                self._follow(work, told)

    def _unchanged(self, caller: Caller, origin: Origin, position: int) -> None:
        now, _ = self._verify(caller, position, origin.address)
        if (now.user, now.grant, now.vouched_in) != (caller.user, caller.grant, caller.vouched_in):
            raise Conflict(Code.CONFLICT, "What you may do has changed meanwhile: ask again.")

    @contextmanager
    def read(
        self, caller: Caller, origin: Origin, noted: list[Act] | None = None
    ) -> Iterator[Work]:
        """See one state of the database; what was read goes on record within a second.

        What was refused is on record when this ends, as in `work`, also where a door goes on with
        the rest. Only what the office looks up for somebody who is not signed in waits: there a
        write would tell who exists. `noted` takes in what goes on record.
        """
        acts: list[Act] = []
        now = self.clock()
        try:
            with self.database.reading() as tx:
                work = self._work(caller, origin, tx, now, acts)
                work.reading = True
                yield work
        except CounterfoilError as error:
            error.recorded = bool(acts)
            raise
        finally:
            if noted is not None:
                noted += acts
            refused = [act for act in acts if act.outcome != ALLOWED]
            if refused and caller.method is not Method.SYSTEM:
                self._record(caller, origin, refused, now)
                acts = [act for act in acts if act.outcome == ALLOWED]
            self._journal.put(_entries(caller, origin, acts, micros(now)))

    def read_again(self, caller: Caller, origin: Origin, acts: Sequence[Act]) -> None:
        """Put on record that somebody was told again what would have been read."""
        self._journal.put(_entries(caller, origin, acts, in_micros(self.clock.seconds())))

    def _work(
        self, caller: Caller, origin: Origin, tx: Connection, now: datetime, acts: list[Act]
    ) -> Work:
        return Work(
            caller,
            origin,
            tx,
            now,
            self.entropy,
            self.prefix,
            acts=acts,
            is_full=self.database.is_full,
            vocabulary_of=self._vocabulary_of,
            lock_life_of=self._lock_life_of,
        )

    def admit(self, caller: Caller, doing: str) -> None:
        """Raise Denied if a caller may not try an operation at all: before its body is read."""
        OPERATIONS[doing].admit(caller, self.clock())

    def verify_again(self, caller: Caller, address: str | None) -> Caller:
        """Return who a caller is now: what they asked may have been long on its way.

        Without an address it is not asked from where they come.
        """
        return self._verify(caller, 0, address)[0]

    def refuse(self, caller: Caller, origin: Origin, doing: str, error: CounterfoilError) -> None:
        """Put a refusal on record that a door made before the operation could."""
        if not error.recorded:
            known = OPERATIONS.get(doing)
            act = Act(doing, origin.aim, error.code, known.surface if known else None)
            self._record(caller, origin, [act], self.clock())
            error.recorded = True

    def _record(self, caller: Caller, origin: Origin, acts: list[Act], now: datetime) -> None:
        entries = _entries(caller, origin, acts, micros(now))
        try:
            with self.database.transaction(NOBODY) as tx:
                heads = outbox.advance(tx, events=0, entries=len(acts))
                write(tx, heads.audit_position, entries)
        except SQLAlchemyError:
            self._journal.doubt()
            raise


def _entries(caller: Caller, origin: Origin, acts: Sequence[Act], at: int) -> list[Entry]:
    return [Entry(caller, origin, act, at) for act in acts]
