"""The fields of a policy as its form has them: what each is called, and what may be chosen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from counterfoil.web.language import N_

Sort: TypeAlias = Literal[
    "count", "rate", "duration", "choice", "switch", "roles", "scopes", "ranges"
]


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a policy; `none` is what it is called to leave it empty, where one may."""

    name: str
    sort: Sort
    label: str
    help: str = ""
    none: str = ""
    options: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """Some fields under a heading."""

    title: str
    fields: tuple[Field, ...]


PARTS: Final = (
    Part(
        N_("Personal tokens"),
        (
            Field(
                "quota",
                "count",
                N_("Tokens for each person"),
                N_("Pending, active and disabled ones count."),
                N_("any number"),
            ),
            Field(
                "approval",
                "choice",
                N_("Who must ask for approval"),
                options=(
                    ("all_but_admins", N_("everybody but admins")),
                    ("everybody", N_("everybody")),
                    ("nobody", N_("nobody")),
                ),
            ),
            Field(
                "approval_scopes",
                "scopes",
                N_("What has to be approved, whoever asks"),
                N_(
                    "A token with one of the scopes that are ticked, admins' too; and one that may "
                    "do all that its owner may."
                ),
                N_("no scope as such"),
            ),
            Field(
                "approval_writes",
                "switch",
                N_("Whatever may change something has to be approved"),
                N_("Every scope but those called “…:read”, of registered APIs too."),
            ),
            Field(
                "approval_lifetime",
                "duration",
                N_("What lives longer has to be approved"),
                N_("A token without an end does. Any of these rules is enough."),
                N_("however long"),
            ),
            Field(
                "approval_second",
                "choice",
                N_("What two people have to approve"),
                N_(
                    "Of what has to be approved at all. It works when a second one has approved "
                    "what the first left of it."
                ),
                options=(
                    ("nothing", N_("nothing: one is enough")),
                    ("writes", N_("whatever may change something")),
                    ("everything", N_("everything")),
                ),
            ),
            Field(
                "token_roles",
                "roles",
                N_("Who may have personal tokens"),
                N_(
                    "Holders of the roles that are ticked; everybody, if none is. A token of "
                    "anybody else rests at once, and works again once its owner has such a role."
                ),
                N_("everybody"),
            ),
            Field(
                "request_lapse",
                "duration",
                N_("A request lapses after"),
                N_("Its place in the quota is free again then."),
            ),
            Field(
                "creations_per_hour",
                "count",
                N_("New tokens of a person within an hour"),
                none=N_("any number"),
            ),
            Field(
                "scope_mode_default",
                "choice",
                N_("What a token may do that says nothing of it"),
                options=(
                    ("explicit", N_("only the scopes that are ticked")),
                    ("inherit", N_("all that its owner may do")),
                ),
            ),
            Field(
                "span",
                "choice",
                N_("Where a token speaks that says nothing of it"),
                options=(
                    ("one", N_("in this organization")),
                    ("all", N_("in all organizations of its owner")),
                ),
            ),
            Field(
                "exchange_allowed",
                "switch",
                N_("A token may be exchanged for a narrower one"),
                N_("That one lives for an hour at most, and loses whatever the token loses."),
            ),
        ),
    ),
    Part(
        N_("How long tokens live"),
        (
            Field(
                "lifetime_max",
                "duration",
                N_("The longest life"),
                N_("Of API tokens and key-and-secret pairs too."),
                N_("no limit"),
            ),
            Field(
                "lifetime_default",
                "duration",
                N_("The life of a token that says nothing of it"),
                none=N_("no end"),
            ),
            Field(
                "allow_no_expiration",
                "switch",
                N_("A token may have no end"),
                N_("“No expiration” is offered where this is on."),
            ),
        ),
    ),
    Part(
        N_("API tokens"),
        (
            Field(
                "api_token_authority",
                "choice",
                N_("An API token takes its authority from"),
                options=(("role", N_("a role")), ("user", N_("a chosen user"))),
            ),
            Field("api_tokens_start_enabled", "switch", N_("It works as soon as it is made")),
            Field("admins_only_api_tokens", "switch", N_("Admins alone manage API tokens")),
            Field(
                "regenerate_allowed",
                "switch",
                N_("Its secret may be replaced under the same id"),
                N_("Where this is off, a successor is made instead."),
            ),
            Field(
                "cascade",
                "switch",
                N_("Who revokes one revokes what it made"),
            ),
        ),
    ),
    Part(
        N_("How people sign in"),
        (
            Field(
                "provider_only",
                "switch",
                N_("Only who signed in at a provider enters"),
                N_(
                    "At once, for everybody: a password or a passkey opens nothing here then. "
                    "Tokens go on. You have to have come by a provider yourself."
                ),
            ),
        ),
    ),
    Part(
        N_("Limits, leaks and records"),
        (
            Field(
                "leak_action",
                "choice",
                N_("When somebody reports a token as leaked"),
                N_(
                    "Whoever holds a token may report it without signing in. One that only stood "
                    "in an address here goes on, unless it is to be revoked."
                ),
                options=(
                    ("notify", N_("tell its owner and those who approve")),
                    ("disable", N_("switch it off, and tell them")),
                    ("revoke", N_("revoke it, and tell them")),
                ),
            ),
            Field(
                "ip_ranges",
                "ranges",
                N_("From where tokens may be used"),
                N_(
                    "One range a line, as 192.0.2.0/24 or 2001:db8::/32; empty for anywhere. It "
                    "holds at once, for every token here. Who is signed in is not bound by it."
                ),
                N_("anywhere"),
            ),
            Field(
                "idle_days",
                "count",
                N_("Days without a use until a token is switched off"),
                N_("Its holder is told, and can switch it on again. 90 is a good beginning."),
                N_("never"),
            ),
            Field(
                "management_limit",
                "count",
                N_("Requests of one token on the Management API"),
                N_("Within each window of the length below."),
            ),
            Field("management_window_ms", "count", N_("That window, in milliseconds")),
            Field(
                "delivery_rate",
                "rate",
                N_("Requests of one token in a second elsewhere"),
                none=N_("any number"),
            ),
            Field("lock_minutes", "count", N_("Minutes that an edit lock holds")),
            Field(
                "audit_strict",
                "switch",
                N_("A read is on record before it is answered"),
                N_("Slower; without it a crash may lose the last second of reads."),
            ),
        ),
    ),
)
"""All that an organization sets for itself, but for when it is enforced."""

FIELDS: Final = {field.name: field for part in PARTS for field in part.fields}
