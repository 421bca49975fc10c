"""A policy in words: what each of its fields is called, what it does, and what may be chosen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

from babel.units import format_unit

from counterfoil.directory.duration import parse
from counterfoil.directory.presets import PRESETS, Policy
from counterfoil.web.language import N_
from counterfoil.web.page import Visit

Sort: TypeAlias = Literal["count", "rate", "duration", "choice", "switch", "roles", "ranges"]
UNITS: Final[Mapping[str, str]] = {
    "D": N_("days"),
    "W": N_("weeks"),
    "M": N_("months"),
    "Y": N_("years"),
}
_SPELLED: Final = {
    "D": "duration-day",
    "W": "duration-week",
    "M": "duration-month",
    "Y": "duration-year",
}


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

TABLE: Final = (
    "quota",
    "approval",
    "lifetime_max",
    "allow_no_expiration",
    "scope_mode_default",
    "span",
    "api_token_authority",
    "api_tokens_start_enabled",
)
"""The fields by which presets are told apart (K10)."""

TAKEN: Final = {
    "default": N_("no habits yet: a quota, approval, and an end for every token"),
    "amplience": N_("a name is enough to ask; admins approve"),
    "datocms": N_("programs hold tokens with roles, for ever"),
    "dx": N_("people choose scopes, nobody approves"),
    "squiz": N_("admins make tokens that speak for a chosen user"),
    "agility": N_("one token in all organizations, for two years"),
}
"""For whom each preset is."""


def spelled(
    visit: Visit, field: Field, policy: Policy, roles: Mapping[str, str] = MappingProxyType({})
) -> str:
    """Return in words what a policy says in a field; `roles` says how they are called, by id."""
    value = getattr(policy, field.name)
    if value is None:
        return visit.say(field.none)
    if field.sort == "switch":
        return visit.say(N_("yes")) if value else visit.say(N_("no"))
    if field.sort == "choice":
        return visit.say(dict(field.options).get(value, value))
    if field.sort == "roles":
        return ", ".join(sorted(roles.get(one, one) for one in value))
    if field.sort == "ranges":
        return ", ".join(value)
    return length(visit, value) if field.sort == "duration" else f"{value:g}"


def length(visit: Visit, duration: str) -> str:
    """Return a duration in words: `2 years`; one of several units as it is written."""
    parts = halves(duration)
    if parts is None:
        return duration
    number, unit = parts
    return format_unit(number, _SPELLED[unit], locale=visit.language)


def halves(duration: str) -> tuple[int, str] | None:
    """Return number and unit of a duration in one unit; None for one in several."""
    parse(duration)
    number, unit = duration[1:-1], duration[-1]
    return (int(number), unit) if number.isdigit() else None


def presets(visit: Visit) -> list[tuple[str, str, list[str]]]:
    """Return each preset with whom it is for, and what it says in the fields of the table."""
    return [
        (name, TAKEN[name], [spelled(visit, FIELDS[one], preset) for one in TABLE])
        for name, preset in PRESETS.items()
    ]
