"""What the directory allows: pure rules that raise."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields, replace
from datetime import datetime
from itertools import chain, count
from typing import Any, Final

from counterfoil.access.grant import Term, lie_inside
from counterfoil.access.roots import Lineage
from counterfoil.access.vocabulary import Vocabulary
from counterfoil.directory.duration import fits
from counterfoil.directory.model import FOLDABLE, FOLDED_EMAIL, FOLDED_NAME, Member, fold
from counterfoil.directory.presets import PRESETS, Policy
from counterfoil.kernel.errors import Code, Conflict, Denied, Invalid
from counterfoil.kernel.ids import NodeId
from counterfoil.kernel.sentence import sentence
from counterfoil.kernel.text import is_name

NAME_CHARS: Final = 200
_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+")
_LONGEST: Final = "P100Y"
_AT: Final = "/data/attributes/"

_BOUNDS: Final = {
    "quota": (0, 1_000),
    "creations_per_hour": (0, 10_000),
    "management_limit": (1, 100_000),
    "management_window_ms": (100, 3_600_000),
    "delivery_rate": (0.01, 1_000_000),
    "lock_minutes": (1, 10_080),
    "idle_days": (1, 3_650),
}
_LISTS: Final = ("approval_scopes", "token_roles", "ip_ranges")
_OWN: Final = (
    *_LISTS, "approval_writes", "approval_lifetime", "approval_second", "idle_days",
)  # fmt: skip
_DURATIONS: Final = ("lifetime_max", "lifetime_default", "request_lapse", "approval_lifetime")


def proper_name(text: str) -> str:
    """Return a name without the space around it, or raise Invalid."""
    name = text.strip()
    fits_in = 0 < len(name) <= NAME_CHARS and len(fold(name)) <= FOLDED_NAME
    if not fits_in or not is_name(name):
        raise Invalid(
            Code.INVALID_FIELD,
            sentence("A name has 1 to %(most)s characters, and each can be seen.", most=NAME_CHARS),
            field=f"{_AT}name",
        )
    return name


def name_of_copy(name: str, taken: Iterable[str]) -> str:
    """Return a name for a copy of what has this name, which nothing beside it has."""
    used = {fold(one) for one in taken}
    ends = chain((" (copy)",), (f" (copy {number})" for number in count(2)))
    copies = (f"{name[: NAME_CHARS - len(end)]}{end}" for end in ends)
    return proper_name(next(copy for copy in copies if fold(copy) not in used))


def proper_email(text: str) -> str:
    """Return an e-mail address without the space around it, or raise Invalid."""
    email = text.strip()
    too_long = len(email) > FOLDABLE or len(fold(email)) > FOLDED_EMAIL
    if too_long or not email.isprintable() or not _EMAIL.fullmatch(email):
        raise Invalid(Code.INVALID_FIELD, "This is not an e-mail address.", field=f"{_AT}email")
    return email


def require_own_power(
    held: Iterable[Term],
    asked: Iterable[Term],
    lineage: Callable[[NodeId], Lineage],
    words: Vocabulary,
) -> None:
    """Return if whoever holds these terms may hand out, take away or change the asked ones.

    Raises:
        Denied: INSUFFICIENT_ROLE. Nobody makes anybody more powerful than themselves, nor
            touches who is.
    """
    owned, wanted = tuple(held), tuple(asked)
    if lie_inside(wanted, owned, lineage):
        return
    missing = 0
    for term in wanted:
        if not lie_inside((term,), owned, lineage):
            missing |= term.scopes
    raise Denied(
        Code.INSUFFICIENT_ROLE,
        "This reaches further than your own roles do.",
        meta={"scopes": list(words.spell(missing))},
    )


def require_admin_left(before: Member, then: Member, others: int) -> None:
    """Return if the organization still has an admin when a member has changed like this.

    Raises:
        Conflict: LAST_ADMIN.
    """
    if before.is_admin and not then.is_admin and not others:
        raise Conflict(
            Code.LAST_ADMIN, "This is the last active admin: make somebody else one first."
        )


def preset_named(name: str) -> Policy:
    """Return a preset, or raise Invalid."""
    if name not in PRESETS:
        raise Invalid(
            Code.INVALID_FIELD,
            sentence("The presets are %(presets)s.", presets=", ".join(PRESETS)),
            field=f"{_AT}preset",
        )
    return PRESETS[name]


def begun_again(before: Policy, preset: str) -> Policy:
    """Return a preset in the place of a policy, or raise Invalid.

    Of what is the organization's own no preset knows, so that stays: whoever takes another preset
    does not open by it what was closed to all but some roles and networks, or what is approved;
    and a demand for a provider stays, or comes with a preset that makes it.
    """
    own: dict[str, Any] = {name: getattr(before, name) for name in _OWN}
    begun = preset_named(preset)
    own["provider_only"] = before.provider_only or begun.provider_only
    return replace(begun, version=before.version, enforce_at=before.enforce_at, **own)


def within_bounds(policy: Policy) -> Policy:
    """Return a policy whose figures and durations can be, or raise Invalid naming the field."""
    for name, (lowest, highest) in _BOUNDS.items():
        figure = getattr(policy, name)
        if figure is not None and not (math.isfinite(figure) and lowest <= figure <= highest):
            raise _field(
                name,
                sentence(
                    "This lies outside %(lowest)s to %(highest)s.", lowest=lowest, highest=highest
                ),
            )
    for name in _DURATIONS:
        _at_most(policy, name, _LONGEST)
    for name in _LISTS:
        if getattr(policy, name) == ():
            raise _field(name, sentence("Name at least one, or null where there is no such rule."))
    return policy


def sound(policy: Policy) -> Policy:
    """Return a policy whose fields go together, or raise Invalid naming the one that does not."""
    _at_most(policy, "lifetime_max", policy.lifetime_ceiling)
    _at_most(policy, "lifetime_default", policy.lifetime_max)
    for name, wrong in _contradictions(policy):
        raise _field(name, wrong)
    return policy


def require_due(policy: Policy, now: datetime) -> None:
    """Return if it was announced that the limits hold for every token by now.

    Raises:
        Conflict: if it was not, or is withdrawn.
    """
    if not policy.is_enforced(now):
        raise Conflict(Code.CONFLICT, "Nothing is announced for now.")


def _contradictions(policy: Policy) -> Iterator[tuple[str, str]]:
    if policy.lifetime_ceiling and not policy.lifetime_max:
        yield (
            "lifetime_max",
            sentence("This needs a limit of %(limit)s or less.", limit=policy.lifetime_ceiling),
        )
    if policy.lifetime_ceiling and policy.allow_no_expiration:
        yield (
            "allow_no_expiration",
            sentence("Every token ends within %(limit)s here.", limit=policy.lifetime_ceiling),
        )
    if policy.lifetime_default is None and not policy.allow_no_expiration:
        yield "lifetime_default", sentence("Where every token ends, there must be a default.")


def _at_most(policy: Policy, name: str, within: str | None) -> None:
    duration = getattr(policy, name)
    if duration is None:
        return
    try:
        short = fits(duration, within or _LONGEST)
    except Invalid as error:
        raise _field(name, error.sentence) from None
    if not short:
        raise _field(name, sentence("This may be longer than %(limit)s.", limit=within or _LONGEST))


def _field(name: str, why: str) -> Invalid:
    return Invalid(Code.INVALID_FIELD, why, field=f"{_AT}{name}")


PRESCRIBED: Final = frozenset({"preset", "lifetime_ceiling", "version"})
EDITABLE: Final = tuple(field.name for field in fields(Policy) if field.name not in PRESCRIBED)
"""The fields of a policy that an organization sets for itself."""
