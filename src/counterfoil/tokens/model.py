"""A token, and the states that it passes through in each organization where it speaks.

    pending ──> active <──> disabled          revoked, denied and lapsed are final:
       │           └───────────┴──> revoked   nothing leads out of them (G11)
       └──> denied, lapsed, revoked

Expiry is no state: it is the clock passing `expires_at`. A token that speaks in one organization
has one grant; one that speaks in all of its owner's has a grant for each, with its own state (K13).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final, Literal, TypeAlias

from counterfoil.access.conditions import NONE, Conditions
from counterfoil.access.grant import Grant, Term
from counterfoil.access.roots import Lineage, Roots, covers
from counterfoil.access.scope import EVERY_SCOPE, Scopes
from counterfoil.access.surface import ALL_SURFACES, Surfaces
from counterfoil.kernel.errors import Code, Conflict, NotFound
from counterfoil.kernel.ids import NodeId, OrganizationId, TokenId, UserId
from counterfoil.kernel.sentence import sentence
from counterfoil.secret import Kind

Authority: TypeAlias = Literal["user", "role", "none"]
LineageOf: TypeAlias = Callable[[NodeId], Lineage]


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
class Bounds:
    """What a token may do at most, whatever its authority has.

    Attributes:
        scopes: an explicit set, or None in scope mode `inherit`: all that the authority has (K2).
        roots: in and under these nodes; None for everywhere, empty for nowhere (S27).
        surfaces: where it is let in.
        ceiling: nodes in and under which it stays besides, wherever its roots move: those that were
            approved, if its roots were chosen below them since. None where they were not.
        conditions: from where, since when and how often it may be used.
    """

    scopes: Scopes | None = None
    roots: Roots = None
    surfaces: Surfaces = ALL_SURFACES
    ceiling: Roots = None
    conditions: Conditions = NONE

    def of(self, authority: tuple[Term, ...]) -> Grant:
        """Return what these bounds leave of an authority."""
        narrowed = Grant(authority).narrowed(
            scopes=EVERY_SCOPE if self.scopes is None else self.scopes,
            roots=self.roots,
            surfaces=self.surfaces,
            conditions=self.conditions,
        )
        return narrowed.narrowed(roots=self.ceiling)

    def under(self, present: Bounds) -> Bounds:
        """Return these bounds held to what is approved already, which no move of a node widens.

        A root that was chosen below an approved one may move away from it, or may have stood there
        for that choice alone.
        """
        if self.roots is None or present.roots is None:
            return self
        approved = present.roots if present.ceiling is None else present.ceiling
        return replace(self, ceiling=None if self.roots <= approved else approved)

    def within(self, other: Bounds, lineage: LineageOf) -> Bounds:
        """Return what both of these bounds let through."""
        return Bounds(
            scopes=_common(self.scopes, other.scopes),
            roots=_overlap(self.roots, other.roots, lineage),
            surfaces=self.surfaces & other.surfaces,
            conditions=self.conditions.meet(other.conditions),
        )

    def exceeds(self, other: Bounds, lineage: LineageOf) -> bool:
        """Say whether these bounds let through what the others do not, as their roots stand now.

        What `under` is for is left out: whether a move could change that.
        """
        if other.scopes is not None and (self.scopes is None or self.scopes & ~other.scopes):
            return True
        if self.surfaces & ~other.surfaces or not self.conditions.lies_inside(other.conditions):
            return True
        if other.roots is None or self.roots == other.roots:
            return False
        if self.roots is None:
            return True
        # A root that is nowhere may come back one day: only the same root is surely inside.
        areas = [other.roots] if other.ceiling is None else [other.roots, other.ceiling]
        return not all(
            root in area or covers(area, lineage(root)) for area in areas for root in self.roots
        )


@dataclass(frozen=True, slots=True)
class TokenGrant:
    """What a token is and may do in one organization.

    Attributes:
        state: as it was last changed; `standing` is what that comes to.
        disabled_by: whoever switched it off there: what an admin switched off, its owner cannot
            switch on (A24).
        is_cut_off: whether its owner was shut out there since it was made.
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
        authority: whose authority it takes: of the user or role `subject`, or nobody's.
        position: the feed's head when it was made, for cut-offs.
        predecessor: the token that it succeeds (X19).
        parent: the pair that it came from; it never outlives it.
        hardcoded_type: what a built-in token is for; None for those that somebody made.
        spans_all: whether it follows its owner into every organization, later ones too (K3).
        reminders: so many days before its end its holder is told; some of `REMINDERS`.
        hint: prefix and last four characters of its newest secret.
        revoked_position: from where in the feed on it is dead.
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


def _common(one: Scopes | None, other: Scopes | None) -> Scopes | None:
    if one is None or other is None:
        return other if one is None else one
    return one & other


def _overlap(one: Roots, other: Roots, lineage: LineageOf) -> Roots:
    """Return the roots of either that stand in or under those of the other."""
    if one is None or other is None:
        return other if one is None else one
    inner = {root for root in one - other if covers(other, lineage(root))}
    return one & other | inner | {root for root in other - one if covers(one, lineage(root))}
