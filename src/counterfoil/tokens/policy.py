"""The rules for tokens: pure functions that return what holds, or raise.

They ask the policy of the organization and never which preset it began as (K10).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from msgspec import UnsetType

from counterfoil.access.grant import Grant, Term
from counterfoil.access.roots import Roots, covers
from counterfoil.access.scope import Scopes
from counterfoil.access.vocabulary import Vocabulary
from counterfoil.directory.duration import after
from counterfoil.directory.presets import Policy
from counterfoil.kernel.errors import Code, Conflict, Invalid
from counterfoil.kernel.sentence import sentence
from counterfoil.kernel.text import is_name, is_prose, shows
from counterfoil.tokens.bounds import LineageOf

NAME_CHARS: Final = 100
TEXT_CHARS: Final = 500
EXPIRATION_DAYS: Final = (7, 30, 60, 90)

_ATTRIBUTES: Final = "/data/attributes"


def named(name: str) -> str:
    """Return a name as it is kept: it can be seen, on one line, at most 100 characters (A2, G12f).

    Names need not differ: a list tells tokens apart by id and time of creation (A20).
    """
    kept = name.strip()
    if not shows(kept):
        raise _wrong("name", sentence("A token needs a name that says where it is used."))
    if len(kept) > NAME_CHARS:
        raise _wrong("name", sentence("A name has at most %(most)s characters.", most=NAME_CHARS))
    if not is_name(kept):
        raise _wrong(
            "name", sentence("A name stands on one line, and each of its characters can be seen.")
        )
    return kept


def remark(text: str, field: str) -> str:
    """Return a description, justification or reason as it is kept: at most 500 characters.

    Of one that shows nothing, nothing is kept.
    """
    kept = text.strip() if shows(text) else ""
    if len(kept) > TEXT_CHARS:
        raise _wrong(field, sentence("This has at most %(most)s characters.", most=TEXT_CHARS))
    if not is_prose(kept):
        raise _wrong(
            field,
            sentence("This has characters that cannot be read, or that turn the others round."),
        )
    return kept


def require_quota(policy: Policy, held: int, made: int) -> None:
    """Return if one more personal token has room (A4, S23).

    Args:
        policy: of the organization.
        held: how many count in the quota now.
        made: how many were made within the last hour.

    Raises:
        Conflict: TOKEN_QUOTA_EXCEEDED, naming limit and count.
    """
    if policy.quota is not None and held >= policy.quota:
        raise Conflict(
            Code.TOKEN_QUOTA_EXCEEDED,
            sentence(
                "You have %(held)s of %(quota)s personal tokens in this organization.",
                held=held,
                quota=policy.quota,
            ),
            meta={"limit": policy.quota, "count": held},
        )
    limit = policy.creations_per_hour
    if limit is not None and made >= limit:
        raise Conflict(
            Code.TOKEN_QUOTA_EXCEEDED,
            sentence(
                "You have made %(made)s personal tokens within an hour; %(limit)s are allowed.",
                made=made,
                limit=limit,
            ),
            meta={"limit": limit, "count": made, "window": "PT1H"},
        )


def ends_at(
    policy: Policy,
    asked: datetime | UnsetType | None,
    now: datetime,
    latest: datetime | None = None,
) -> datetime | None:
    """Return when a new token ends; None for never (K1, S24, CONTRACT: policy).

    Args:
        policy: of the organization.
        asked: the wish: an instant, None for no end, or nothing said.
        now: when the token is made.
        latest: when the credential that makes it ends; it makes none that outlives it.

    Raises:
        Invalid: INVALID_FIELD for the past, LIFETIME_ABOVE_POLICY for what is too late.
    """
    if isinstance(asked, UnsetType):
        asked = None if policy.lifetime_default is None else after(now, policy.lifetime_default)
        asked = _earlier(asked, latest)
    limit = policy.lifetime_max
    if latest is not None and asked != _earlier(asked, latest):
        raise _too_long(sentence("A token makes none that outlives it."), limit)
    if asked is None:
        if not policy.allow_no_expiration:
            raise _too_long(sentence("Here every token must end one day."), limit)
    elif asked <= now:
        raise _wrong("expires_at", sentence("A token ends in the future."))
    elif limit is not None and asked > after(now, limit):
        raise _too_long(sentence("Here no token lives longer than %(limit)s.", limit=limit), limit)
    return asked


def ends_earlier(
    present: datetime | None, asked: datetime | None, now: datetime
) -> datetime | None:
    """Return a new end that comes no later than the present one (X16, G11).

    Raises:
        Invalid: EXPIRATION_CANNOT_BE_EXTENDED for a later end or none; INVALID_FIELD for the past.
    """
    if asked != _earlier(asked, present):
        raise Invalid(
            Code.EXPIRATION_CANNOT_BE_EXTENDED,
            "A token never lives longer than it was made for. Make a successor.",
            field=f"{_ATTRIBUTES}/expires_at",
        )
    if asked is not None and asked <= now:
        raise _wrong("expires_at", sentence("To end a token now, revoke it."))
    return asked


def require_scopes(
    asked: Scopes | None,
    roots: Roots,
    held: tuple[Term, ...],
    at: LineageOf,
    words: Vocabulary,
) -> None:
    """Return if each scope that is asked for is held by a term that reaches into the roots (X4).

    A scope that the organization supports no longer is held by nobody (X5).

    Raises:
        Invalid: SCOPE_ABOVE_ROLE, naming the scopes.
    """
    if asked is None:
        return
    if not asked:
        raise _wrong("scopes", sentence("Choose at least one scope."))
    above = asked & ~grantable(held, roots, at, words)
    if above:
        names = words.name(above)
        raise Invalid(
            Code.SCOPE_ABOVE_ROLE,
            sentence("Your role does not allow %(scopes)s.", scopes=", ".join(names)),
            field=f"{_ATTRIBUTES}/scopes",
            meta={"scopes": list(names)},
        )


def grantable(held: tuple[Term, ...], roots: Roots, at: LineageOf, words: Vocabulary) -> Scopes:
    """Return the supported scopes that some term holds somewhere within the roots (X6)."""
    found: Scopes = 0
    for term in held:
        if _meet(term.roots, roots, at):
            found |= term.scopes
    return found & words.supported


def require_roots(roots: Roots, held: Grant, at: LineageOf) -> None:
    """Return if each root is a node that the grant covers.

    Raises:
        Invalid: pointing at the first that is not; unknown and uncovered ones read the same (S31).
    """
    for place, root in enumerate(sorted(roots or ())):
        lineage = at(root)
        reached = any(covers(term.roots, lineage) for term in held.terms)
        if not (lineage and reached and all(covers(limit, lineage) for limit in held.limits)):
            raise no_such_root(place)


def no_such_root(place: int) -> Invalid:
    """The one answer for a root that is unknown, out of reach, or no id at all."""
    return _wrong(
        f"roots/{place}", sentence("There is no such node that you could restrict a token to.")
    )


def lies_inside(asked: Grant, held: Grant, at: LineageOf) -> bool:
    """Say whether all that one grant allows is allowed by the other, term by term (I3).

    A term with a restriction lies inside if its own roots do or if the restriction does: what it
    reaches is in both.
    """
    if asked.surfaces & ~held.surfaces or not asked.conditions.lies_inside(held.conditions):
        return False
    return all(
        any(_inside(term.scopes, areas, other, at) for other in held.terms)
        and all(_some_inside(areas, limit, at) for limit in held.limits)
        for term in asked.terms
        if term.scopes
        for areas in [(term.roots, *asked.limits)]
    )


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to say when a token ends (X10); `days` is None for one's own date and for never."""

    name: str
    days: int | None = None


def expirations(policy: Policy, now: datetime) -> tuple[Choice, ...]:
    """Return what the policy leaves of: 7, 30, 60, 90 days, a date, no expiration (X10)."""
    last = None if policy.lifetime_max is None else after(now, policy.lifetime_max)
    choices = [
        Choice(f"{days} days", days)
        for days in EXPIRATION_DAYS
        if last is None or now + timedelta(days=days) <= last
    ]
    choices.append(Choice("custom"))
    if policy.allow_no_expiration:
        choices.append(Choice("never"))
    return tuple(choices)


def _inside(scopes: Scopes, areas: tuple[Roots, ...], other: Term, at: LineageOf) -> bool:
    return not scopes & ~other.scopes and _some_inside(areas, other.roots, at)


def _some_inside(areas: tuple[Roots, ...], within: Roots, at: LineageOf) -> bool:
    if within is None:
        return True
    return any(
        area is not None and all(root in within or covers(within, at(root)) for root in area)
        for area in areas
    )


def _meet(one: Roots, other: Roots, at: LineageOf) -> bool:
    """Say whether some node could stand below both."""
    if one is None or other is None:
        return True
    return any(covers(one, at(root)) for root in other) or any(
        covers(other, at(root)) for root in one
    )


def _earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    if one is None or other is None:
        return one or other
    return min(one, other)


def _wrong(field: str, detail: str) -> Invalid:
    return Invalid(Code.INVALID_FIELD, detail, field=f"{_ATTRIBUTES}/{field}")


def _too_long(detail: str, limit: str | None) -> Invalid:
    return Invalid(
        Code.LIFETIME_ABOVE_POLICY,
        detail,
        field=f"{_ATTRIBUTES}/expires_at",
        meta={"lifetime_max": limit},
    )
