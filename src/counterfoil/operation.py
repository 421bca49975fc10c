"""The one way to act: begin, permit, do, emit, record, commit.

    @operation("token.approve", requires=Scope.TOKENS_APPROVE)
    def approve(work: Work, id_: RequestId) -> Token: ...

    with office.work(caller, origin) as work:
        approve(work, id_)

Forgetting closes: an operation admits sessions alone unless it names other credential kinds, and
one that never asked for permission cannot commit. The one commit is here, and it holds the effect,
its events and its audit entry together (R14).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import wraps
from typing import Concatenate, Final, ParamSpec, TypeAlias, TypeVar

from sqlalchemy import Connection

from counterfoil.access.caller import Caller, Method, Origin
from counterfoil.access.roots import Lineage
from counterfoil.access.scope import Scope
from counterfoil.access.surface import Surface
from counterfoil.access.vocabulary import BUILT_IN_ONLY, Vocabulary
from counterfoil.audit.journal import Journal
from counterfoil.audit.record import Act, Entry, write
from counterfoil.feed import outbox
from counterfoil.feed.event import AnyEvent
from counterfoil.kernel import ids
from counterfoil.kernel.clock import Clock
from counterfoil.kernel.entropy import Entropy
from counterfoil.kernel.errors import Code, Conflict, CounterfoilError, Denied, Unserved
from counterfoil.kernel.ids import OrganizationId, UserId
from counterfoil.runtime.database import Database
from counterfoil.runtime.files import Files
from counterfoil.secret import DEFAULT_PREFIX, Kind, Secret

P = ParamSpec("P")
R = TypeVar("R")

SESSION_ONLY: Final = frozenset({Method.SESSION})
ANY_TOKEN: Final = frozenset({Method.PERSONAL, Method.SERVICE, Method.EXCHANGED})
ANY_CALLER: Final = SESSION_ONLY | ANY_TOKEN


@dataclass(frozen=True, slots=True)
class Operation:
    """What the reference, the audit log and the authorization matrix know about an operation.

    Attributes:
        requires: the scope it needs, or the name of one that a registered API brings along; None
            if the kind of credential is all that it asks.
        methods: the kinds of credential that it admits.
        surface: where a token must be let in; None for what every token may do of itself.
        owner: whether whoever owns the thing needs no scope. Where there is no scope to need, it
            is the owner's alone.
        reads: whether it changes nothing.
        fresh: whether a person must have proved lately who they are (S44).
        denies_with: the code with which other kinds of credential are denied.
    """

    name: str
    requires: Scope | str | None
    methods: AbstractSet[Method]
    surface: Surface | None
    owner: bool
    reads: bool
    fresh: bool
    denies_with: Code

    def admit(self, caller: Caller, now: datetime) -> None:
        """Return if a caller may try this at all, whatever it is done on.

        Raises:
            Denied: for the kind of its credential, the surface, or a scope that it holds nowhere;
                last, and only to whom the rest is open, for a proof that is too old.
        """
        if caller.method not in self.methods:
            raise Denied(
                self.denies_with, f"{self.name} is not open to a {caller.method} credential."
            )
        if self.surface is not None:
            caller.grant.admit(self.surface)
        if isinstance(self.requires, Scope) and not self.owner:
            caller.grant.hold(self.requires)
        if self.fresh:
            caller.proved_within(now)


OPERATIONS: Final[dict[str, Operation]] = {}
"""Every operation there is. The reference pages and the authorization matrix come from it."""

VocabularyOf: TypeAlias = Callable[[Connection, OrganizationId], Vocabulary]
"""Reads the scopes that an organization supports now."""


Verify: TypeAlias = Callable[[Caller, int], tuple[Caller, int]]
"""Verifies a caller anew, by what the gate of this host knows at a position of the feed or later.

It returns who they are now, and the position at which that was known.
"""


def at_their_word(caller: Caller, position: int) -> tuple[Caller, int]:
    """Believe whoever says who they are: for an office that only who opened it can reach."""
    return caller, position


def _nothing_follows(_work: Work, _told: AnyEvent) -> None:
    """Let an event be the end of it."""


def _built_in(_tx: Connection, _organization: OrganizationId) -> Vocabulary:
    return BUILT_IN_ONLY


@dataclass(slots=True)
class Work:
    """One caller, one transaction, one instant: all that an operation may depend on.

    `position` is the feed's head once the work is committed, and None before.
    """

    caller: Caller
    origin: Origin
    tx: Connection
    now: datetime
    entropy: Entropy
    prefix: str = DEFAULT_PREFIX
    reading: bool = False
    position: int | None = None
    acts: list[Act] = field(default_factory=list)
    events: list[AnyEvent] = field(default_factory=list)
    vocabulary_of: VocabularyOf = _built_in
    _current: Operation | None = None
    _asked: bool = False
    _target: str | None = None

    def permit(
        self, on: Lineage | None = None, *, owner: UserId | None = None, target: str | None = None
    ) -> None:
        """Raise unless the caller may do this operation there.

        Args:
            on: the lineage of the node that it is done on; None for things that stand in no tree.
            owner: whose the thing is, for operations in which that matters.
            target: what it is done on, for the audit trail (`tok_…`).
        """
        doing = self._doing()
        if doing.owner and doing.requires is None and owner is None:
            message = f"{doing.name} is its owner's alone, and never said whose the thing is"
            raise RuntimeError(message)
        self._asked = True
        self._target = target or self._target
        if doing.owner and owner is not None and owner == self.caller.user:
            return
        if doing.requires is None:
            if doing.owner:
                raise Denied(Code.INSUFFICIENT_ROLE, "Only its owner may do this.")
            return
        asked = doing.requires
        scope = self.vocabulary().scope(asked) if isinstance(asked, str) else asked
        if on is None:
            self.caller.grant.hold(scope)
        else:
            self.caller.grant.permit(scope, on)

    def emit(self, *events: AnyEvent) -> None:
        """Say what became true. The gates hear of it once this work is committed."""
        self._doing()
        self.events.extend(events)

    def head(self, *, hold: bool = False) -> int:
        """Return the feed's position; with `hold`, none comes after it before this commit."""
        return outbox.read_head(self.tx, hold=hold).position

    def vocabulary(self) -> Vocabulary:
        """Return the scopes that the caller's organization supports at this point of the work."""
        return self.vocabulary_of(self.tx, self.caller.organization)

    def new_id(self) -> int:
        """Draw an id for a new row."""
        return ids.new_id(self.entropy)

    def mint(self, kind: Kind) -> Secret:
        """Mint a secret with the prefix of this installation.

        What mints for people asks for a fresh proof of who they are: forgetting to closes.
        """
        doing = self._doing()
        if Method.SESSION in doing.methods and not doing.fresh:
            message = f"{doing.name} mints for people: say fresh=True"
            raise RuntimeError(message)
        return Secret.mint(kind, self.entropy, self.prefix)

    @contextmanager
    def performing(self, doing: Operation) -> Iterator[None]:
        """Hold the frame of one operation: admission first, one act at the end."""
        if self._current is not None:
            message = f"{self._current.name} calls {doing.name}: verbs do not call verbs"
            raise RuntimeError(message)
        if self.reading and not doing.reads:
            message = f"{doing.name} changes things: begin it with office.work"
            raise RuntimeError(message)
        self._current, self._asked, self._target = doing, False, self.origin.aim
        try:
            doing.admit(self.caller, self.now)
            yield
            if not self._asked:
                message = f"{doing.name} never asked for permission"
                raise RuntimeError(message)
            self.acts.append(Act(doing.name, self._target, surface=doing.surface))
        except CounterfoilError as error:
            self.acts.append(Act(doing.name, self._target, error.code, doing.surface))
            raise
        finally:
            self._current = None

    def _doing(self) -> Operation:
        if self._current is None:
            message = "this is said from within an operation"
            raise RuntimeError(message)
        return self._current


def operation(  # noqa: PLR0913 - one word for each question of the authorization matrix
    name: str,
    *,
    requires: Scope | str | None,
    methods: AbstractSet[Method] = SESSION_ONLY,
    surface: Surface | None = Surface.MANAGEMENT,
    owner: bool = False,
    reads: bool = False,
    fresh: bool = False,
    denies_with: Code = Code.CREDENTIAL_KIND_NOT_ADMITTED,
) -> Callable[[Callable[Concatenate[Work, P], R]], Callable[Concatenate[Work, P], R]]:
    """Make a function an operation: named, scoped, and unable to skip permission."""

    def decorate(
        function: Callable[Concatenate[Work, P], R],
    ) -> Callable[Concatenate[Work, P], R]:
        if name in OPERATIONS:
            message = f"operation {name!r} is already defined"
            raise TypeError(message)
        this = Operation(name, requires, methods, surface, owner, reads, fresh, denies_with)
        OPERATIONS[name] = this

        @wraps(function)
        def perform(work: Work, /, *args: P.args, **kwargs: P.kwargs) -> R:
            with work.performing(this):
                return function(work, *args, **kwargs)

        return perform

    return decorate


Follow: TypeAlias = Callable[[Work, AnyEvent], None]


class Office:
    """Where work begins: the database, the clock and the dice.

    `committed` is told the feed's new position after each commit that moved it, and returns when
    the gate on this host has taken it in: so whoever made the call knows that it holds (R1).

    `verify` asks the gate again who a caller is, within the transaction that acts for it (I1).

    `follow` is told each event before the commit, and does what follows from it in a higher slice
    than said it: in the same transaction, as operations of their own.

    `vocabulary_of` reads which scopes an organization supports: without it the built-in ones alone.

    `address` is the base URL at which others reach this server (`https://cms.example.com`). Without
    one it is reached from its own machine alone, by whichever name of loopback a request gives.
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
        vocabulary_of: VocabularyOf = _built_in,
        follow: Follow = _nothing_follows,
        prefix: str = DEFAULT_PREFIX,
        address: str = "",
        cursor_key: bytes | None = None,
        files: Files | None = None,
    ) -> None:
        self.database = database
        self._journal = journal
        self.clock = clock
        self.entropy = entropy
        self._committed = committed
        self._verify = verify
        self._vocabulary_of = vocabulary_of
        self._follow = follow
        self.prefix = prefix
        self.address = address.rstrip("/")
        self._cursor_key = cursor_key
        self._files = files

    @property
    def cursor_key(self) -> bytes:
        """The key under which cursors are sealed (S35): the same for all processes of a server.

        An office that was given none draws one for itself, and its cursors end with it.
        """
        if self._cursor_key is None:
            self._cursor_key = self.entropy(32)
        return self._cursor_key

    @property
    def files(self) -> Files:
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
            with self.database.transaction() as tx:
                caller, known_at = self._verify(caller, 0)
                work = self._work(caller, origin, tx, now, acts)
                yield work
                for told in tuple(work.events):
                    self._follow(work, told)
                heads = outbox.advance(tx, events=len(work.events), entries=len(acts))
                before = heads.position - len(work.events)
                if known_at < before:
                    self._unchanged(caller, before)
                outbox.append(tx, heads, work.events, now)
                entries = _entries(caller, origin, acts, now)
                write(tx, heads.audit_position, entries)
        except CounterfoilError as error:
            if acts:
                self._record(caller, origin, [replace(acts[-1], outcome=error.code)], now)
                error.recorded = True
            raise
        self._journal.saw(entries)
        work.position = heads.position
        if work.events:
            self._committed(heads.position)

    def _unchanged(self, caller: Caller, position: int) -> None:
        now, _ = self._verify(caller, position)
        if (now.user, now.grant) != (caller.user, caller.grant):
            raise Conflict(
                Code.CONFLICT, "What you may do has changed while this was done: ask again."
            )

    @contextmanager
    def read(self, caller: Caller, origin: Origin) -> Iterator[Work]:
        """See one state of the database; what was read goes on record within a second.

        What was refused is on record when this raises, as in `work`. Only what the office looks
        up for somebody who is not signed in waits: there a write would tell who exists.
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
            if acts and caller.method is not Method.SYSTEM:
                self._record(caller, origin, [acts.pop()], now)
            raise
        finally:
            self._journal.put(_entries(caller, origin, acts, now))

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
            vocabulary_of=self._vocabulary_of,
        )

    def admit(self, caller: Caller, doing: str) -> None:
        """Raise Denied if a caller may not try an operation at all: before its body is read."""
        OPERATIONS[doing].admit(caller, self.clock())

    def verify_again(self, caller: Caller) -> Caller:
        """Return who a caller is now: what they asked may have been long on its way."""
        return self._verify(caller, 0)[0]

    def refuse(self, caller: Caller, origin: Origin, doing: str, error: CounterfoilError) -> None:
        """Put a refusal on record that a door made before the operation could."""
        if not error.recorded:
            known = OPERATIONS.get(doing)
            act = Act(doing, origin.aim, error.code, known.surface if known else None)
            self._record(caller, origin, [act], self.clock())
            error.recorded = True

    def _record(self, caller: Caller, origin: Origin, acts: list[Act], now: datetime) -> None:
        with self.database.transaction() as tx:
            heads = outbox.advance(tx, events=0, entries=len(acts))
            entries = _entries(caller, origin, acts, now)
            write(tx, heads.audit_position, entries)
        self._journal.saw(entries)


def _entries(caller: Caller, origin: Origin, acts: list[Act], now: datetime) -> list[Entry]:
    return [Entry(caller, origin, act, now) for act in acts]
