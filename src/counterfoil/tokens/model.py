"""A token, and the states that it passes through in each organization where it speaks.

    pending ──> active <──> disabled          revoked, denied and lapsed are final:
       │           └───────────┴──> revoked   nothing leads out of them (G11)
       └──> denied, lapsed, revoked

Expiry is no state: it is the clock passing `expires_at`. A token that speaks in one organization
has one grant; one that speaks in all of its owner's has a grant for each, with its own state (K13).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final, Literal, TypeAlias

from counterfoil.kernel.errors import Code, Conflict, NotFound
from counterfoil.kernel.ids import OrganizationId, TokenId, UserId
from counterfoil.kernel.sentence import sentence
from counterfoil.secret import Kind
from counterfoil.tokens.bounds import Bounds

Authority: TypeAlias = Literal["user", "role", "none", "token"]


class State(StrEnum):
    """What a token is in one organization."""

    PENDING = "pending"
    ACTIVE = "active"
    DISABLED = "disabled"
    REVOKED = "revoked"
    DENIED = "denied"
    LAPSED = "lapsed"


LIVE: Final = frozenset({State.PENDING, State.ACTIVE, State.DISABLED})
"""The states that the gates know, and that count in a quota (A6)."""

REMINDERS: Final = frozenset({1, 7, 30})
"""So many days before its end a token's owner is told, unless they choose otherwise."""


@dataclass(frozen=True, slots=True)
class TokenGrant:
    """What a token is and may do in one organization.

    Attributes:
        state: as it was last changed; `standing` is what that comes to.
        disabled_by: whoever switched it off there: what an admin switched off, its owner cannot
            switch on (A24).
        is_cut_off: whether its owner was shut out there since it was made, or every token ended.
        on_since: when it was approved or last switched on; None if it was on from the start.
    """

    organization: OrganizationId
    state: State
    bounds: Bounds
    disabled_by: UserId | None = None
    is_cut_off: bool = False
    on_since: datetime | None = None

    @property
    def standing(self) -> State:
        """What the token is there: what was cut off is revoked, and stays so (S20)."""
        return State.REVOKED if self.is_cut_off and self.state in LIVE else self.state


@dataclass(frozen=True, slots=True)
class Token:
    """Everything but the secret.

    Attributes:
        organization: its home; where a personal token was asked for.
        kind: PERSONAL, SERVICE (an API token), CLIENT (a key-and-secret pair) or EXCHANGED.
        owner: whose it is; None for what belongs to the organization.
        issuer: the user who made it, if a user did.
        issuer_token: the API token that made it, if one did; it goes when that one goes.
        authority: whose authority it takes: of the user, role or personal token `subject`, or
            nobody's.
        position: the feed's head when it was made, for cut-offs.
        predecessor: the token that it succeeds (X19).
        parent: the pair or personal token that it came from; it never outlives it.
        hardcoded_type: what a built-in token is for; None for those that somebody made.
        spans_all: whether it follows its owner into every organization, later ones too (K3).
        reminders: so many days before its end its holder is told; some of `REMINDERS`.
        hint: prefix and last four characters of its newest secret.
        revoked_position: from where in the feed on it is dead.
        is_sound: whether its rows are as we have written them. If not, somebody changed them in the
            database: then it counts as cut off everywhere, and nothing renews its seal.
    """

    id: TokenId
    organization: OrganizationId
    kind: Kind
    name: str
    authority: Authority
    subject: int | None
    position: int
    created_at: datetime
    grants: tuple[TokenGrant, ...]
    owner: UserId | None = None
    issuer: UserId | None = None
    issuer_token: TokenId | None = None
    description: str = ""
    expires_at: datetime | None = None
    predecessor: TokenId | None = None
    parent: TokenId | None = None
    hardcoded_type: str | None = None
    spans_all: bool = False
    reminders: frozenset[int] = REMINDERS
    hint: str | None = None
    revoked_at: datetime | None = None
    revoked_position: int | None = None
    version: int = 1
    is_sound: bool = True

    def grant_in(self, organization: OrganizationId) -> TokenGrant:
        """Return what it may do in this organization."""
        for grant in self.grants:
            if grant.organization == organization:
                return grant
        raise NotFound

    def state_in(self, organization: OrganizationId) -> State:
        """Return its state in this organization."""
        return self.grant_in(organization).standing

    @property
    def live_grants(self) -> tuple[TokenGrant, ...]:
        """The grants that a gate was told of, cut off or not: it knows the cut-offs itself."""
        return tuple(grant for grant in self.grants if grant.state in LIVE)

    @property
    def built_in(self) -> bool:
        """Whether its attributes are fixed (D7)."""
        return bool(self.hardcoded_type)

    def expired(self, now: datetime) -> bool:
        """Say whether the clock has passed its end: from that very instant on (X17)."""
        return self.expires_at is not None and now >= self.expires_at

    def in_force(self, organization: OrganizationId, now: datetime) -> bool:
        """Say whether a gate lets it in here now, whoever stands behind it."""
        grant = self.grant_in(organization)
        begun = grant.bounds.conditions.begun(now)
        return grant.standing is State.ACTIVE and begun and not self.expired(now)

    def changeable(self, organization: OrganizationId, now: datetime) -> TokenGrant:
        """Return its grant in this organization, if that may still change.

        Raises:
            Conflict: TOKEN_FINAL once it is revoked, denied, lapsed or expired (G11).
        """
        grant = self.grant_in(organization)
        if grant.standing not in LIVE:
            told = sentence(
                "The token is %(state)s; nothing changes that.", state=sentence(grant.standing)
            )
            raise Conflict(Code.TOKEN_FINAL, told)
        if self.expired(now):
            raise Conflict(Code.TOKEN_FINAL, "The token has expired; nothing changes that.")
        return grant

    def activated(
        self, here: OrganizationId, bounds: Bounds, expires_at: datetime | None, now: datetime
    ) -> Token:
        """Return it approved here, with what it was approved for."""
        within = replace(self, expires_at=expires_at, version=self.version + 1)
        return within.with_grant(TokenGrant(here, State.ACTIVE, bounds, on_since=now))

    def bounded(self, organization: OrganizationId, bounds: Bounds) -> Token:
        """Return it with other bounds here."""
        return self._moved(replace(self.grant_in(organization), bounds=bounds))

    def disabled(self, organization: OrganizationId, by: UserId | None) -> Token:
        """Return it switched off here."""
        grant = self.grant_in(organization)
        return self._moved(replace(grant, state=State.DISABLED, disabled_by=by))

    def enabled(self, organization: OrganizationId, now: datetime) -> Token:
        """Return it switched on here."""
        grant = self.grant_in(organization)
        return self._moved(replace(grant, state=State.ACTIVE, disabled_by=None, on_since=now))

    def closed(self, organization: OrganizationId, state: State) -> Token:
        """Return it denied, lapsed or revoked here."""
        return self._moved(replace(self.grant_in(organization), state=state))

    def revoked(self, now: datetime, position: int) -> Token:
        """Return it revoked wherever it is still live."""
        grants = tuple(
            replace(grant, state=State.REVOKED) if grant.state in LIVE else grant
            for grant in self.grants
        )
        return replace(
            self, grants=grants, revoked_at=now, revoked_position=position,
            version=self.version + 1,
        )  # fmt: skip

    def joined(self, grant: TokenGrant) -> Token:
        """Return it with a grant in one more organization."""
        grants = sorted((*self.grants, grant), key=lambda one: one.organization)
        return replace(self, grants=tuple(grants), version=self.version + 1)

    def with_grant(self, changed: TokenGrant) -> Token:
        """Return it with this grant in place of the one for the same organization."""
        grants = tuple(
            changed if grant.organization == changed.organization else grant
            for grant in self.grants
        )
        return replace(self, grants=grants)

    def _moved(self, changed: TokenGrant) -> Token:
        return replace(self.with_grant(changed), version=self.version + 1)
