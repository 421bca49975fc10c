"""A policy in words: what it says in each of its fields, and for whom the presets are."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from babel.units import format_unit

from counterfoil.directory.duration import parse
from counterfoil.directory.presets import PRESETS, Policy
from counterfoil.web.language import N_
from counterfoil.web.page import Visit
from counterfoil.web.views.policy_fields import FIELDS, Field

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
    if field.sort in {"scopes", "ranges"}:
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
