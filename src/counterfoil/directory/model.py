"""Who there is: organizations, users, and the memberships that join the two."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal, TypeAlias

from counterfoil.access.grant import Term
from counterfoil.access.role import Role
from counterfoil.kernel.ids import NodeId, OrganizationId, RoleId, UserId

ADMIN: Final = "admin"
FOLDABLE: Final = 254
"""The longest that a name or an e-mail address may be."""
FOLDED_NAME: Final = 600
FOLDED_EMAIL: Final = 508
UserKind: TypeAlias = Literal["person", "service"]


def fold(text: str) -> str:
    """Return the form in which two spellings of one name or e-mail address are the same.

    It may be many times as long as the text: one letter of Arabic becomes eighteen. What is longer
    than any name or address stays as it is, for it names nobody, and normalizing takes a time that
    grows with the square of the length.
    """
    if len(text) > FOLDABLE:
        return text
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


@dataclass(frozen=True, slots=True)
class Organization:
    """Whoever shares content, people and tokens. `root` is the top node of its tree."""

    id: OrganizationId
    name: str
    root: NodeId
    created_at: datetime


@dataclass(frozen=True, slots=True)
class User:
    """Somebody, across all organizations.

    Attributes:
        email: as it was typed, and unique whatever its case; None for a service user.
        active: whether they may come in anywhere.
        kind: a service user lends API tokens its authority and can never sign in.
        cut_off: personal credentials made at or before this position of the feed are dead.
        held_since: the feed's head when the account last came into the hands of whoever has it now;
            tokens made before may be somebody else's, and follow into no further organization.
        is_sound: whether their row is as we have written it. If not, somebody changed it in the
            database: then they are not active, and no state is made of it before they are shut out.
    """

    id: UserId
    email: str | None
    name: str
    active: bool = True
    kind: UserKind = "person"
    cut_off: int = 0
    held_since: int = 0
    version: int = 1
    is_sound: bool = True

    def handed_over(self, at: int) -> User:
        """Return the user after the account went into new hands, or may have."""
        return replace(self, held_since=at)

    def deactivated(self, at: int) -> User:
        """Return the user shut out everywhere; what they made up to `at` is dead for good."""
        version = self.version + 1
        return replace(self, active=False, cut_off=at, version=version, is_sound=True)

    def reactivated(self) -> User:
        """Return the user let in again. Nothing that was cut off comes back (S20)."""
        return replace(self, active=True, version=self.version + 1)


@dataclass(frozen=True, slots=True)
class Member:
    """A user's place in one organization.

    Attributes:
        roles: what they hold, in the order of the ids.
        enabled: whether the membership itself is in force.
        user_active: whether the user is.
        own_cut_off: the cut-off of this very place, as the gates are told it.
        user_cut_off: the one of the user, wherever they are.
        ended_at: when the membership ended; the row stays, for its cut-off.
        invited_as: what whoever invites calls a person who has not accepted yet; until then the
            membership gives nothing, counts nowhere and tells nothing of the person.
        is_sound: whether it is as we have written it. If not, somebody changed it in the database:
            then it is not enabled and has no roles, and no state is made of it before it is cut.
    """

    organization: OrganizationId
    user: UserId
    roles: tuple[Role, ...]
    enabled: bool
    joined_at: datetime
    user_active: bool = True
    own_cut_off: int = 0
    user_cut_off: int = 0
    ended_at: datetime | None = None
    version: int = 1
    invited_as: str | None = None
    is_sound: bool = True

    @property
    def joined(self) -> bool:
        """Whether it is a membership and no mere invitation."""
        return self.ended_at is None and self.invited_as is None

    @property
    def invited(self) -> bool:
        """Whether they may come in as soon as they accept."""
        waits = self.ended_at is None and self.invited_as is not None
        return waits and self.enabled and self.user_active

    @property
    def cut_off(self) -> int:
        """Up to which position of the feed their credentials are dead here: the later one (S20)."""
        return max(self.own_cut_off, self.user_cut_off)

    @property
    def active(self) -> bool:
        """Whether they may do anything here now."""
        return self.enabled and self.user_active and self.joined

    @property
    def held(self) -> tuple[Term, ...]:
        """What their roles allow, be they here or away: what they can do again once they return."""
        return tuple(role.term for role in self.roles)

    @property
    def terms(self) -> tuple[Term, ...]:
        """What they may do here now: one term for each role, and none when inactive."""
        return self.held if self.active else ()

    @property
    def is_admin(self) -> bool:
        """Whether they hold the built-in admin role, and may use it now."""
        return self.active and any(role.built_in and role.name == ADMIN for role in self.roles)

    @property
    def role_ids(self) -> tuple[RoleId, ...]:
        """The ids of their roles, in order."""
        return tuple(sorted(role.id for role in self.roles))

    def assigned(self, roles: tuple[Role, ...]) -> Member:
        """Return the member with these roles instead."""
        if {role.id for role in roles} == set(self.role_ids):
            return self
        return replace(self, roles=roles, version=self.version + 1)

    def deactivated(self, at: int) -> Member:
        """Return the member shut out here; what they made up to `at` is dead for good."""
        if not self.enabled and self.is_sound:
            return self
        return replace(self.cut(at), enabled=False, user_active=self.user_active)

    def reactivated(self) -> Member:
        """Return the member let in again. Nothing that was cut off comes back (S20)."""
        if self.enabled:
            return self
        return replace(self, enabled=True, version=self.version + 1)

    def ended(self, at: int, now: datetime) -> Member:
        """Return the membership over: no roles, and nothing left of what was made up to `at`.

        Of who never accepted nothing is told afterwards either.
        """
        return replace(
            self,
            roles=(),
            enabled=False,
            own_cut_off=at,
            ended_at=now,
            version=self.version + 1,
            is_sound=True,
        )

    def cut(self, at: int) -> Member:
        """Return the member after their user was shut out everywhere."""
        version = self.version + 1
        return replace(self, user_active=False, own_cut_off=at, version=version, is_sound=True)

    def restored(self) -> Member:
        """Return the member after their user was let in again."""
        return replace(self, user_active=True)

    def accepted(self, now: datetime) -> Member:
        """Return the membership that an invitation becomes when the person says yes."""
        return replace(self, invited_as=None, joined_at=now, version=self.version + 1)

    def rejoined(
        self, roles: tuple[Role, ...], now: datetime, invited_as: str | None = None
    ) -> Member:
        """Return a membership that begins again; its cut-off stays."""
        return replace(
            self,
            roles=roles,
            enabled=True,
            ended_at=None,
            invited_as=invited_as,
            joined_at=now,
            version=self.version + 1,
        )


@dataclass(frozen=True, slots=True)
class SavedQuery:
    """A filter of the audit trail that a person keeps under a name, in one organization.

    `asks` is what it filters by, as the address of the page says it: `{"outcome": "allowed"}`.
    """

    name: str
    asks: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Person:
    """A member together with who they are: what a list of users shows.

    Of who has not accepted yet they are called, and reached, by no more than their inviter said:
    what an account of another organization is called is nobody's business here.
    """

    user: User
    member: Member

    @property
    def name(self) -> str:
        """What they are called here."""
        return self.member.invited_as or self.user.name

    @property
    def email(self) -> str | None:
        """How they are reached; None for a service user."""
        email = self.user.email
        return fold(email) if email and self.member.invited_as else email
