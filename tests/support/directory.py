"""A company with people in it, for the tests of the directory and of whatever hangs on it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from counterfoil import directory
from counterfoil.access.caller import Caller, Method
from counterfoil.access.grant import Grant
from counterfoil.access.role import Role
from counterfoil.access.roots import Roots
from counterfoil.access.scope import NO_SCOPES, Scope
from counterfoil.directory import Member
from counterfoil.directory.define_role import create_role
from counterfoil.directory.enroll import enroll
from counterfoil.directory.steps.admit import Newcomer
from counterfoil.feed.event import AnyEvent
from counterfoil.feed.outbox import read_after, read_head
from counterfoil.kernel.ids import OrganizationId, TokenId, UserId
from counterfoil.office import Office
from counterfoil.operation import Work
from counterfoil.signin import invite
from counterfoil.signin.accept import accept_invitation
from support.founding import bootstrap
from support.office import ORIGIN


class Company:
    """An organization that the operator founded, with one admin named Ada."""

    def __init__(self, office: Office, name: str = "Acme", preset: str = "default") -> None:
        self.office = office
        self.founded = bootstrap(
            office, organization=name, email=f"ada@{name.lower()}.test", name="Ada", preset=preset
        )
        self.id: OrganizationId = self.founded.organization.id
        self.ada: UserId = self.founded.admin.user.id
        self.root = self.founded.organization.root
        self.roles: dict[str, Role] = dict(self.founded.roles)

    def role(self, name: str, *scopes: Scope, roots: Roots = None) -> Role:
        """Make a custom role."""
        mask = NO_SCOPES
        for scope in scopes:
            mask |= scope.bit
        with self.operating() as work:
            self.roles[name] = create_role(work, name, mask, roots)
        return self.roles[name]

    def hire(self, name: str, *roles: str) -> UserId:
        """Enrol a person with these roles."""
        newcomer = Newcomer(name, f"{name.lower()}@people.test")
        with self.operating() as work:
            return enroll(work, newcomer, [self.roles[role].id for role in roles]).user.id

    def code_for(self, user: UserId) -> str:
        """Give somebody a one-time code as Ada, and return it."""
        with self.acting(self.ada) as work:
            return invite(work, user).code.reveal()

    def joins(self, user: UserId, other: Company) -> None:
        """Let a member accept the invitation of another organization, by its code."""
        code = other.code_for(user)
        with self.acting(user) as work:
            accept_invitation(work, other.id, code)

    def member(self, user: UserId) -> Member:
        """Return a member's present state."""
        with self.office.database.reading() as tx:
            return directory.member(tx, self.id, user)

    def caller(self, user: UserId, method: Method = Method.SESSION) -> Caller:
        """Return somebody with the power that they have now, as a gate would see them."""
        return Caller(
            self.id,
            user,
            method,
            Grant(self.member(user).terms),
            token=TokenId(user + 1),
            token_name="laptop",
            authenticated_at=self.office.clock(),
        )

    @contextmanager
    def operating(self) -> Iterator[Work]:
        """Work as the operator at the machine."""
        with self.office.work(directory.operator(self.id), ORIGIN) as work:
            yield work

    @contextmanager
    def acting(self, user: UserId, method: Method = Method.SESSION) -> Iterator[Work]:
        """Work as somebody."""
        with self.office.work(self.caller(user, method), ORIGIN) as work:
            yield work

    @contextmanager
    def looking(self, user: UserId, method: Method = Method.SESSION) -> Iterator[Work]:
        """Read as somebody."""
        with self.office.read(self.caller(user, method), ORIGIN) as work:
            yield work

    def head(self) -> int:
        """Return the feed's position."""
        with self.office.database.reading() as tx:
            return read_head(tx).position

    def events(self, after: int = 0) -> list[AnyEvent]:
        """Return what the gates were told since a position."""
        with self.office.database.reading() as tx:
            return [event for _, event in read_after(tx, after, 10_000)]
