"""What somebody wants of a token, as they said it: whatever is UNSET, they did not say."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from msgspec import UNSET, UnsetType

from counterfoil.access.conditions import Conditions, Rate
from counterfoil.access.networks import Networks
from counterfoil.access.roots import Roots
from counterfoil.access.scope import Scopes
from counterfoil.access.surface import Surfaces
from counterfoil.directory import Policy
from counterfoil.kernel.errors import Code, Invalid
from counterfoil.tokens.bounds import Bounds
from counterfoil.tokens.model import Authority

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Wish:
    """The wanted settings of a token.

    Attributes:
        inherit: scope mode `inherit` (True) or `explicit` (False).
        span_all: whether it shall speak in all organizations of its owner (K13).
        reminders: for personal tokens: so many days before its end its owner is told.
        authority: for API tokens and pairs: whose authority it takes.
        subject: the user or role that `authority` means.
        enabled: for API tokens: whether it works at once.
        networks: the addresses from which it may be used; None for any.
        rate: how often; None for as often as the organization allows.
        not_before: from when on; None from the start.
    """

    name: str | UnsetType = UNSET
    description: str | UnsetType = UNSET
    justification: str = ""
    inherit: bool | UnsetType = UNSET
    scopes: Scopes | UnsetType = UNSET
    roots: Roots | UnsetType = UNSET
    surfaces: Surfaces | UnsetType = UNSET
    expires_at: datetime | UnsetType | None = UNSET
    span_all: bool | UnsetType = UNSET
    reminders: frozenset[int] | UnsetType = UNSET
    authority: Authority | UnsetType = UNSET
    subject: int | UnsetType | None = UNSET
    enabled: bool | UnsetType = UNSET
    networks: Networks | UnsetType | None = UNSET
    rate: Rate | UnsetType | None = UNSET
    not_before: datetime | UnsetType | None = UNSET

    @property
    def names_bounds(self) -> bool:
        """Whether it says anything of what a token may do, be it what holds already."""
        said = (
            self.inherit, self.scopes, self.roots, self.surfaces,
            self.networks, self.rate, self.not_before,
        )  # fmt: skip
        return any(not isinstance(one, UnsetType) for one in said)

    def require_same_power(self) -> None:
        """Return if nothing is wanted but another name, another description, or another end.

        Raises:
            Invalid: INVALID_FIELD otherwise.
        """
        kept = Wish(name=self.name, description=self.description, expires_at=self.expires_at)
        if self != kept:
            raise Invalid(
                Code.INVALID_FIELD,
                "A pair keeps its power: make another, and revoke this one.",
                field="/data/attributes",
            )

    def bounds(self, before: Bounds, policy: Policy | None = None) -> Bounds:
        """Return the wanted bounds: what is not said stays as it was before.

        Args:
            before: of the token, or where a new one begins.
            policy: for a new personal token, whose default scope mode holds if none is said (K2).

        Raises:
            Invalid: INVALID_FIELD if scopes and scope mode contradict each other.
        """
        return Bounds(
            scopes=self._scopes(before, policy),
            roots=_or(self.roots, before.roots),
            surfaces=_or(self.surfaces, before.surfaces),
            ceiling=before.ceiling,
            conditions=self._conditions(before.conditions),
        )

    def _conditions(self, before: Conditions) -> Conditions:
        return Conditions(
            networks=_or(self.networks, before.networks),
            rate=_or(self.rate, before.rate),
            not_before=_or(self.not_before, before.not_before),
        )

    def _scopes(self, before: Bounds, policy: Policy | None) -> Scopes | None:
        if not isinstance(self.scopes, UnsetType):
            if self.inherit is True:
                raise Invalid(
                    Code.INVALID_FIELD,
                    "In scope mode inherit there is no list of scopes.",
                    field="/data/attributes/scopes",
                )
            return self.scopes
        if self.inherit is True:
            return None
        explicit = self.inherit is False or (
            policy is not None and policy.scope_mode_default == "explicit"
        )
        if explicit and before.scopes is None:
            raise Invalid(
                Code.INVALID_FIELD, "Choose at least one scope.", field="/data/attributes/scopes"
            )
        return before.scopes


def _or(said: T | UnsetType, before: T) -> T:
    return before if isinstance(said, UnsetType) else said
