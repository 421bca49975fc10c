"""The one way to act: permit, do, emit. `office.py` begins, records and commits.

    @operation("token.approve", requires=Scope.TOKENS_APPROVE)
    def approve(work: Work, id_: RequestId) -> Token: ...

    with office.work(caller, origin) as work:
        approve(work, id_)

Forgetting closes: an operation admits sessions alone unless it names other credential kinds, and
one that never asked for permission cannot commit. The one commit is in `office.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import wraps
from typing import Concatenate, Final, ParamSpec, TypeAlias, TypeVar

from sqlalchemy import Connection

from counterfoil.access.caller import Caller, Method, Origin
from counterfoil.access.roots import Lineage
from counterfoil.access.scope import Scope
from counterfoil.access.surface import Surface
from counterfoil.access.vocabulary import BUILT_IN_ONLY, Vocabulary
from counterfoil.audit.changes import NOTHING, Told
from counterfoil.audit.record import Act, with_changes
from counterfoil.feed import outbox
from counterfoil.feed.event import AnyEvent
from counterfoil.kernel import ids
from counterfoil.kernel.entropy import Entropy
from counterfoil.kernel.errors import Code, CounterfoilError, Denied
from counterfoil.kernel.ids import OrganizationId, UserId
from counterfoil.kernel.sentence import sentence
from counterfoil.runtime.noroom import no_room
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
        vital: whether room is kept for it (R11): it takes power away, or lets in who would.
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
    vital: bool
    denies_with: Code

    def admit(self, caller: Caller, now: datetime) -> None:
        """Return if a caller may try this at all, whatever it is done on.

        Raises:
            Denied: for the kind of its credential, the surface, or a scope that it holds nowhere;
                last, and only to whom the rest is open, for a proof that is too old.
        """
        if caller.method not in self.methods:
            told = sentence("%(operation)s admits no %(method)s credential.",
                            operation=self.name, method=caller.method)  # fmt: skip
            raise Denied(self.denies_with, told)
        if self.surface is not None:
            caller.grant.admit(self.surface)
        if isinstance(self.requires, Scope) and not self.owner:
            caller.grant.hold(self.requires)
        if self.fresh:
            caller.proved_within(now)


OPERATIONS: Final[dict[str, Operation]] = {}
"""Every operation there is. The reference pages and the authorization matrix come from it."""


def only_look() -> tuple[str, ...]:
    """Return the names of operations that change nothing. Ask late: each slice brings its own."""
    return tuple(sorted(name for name, one in OPERATIONS.items() if one.reads))


VocabularyOf: TypeAlias = Callable[[Connection, OrganizationId], Vocabulary]
"""Reads the scopes that an organization supports now."""

LockLifeOf: TypeAlias = Callable[[Connection, OrganizationId], timedelta]
"""Reads how long a lock holds in an organization."""


def usual_lock_life(_tx: Connection, _organization: OrganizationId) -> timedelta:
    """Let a lock hold as long as it does where nobody chose otherwise."""
    return timedelta(minutes=30)


def built_in(_tx: Connection, _organization: OrganizationId) -> Vocabulary:
    """Support no scope that a registered API brings along."""
    return BUILT_IN_ONLY


@dataclass(slots=True)
class Work:
    """One caller, one transaction, one instant: all that an operation may depend on.

    `is_full` says whether the disk is: then the first operation has to be a vital one. `position`
    (of the feed) and `entry` (of the trail) say where it stands once it is committed.
    """

    caller: Caller
    origin: Origin
    tx: Connection
    now: datetime
    entropy: Entropy
    prefix: str = DEFAULT_PREFIX
    reading: bool = False
    is_full: Callable[[], bool] = bool
    position: int | None = None
    entry: int | None = None
    acts: list[Act] = field(default_factory=list)
    events: list[AnyEvent] = field(default_factory=list)
    news: list[object] = field(default_factory=list)
    stamps: list[Callable[[int], None]] = field(default_factory=list)
    vocabulary_of: VocabularyOf = built_in
    lock_life_of: LockLifeOf = usual_lock_life
    _current: Operation | None = None
    _asked: bool = False
    _target: str | None = None
    _note: str | None = None
    _told: tuple[Told, ...] = NOTHING

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

    def aims_at(self, target: str) -> None:
        """Say what it is done on (`tok_…`), for the audit trail, where that has an id only now."""
        self._doing()
        self._target = target

    def note(self, text: str) -> None:
        """Have a remark of the caller's go on record with what is done. No secret is ever in it."""
        self._doing()
        self._note = text or None

    def changed(self, of: str, told: Callable[[], Told]) -> None:
        """Have on record what a thing was and is now, if it is what this is done on (`tok_…`)."""
        self._doing()
        if of == self._target:
            self._told = (*self._told, told())

    def emit(self, *events: AnyEvent) -> None:
        """Say what became true. The gates hear of it once this work is committed."""
        self._doing()
        self.events.extend(events)

    def announce(self, *news: object) -> None:
        """Say to higher slices alone what became true: no gate needs to hear of it."""
        self._doing()
        self.news.extend(news)

    def stamp(self, keep: Callable[[int], None]) -> None:
        """Have `keep` told the feed's position of this write: in its transaction, at the end."""
        self._doing()
        self.stamps.append(keep)

    def head(self, *, hold: bool = False) -> int:
        """Return the feed's position; with `hold`, none comes after it before this commit."""
        return outbox.read_head(self.tx, hold=hold).position

    def vocabulary(self) -> Vocabulary:
        """Return the scopes that the caller's organization supports at this point of the work."""
        return self.vocabulary_of(self.tx, self.caller.organization)

    def lock_life(self) -> timedelta:
        """Return how long a lock that is taken now holds in the caller's organization."""
        return self.lock_life_of(self.tx, self.caller.organization)

    def new_id(self) -> int:
        """Draw an id for a new row."""
        return ids.new_id(self.entropy)

    def mint(self, kind: Kind) -> Secret:
        """Mint a secret. What mints for people asks for a fresh proof of who they are."""
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
        if not (doing.vital or self.reading or self.acts) and self.is_full():
            raise no_room()
        self._current, self._asked, self._target = doing, False, self.origin.aim
        self._note, self._told = None, NOTHING
        try:
            doing.admit(self.caller, self.now)
            yield
            if not self._asked:
                message = f"{doing.name} never asked for permission"
                raise RuntimeError(message)
            act = Act(doing.name, self._target, surface=doing.surface, note=self._note)
            self.acts.append(with_changes(act, self._told) if self._told else act)
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
    vital: bool = False,
    denies_with: Code = Code.CREDENTIAL_KIND_NOT_ADMITTED,
) -> Callable[[Callable[Concatenate[Work, P], R]], Callable[Concatenate[Work, P], R]]:
    """Make a function an operation: named, scoped, and unable to skip permission."""

    def decorate(
        function: Callable[Concatenate[Work, P], R],
    ) -> Callable[Concatenate[Work, P], R]:
        if name in OPERATIONS:
            message = f"operation {name!r} is already defined"
            raise TypeError(message)
        this = Operation(name, requires, methods, surface, owner, reads, fresh, vital, denies_with)
        OPERATIONS[name] = this

        @wraps(function)
        def perform(work: Work, /, *args: P.args, **kwargs: P.kwargs) -> R:
            with work.performing(this):
                return function(work, *args, **kwargs)

        return perform

    return decorate
