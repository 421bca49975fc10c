"""Policies: what an organization allows its tokens, and the six presets to begin with (K10).

A preset is data. There is no code for a vendor: whoever asks what is allowed asks the policy.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, TypeAlias

from counterfoil.access.networks import Networks, networks

Approval: TypeAlias = Literal["all_but_admins", "everybody", "nobody"]
Second: TypeAlias = Literal["nothing", "writes", "everything"]
ScopeMode: TypeAlias = Literal["explicit", "inherit"]
Span: TypeAlias = Literal["one", "all"]
Authority: TypeAlias = Literal["role", "user"]
LeakAction: TypeAlias = Literal["notify", "disable", "revoke"]


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules of one organization. Durations are ISO 8601 in calendar terms (`P2Y`).

    Attributes:
        preset: the preset that it began as; its label shows in the pages, no rule asks for it.
        quota: how many personal tokens a user may have here; None for any number (A4, A6).
        approval: whose personal tokens somebody else must approve, whatever they may do (K8).
        approval_scopes: the scopes for which a personal token must be approved, whosever it is, by
            name; None for none.
        approval_writes: whether it must be for every scope that is not called `…:read`.
        approval_lifetime: a personal token that lives longer must be approved; None for no limit.
        approval_second: of what has to be approved, what two people must approve (S22).
        lifetime_max: the longest life of a token, an API token and a pair too; None for no limit
            (K1, G10).
        lifetime_ceiling: what `lifetime_max` may not exceed, whoever edits it (G10).
        lifetime_default: the life of a token whose request says nothing; None for no end.
        allow_no_expiration: whether a token, an API token and a pair too, may have no end.
        scope_mode_default: what a personal token gets whose request says nothing (K2).
        span: whether a personal token speaks in one organization or in all of its user's (K3).
        api_token_authority: what an API token takes its authority from by default (K5, K11).
        api_tokens_start_enabled: whether an API token works as soon as it is made (Q14).
        admins_only_api_tokens: whether the admin role alone manages API tokens (Q2).
        creations_per_hour: how many personal tokens a user may make in an hour; None for any.
        request_lapse: how long a request waits to be approved (A10b).
        management_limit: requests of one token per window on the management surface (D12).
        management_window_ms: that window, in milliseconds.
        delivery_rate: requests per second of one token on delivery and preview, and at a gate;
            None for no limit.
        audit_strict: whether a read goes on record before it is answered.
        regenerate_allowed: whether an API token's secret may be replaced under its id (K12).
        cascade: whether revoking an API token takes along what it minted (CONTRACT: minting).
        token_roles: the roles whose holders may have personal tokens, by id as text; None for
            everybody. It is asked at each use: a token whose owner holds none of them rests.
        ip_ranges: from where the organization's tokens may be used, whatever they say themselves,
            in the order of addresses; None for anywhere. Who is signed in is not bound by it.
        idle_days: after so many days without a use a token is switched off; None for never.
        lock_minutes: how long a lock on a node or an API token holds that nobody renews (Q14).
        exchange_allowed: whether a personal token may be exchanged for a narrower one (RFC 8693).
        leak_action: what becomes of a token that somebody who holds it reports as leaked (S15).
        provider_only: whether who is signed in enters only if an outside provider vouched for them.
            It is asked at each use; no token is bound by it.
        enforce_at: from when the limits hold for tokens that were made before, too; an instant that
            has passed says that this is under way. None if nothing is announced, and those live on
            as they were made, or if it is done.
        version: counts the changes.
    """

    preset: str = "default"
    quota: int | None = 5
    approval: Approval = "all_but_admins"
    approval_scopes: tuple[str, ...] | None = None
    approval_writes: bool = False
    approval_lifetime: str | None = None
    approval_second: Second = "nothing"
    lifetime_max: str | None = "P2Y"
    lifetime_ceiling: str | None = None
    lifetime_default: str | None = "P30D"
    allow_no_expiration: bool = False
    scope_mode_default: ScopeMode = "explicit"
    span: Span = "one"
    api_token_authority: Authority = "role"  # noqa: S105 - whose authority, no secret
    api_tokens_start_enabled: bool = True
    admins_only_api_tokens: bool = False
    creations_per_hour: int | None = None
    request_lapse: str = "P14D"
    management_limit: int = 30
    management_window_ms: int = 3_000
    delivery_rate: float | None = None
    audit_strict: bool = False
    regenerate_allowed: bool = True
    cascade: bool = True
    token_roles: tuple[str, ...] | None = None
    ip_ranges: tuple[str, ...] | None = None
    idle_days: int | None = None
    lock_minutes: int = 30
    exchange_allowed: bool = True
    leak_action: LeakAction = "disable"
    provider_only: bool = False
    enforce_at: datetime | None = None
    version: int = 1

    @property
    def limits(self) -> tuple[str | None, bool]:
        """What the end of every token is held to when it is made."""
        return self.lifetime_max, self.allow_no_expiration

    @property
    def networks(self) -> Networks | None:
        """The ranges of addresses from which tokens may be used; None for anywhere."""
        return None if self.ip_ranges is None else networks(self.ip_ranges)

    def is_enforced(self, now: datetime) -> bool:
        """Say whether tokens that were made before are coming under the limits right now."""
        return self.enforce_at is not None and self.enforce_at <= now


PRESETS: Final[dict[str, Policy]] = {
    "default": Policy(),
    "amplience": Policy(
        preset="amplience",
        lifetime_max=None,
        lifetime_default=None,
        allow_no_expiration=True,
        scope_mode_default="inherit",
    ),
    "datocms": Policy(
        preset="datocms",
        quota=None,
        approval="nobody",
        lifetime_max=None,
        lifetime_default=None,
        allow_no_expiration=True,
        scope_mode_default="inherit",
        cascade=False,
    ),
    "dx": Policy(
        preset="dx",
        quota=None,
        approval="nobody",
        lifetime_max=None,
        allow_no_expiration=True,
    ),
    "squiz": Policy(
        preset="squiz",
        quota=None,
        approval="nobody",
        lifetime_max=None,
        lifetime_default=None,
        allow_no_expiration=True,
        scope_mode_default="inherit",
        api_token_authority="user",  # noqa: S106 - whose authority, no secret
        api_tokens_start_enabled=False,
        admins_only_api_tokens=True,
        regenerate_allowed=False,
    ),
    "agility": Policy(
        preset="agility",
        quota=10,
        approval="nobody",
        lifetime_ceiling="P2Y",
        lifetime_default="P2Y",
        scope_mode_default="inherit",
        span="all",
        creations_per_hour=5,
    ),
}
"""Where an organization's policy may begin."""

CLOSED: Final = Policy(
    quota=0,
    approval="everybody",
    approval_second="everything",
    lifetime_max="P1D",
    lifetime_default="P1D",
    admins_only_api_tokens=True,
    creations_per_hour=0,
    audit_strict=True,
    api_tokens_start_enabled=False,
    regenerate_allowed=False,
    token_roles=(),
    ip_ranges=(),
    exchange_allowed=False,
    leak_action="revoke",
    provider_only=True,
)
"""What holds where nobody can say what was meant: no token is used from anywhere, none is made, and
who signs in comes by a provider."""
