"""A gate whose office is the test: it says what is so, and the gate's own code decides."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Final, Literal, Self, TypeAlias

from msgspec import structs

from counterfoil.access.caller import Caller
from counterfoil.access.scope import EVERY_SCOPE, Scopes
from counterfoil.access.surface import ALL_SURFACES, Surface, surfaces
from counterfoil.feed.event import (
    CutOff,
    GrantRecord,
    MemberRecorded,
    NodePlaced,
    NodeRemoved,
    RouteRecord,
    SecretRecord,
    State,
    TokenRecorded,
    TokenStruck,
)
from counterfoil.gate.credential import BEARER
from counterfoil.gate.middleware_wsgi import Application, Gate
from counterfoil.gate.replica import Replica
from counterfoil.gate.verifier import Verifier
from counterfoil.gateway.books import Books
from counterfoil.kernel.clock import micros
from counterfoil.kernel.entropy import Entropy, system_entropy
from counterfoil.kernel.ids import NodeId
from counterfoil.middleware import opened
from counterfoil.secret import Kind, Secret
from counterfoil.testing.memory_office import BUILT_IN, MemoryOffice
from counterfoil.testing.movable_clock import MovableClock

PREFIX: Final = "cftest"
"""How tokens of tests begin: no server takes them for its own."""

USUAL_LIFETIME: Final = timedelta(days=30)

_MAP_BYTES: Final = 1 << 20
_KINDS: Final = {"personal": Kind.PERSONAL, "service": Kind.SERVICE, "session": Kind.SESSION}

Which: TypeAlias = Literal["personal", "service", "session"]
Face: TypeAlias = Literal["delivery", "preview", "management"]


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody with a role of their own."""

    user: int
    role: int


class MemoryGate:
    """A gate that knows what a test tells it.

    Args:
        clock: what time it is; it stands still unless it is moved.
        prefix: how tokens begin.
        entropy: where secrets come from.

    Attributes:
        verifier: what a program takes that verifies for itself.
        organization: the id of the one organization.
        admin: a member who may do everything, whose the tokens are that name nobody.
    """

    def __init__(
        self,
        *,
        clock: MovableClock | None = None,
        prefix: str = PREFIX,
        entropy: Entropy = system_entropy,
    ) -> None:
        self.clock = clock or MovableClock()
        self._prefix = prefix
        self._entropy = entropy
        self._folder = tempfile.TemporaryDirectory(prefix="counterfoil-gate-")
        self._replica = Replica(Path(self._folder.name) / "replica", map_bytes=_MAP_BYTES)
        self._replica.call(prefix)
        self._office = MemoryOffice(self._replica)
        self._tokens: dict[str, TokenRecorded] = {}
        self.verifier = Verifier(self._replica, self.clock, prefix, names=True)
        self.organization: Final = self._office.organization
        self.admin: Final = self._join(EVERY_SCOPE, ())

    # ------------------------------------------------------------------ people

    def member(self, *scopes: str) -> Member:
        """Let in somebody whose role holds these scopes: built-in ones, or an API's own."""
        return self._join(*self._office.split(scopes))

    def change(self, member: Member, *scopes: str) -> None:
        """Give a member's role these scopes instead; no token is touched by it."""
        self._office.role(member.role, *self._office.split(scopes))

    def deactivate(self, member: Member) -> None:
        """Deactivate a member: their tokens are refused."""
        self._office.tell(
            MemberRecorded,
            user=member.user,
            active=False,
            roles=(member.role,),
            cut_off=self._office.next_position,
        )

    def _join(self, mask: Scopes, custom: tuple[int, ...]) -> Member:
        member = Member(self._office.new_id(), self._office.new_id())
        self._office.role(member.role, mask, custom)
        self._office.tell(MemberRecorded, user=member.user, active=True, roles=(member.role,))
        return member

    # ------------------------------------------------------------------ tokens

    def token(
        self,
        *scopes: str,
        kind: Which = "personal",
        of: Member | None = None,
        roots: Iterable[str | NodeId] | None = None,
        at: Iterable[Face] | None = None,
        expires_in: timedelta | None = USUAL_LIFETIME,
        state: State = "active",
        name: str = "test",
    ) -> str:
        """Mint a token and return its secret.

        Args:
            scopes: what it may do, as far as its member's role holds it; none for all of that.
            kind: whose it is: somebody's, a machine's by that role, or a sign-in.
            of: whose role bounds it; the admin's if nobody is named.
            roots: paths below which it reaches, made if they are not there, or nodes; None for
                everywhere.
            at: the surfaces where it is let in; None for all.
            expires_in: how long it lives by `clock`; None for ever.
            state: `pending` and `disabled` ones are refused, and say so.
            name: what it is called.
        """
        secret = Secret.mint(_KINDS[kind], self._entropy, self._prefix)
        mask, custom = self._office.split(scopes) if scopes else (None, ())
        grant = GrantRecord(
            self.organization,
            state,
            mask,
            ALL_SURFACES if at is None else surfaces(*map(Surface, at)),
            None if roots is None else tuple(map(self._root, roots)),
            custom,
        )
        recorded = structs.replace(
            self._recorded(secret, kind, of or self.admin, grant),
            name=name,
            expires_at=None if expires_in is None else micros(self.clock() + expires_in),
        )
        self._tokens[secret.reveal()] = recorded
        self._office.put(recorded)
        return secret.reveal()

    def revoke(self, token: str) -> None:
        """Revoke a token: from now on it is unknown."""
        known = self._tokens.pop(token)
        digests = tuple(secret.digest for secret in known.secrets)
        self._office.put(
            TokenStruck(organization=known.organization, token=known.token, digests=digests)
        )

    def revoke_all(self) -> None:
        """Revoke every token that there is, but for sign-ins; what is minted later is good."""
        self._office.tell(CutOff, subject=self.organization, at=self._office.next_position)

    def disable(self, token: str) -> None:
        """Switch a token off."""
        self._switch(token, "disabled")

    def enable(self, token: str) -> None:
        """Switch a token on, also one that was pending."""
        self._switch(token, "active")

    def _recorded(
        self, secret: Secret, kind: Which, member: Member, grant: GrantRecord
    ) -> TokenRecorded:
        session, machine = kind == "session", kind == "service"
        return TokenRecorded(
            organization=None if session else self.organization,
            token=self._office.new_id(),
            letter=_KINDS[kind].value,
            name="",
            authority="role" if machine else "user",
            subject=member.role if machine else member.user,
            expires_at=None,
            position=self._office.next_position,
            secrets=(SecretRecord(secret.digest),),
            grants=() if session else (grant,),
            authenticated_at=micros(self.clock()) if session else None,
        )

    def _switch(self, token: str, state: State) -> None:
        known = self._tokens[token]
        grants = tuple(structs.replace(grant, state=state) for grant in known.grants)
        self._tokens[token] = structs.replace(known, grants=grants)
        self._office.put(self._tokens[token])

    # ------------------------------------------------------------------ the tree

    def node(self, path: str) -> NodeId:
        """Return the node at a path such as `/site/press`, made with all above it if need be."""
        return self._office.node(path)

    def _root(self, root: str | NodeId) -> NodeId:
        return self.node(root) if isinstance(root, str) else root

    def move(self, node: NodeId, under: str) -> None:
        """Let a node stand below another path; all below it comes along."""
        self._office.tell(NodePlaced, node=node, parent=self._office.node(under))

    def remove(self, node: NodeId) -> None:
        """Take a node away, with all below it."""
        self._office.tell(NodeRemoved, node=node)

    # ------------------------------------------------------------------ the API under test

    def route(
        self, method: str, path: str, scope: str, node: str = "", *, changes: bool = False
    ) -> None:
        """Say that the API lists this, as its table of routes will; what is not said is closed."""
        self._office.route(RouteRecord((method,), path, scope, node, changes))

    def resource(self, key: str, *, below: str = "") -> NodeId:
        """Return the node that the API calls so, for `node` of a route or a view and for roots."""
        return self._office.resource(key, below)

    @contextmanager
    def stand_in(self) -> Iterator[Self]:
        """Stand in for the gate of the host behind every middleware of this process.

        Whatever data directory and API an application names, it is this gate's verdict that it gets
        until the block is left.
        """
        folder = Path(self._folder.name)
        books = Books(self._replica, self.clock, folder / "follower.lock")
        try:
            with opened.instead(books, self._office.api):
                yield self
        finally:
            books.pace.close()

    # ------------------------------------------------------------------ asking

    def guard(self, application: Application, *, required: bool = True) -> Gate:
        """Return a WSGI application behind this gate, as it will stand behind the real one."""
        return Gate(application, self.verifier, required=required)

    def decide(
        self, token: str, scope: str, *, node: NodeId | None = None, at: Face = "delivery"
    ) -> Caller:
        """Return who presents a token, if they may do this there.

        Raises:
            CounterfoilError: as `Verifier.decide` and, for an API's own scope, `decide_custom` say.
        """
        environ = {"HTTP_AUTHORIZATION": f"{BEARER}{token}"}
        if scope in BUILT_IN:
            return self.verifier.decide(environ, Surface(at), BUILT_IN[scope], node)
        self._office.number(scope)
        return self.verifier.decide_custom(environ, scope)

    def close(self) -> None:
        """Give back what it holds."""
        self._replica.close()
        self._folder.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
