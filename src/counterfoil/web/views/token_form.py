"""The form that asks for a personal token: what it begins with, and the wish that it expresses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from types import MappingProxyType
from typing import Any, Final

from msgspec import UNSET, UnsetType

from counterfoil.access.roots import Roots
from counterfoil.access.surface import Surface, Surfaces, spell_surfaces, surfaces
from counterfoil.access.vocabulary import Vocabulary
from counterfoil.directory import Policy
from counterfoil.directory.duration import after
from counterfoil.kernel import ids
from counterfoil.kernel.errors import Code, Invalid, NotFound
from counterfoil.kernel.ids import NodeId, OrganizationId, Prefix
from counterfoil.tokens.model import REMINDERS, Token
from counterfoil.tokens.policy import EXPIRATION_DAYS, no_such_root
from counterfoil.tokens.wish import Wish
from counterfoil.web.form import Form
from counterfoil.web.language import N_
from counterfoil.web.views.conditions_form import conditions_in, filled_with
from counterfoil.web.views.picker import picked

CUSTOM: Final = "custom"
NEVER: Final = "never"
INHERIT: Final = "inherit"
EXPLICIT: Final = "explicit"
CHOSEN: Final = "chosen"
EVERYWHERE: Final = "everywhere"

MOST_ROOTS: Final = 100
_DAY: Final = timedelta(days=1)
_NEARLY: Final = timedelta(minutes=1)

Values = dict[str, tuple[str, ...]]


def wish_in(form: Form, words: Vocabulary, now: datetime) -> Wish:
    """Return what was asked for; what the form does not hold at all is left to the policy.

    Raises:
        Invalid: naming the field.
    """
    mode = form.text("scope_mode")
    inherit: bool | UnsetType = {INHERIT: True, EXPLICIT: False}.get(mode, UNSET)
    explicit = mode == EXPLICIT or (not mode and "scopes" in form.values)
    span: Any = form.text("span")
    return Wish(
        name=form.text("name"),
        description=form.text("description"),
        justification=form.text("justification"),
        inherit=inherit,
        scopes=words.read(form.many("scopes")) if explicit else UNSET,
        roots=roots_in(form),
        surfaces=surfaces_in(form),
        expires_at=end_in(form, now),
        reminders=reminders_in(form),
        **conditions_in(form),
        span_all=UNSET if not span else span == "all",
    )


def roots_in(form: Form) -> Roots | UnsetType:
    """Return the chosen root nodes; None for everywhere."""
    where = form.text("where")
    if where == EVERYWHERE:
        return None
    named = picked(form)
    if not where and not named:
        return UNSET
    found: set[NodeId] = set()
    for place, text in enumerate(named[:MOST_ROOTS]):
        try:
            found.add(NodeId(ids.read(Prefix.NODE, text)))
        except NotFound:
            raise no_such_root(place) from None
    if not found:
        raise Invalid(
            Code.INVALID_FIELD,
            N_("Choose at least one root node, or everywhere."),
            field="/data/attributes/roots",
        )
    return frozenset(found)


def surfaces_in(form: Form) -> Surfaces | UnsetType:
    """Return the APIs that are ticked."""
    if "surfaces" not in form.values:
        return UNSET
    try:
        return surfaces(*(Surface(name) for name in form.many("surfaces") if name))
    except ValueError:
        raise Invalid(Code.INVALID_FIELD, N_("There is no such API."), field="/surfaces") from None


def end_in(form: Form, now: datetime) -> datetime | UnsetType | None:
    """Return when it shall end; None for never."""
    chosen = form.text("expires_at")
    if not chosen:
        return UNSET
    if chosen == NEVER:
        return None
    if chosen == CUSTOM:
        return _end_of(form.text("expires_on"))
    if chosen.isascii() and chosen.isdigit() and int(chosen[:4]) in EXPIRATION_DAYS:
        return now + timedelta(days=int(chosen[:4]))
    raise Invalid(Code.INVALID_FIELD, N_("Choose one of the expirations."), field="/expires_at")


def _end_of(day: str) -> datetime:
    """Return the last second of a day in UTC, at which a token ends that lives through it."""
    try:
        return datetime.combine(date.fromisoformat(day), time(23, 59, 59), UTC)
    except ValueError:
        raise Invalid(
            Code.INVALID_FIELD, N_("Say on which day the token ends."), field="/expires_on"
        ) from None


def reminders_in(form: Form) -> frozenset[int] | UnsetType:
    """Return how many days before its end its owner wants to be told."""
    if "reminders" not in form.values:
        return UNSET
    said = {one for one in form.many("reminders") if one}
    found = frozenset(days for days in REMINDERS if str(days) in said)
    if len(found) < len(said):
        raise Invalid(
            Code.INVALID_FIELD, N_("Nobody is reminded on such a day."), field="/reminders"
        )
    return found


def blank(rules: Policy, now: datetime) -> Values:
    """Return what the form begins with: what the policy gives who asks for nothing."""
    return {
        "name": ("",),
        "scope_mode": (rules.scope_mode_default,),
        "surfaces": ("", *spell_surfaces(surfaces(*Surface))),
        "where": (EVERYWHERE,),
        "span": (rules.span,),
        "reminders": _reminders(REMINDERS),
        **_end(None if rules.lifetime_default is None else after(now, rules.lifetime_default), now),
    }


def last_day(rules: Policy, now: datetime) -> date | None:
    """Return the last day that a token may live through; None if it may live on."""
    if rules.lifetime_max is None:
        return None
    latest = after(now, rules.lifetime_max)
    return (latest - timedelta(days=1)).date()


def copied(token: Token, here: OrganizationId, words: Vocabulary, now: datetime) -> Values:
    """Return what the form begins with for one more token like this one."""
    bounds = token.grant_in(here).bounds
    life = None if token.expires_at is None else now + (token.expires_at - token.created_at)
    return {
        "name": (token.name,),
        "description": (token.description,),
        "scope_mode": (INHERIT if bounds.scopes is None else EXPLICIT,),
        "scopes": () if bounds.scopes is None else words.spell(bounds.scopes),
        "surfaces": ("", *spell_surfaces(bounds.surfaces)),
        "where": (EVERYWHERE if bounds.roots is None else CHOSEN,),
        "roots": tuple(str(root) for root in sorted(bounds.roots or ())),
        "span": ("all" if token.spans_all else "one",),
        "reminders": _reminders(token.reminders),
        **filled_with(bounds.conditions),
        **_end(life, now),
    }


def asked_for(said: Mapping[str, tuple[str, ...]]) -> Values:
    """Return what a link fills in: name, description, scopes, expires (`30d`, a date, never), root.

    What it says and the form does not offer is left out when the form is shown.
    """
    values: Values = {name: said[name][:1] for name in ("name", "description") if said.get(name)}
    if scopes := _parts(said.get("scopes", ())):
        values |= {"scope_mode": (EXPLICIT,), "scopes": scopes}
    if roots := _parts(said.get("root", ())):
        values |= {"where": (CHOSEN,), "roots": roots[:MOST_ROOTS]}
    end = (said.get("expires") or ("",))[0]
    if end == NEVER:
        values |= {"expires_at": (NEVER,)}
    elif end.removesuffix("d") in _DAYS:
        values |= {"expires_at": (end.removesuffix("d"),)}
    elif end:
        values |= {"expires_at": (CUSTOM,), "expires_on": (end[:10],)}
    return values


def widened(values: Values, said: Mapping[str, tuple[str, ...]]) -> Values:
    """Return what a form begins with that changes a token, and what the token lacked besides.

    A refusal's link says it: `scope` and `surface`. A token that has all that its holder may lacks
    no scope that the form could give.
    """
    more = {"scopes": said.get("scope", ()), "surfaces": said.get("surface", ())}
    if values["scope_mode"] == (INHERIT,):
        del more["scopes"]
    return values | {name: (*values[name], *added) for name, added in more.items() if added}


def _end(at: datetime | None, now: datetime) -> Values:
    """Return the choice that stands for an end: one of the days, a date, or never."""
    if at is None:
        return {"expires_at": (NEVER,), "expires_on": ("",)}
    days = round((at - now) / _DAY)
    if days in EXPIRATION_DAYS and abs(at - now - days * _DAY) < _NEARLY:
        return {"expires_at": (str(days),), "expires_on": ("",)}
    last = (at - timedelta(days=1)).date()
    return {"expires_at": (CUSTOM,), "expires_on": (last.isoformat(),)}


def _reminders(days: Iterable[int]) -> tuple[str, ...]:
    return "", *(str(one) for one in sorted(days))


def _parts(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(part.strip() for value in values for part in value.split(",") if part.strip())


_DAYS: Final = MappingProxyType({str(days): days for days in EXPIRATION_DAYS})
