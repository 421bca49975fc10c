"""The form of a policy: what stands in it, and the changes that it asks for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Final

from counterfoil.directory.presets import PRESETS, Policy
from counterfoil.directory.rules import begun_again
from counterfoil.kernel.errors import Code, Invalid
from counterfoil.web.form import Form
from counterfoil.web.language import N_
from counterfoil.web.views.conditions_form import ranges_in
from counterfoil.web.views.policy_fields import FIELDS, Field
from counterfoil.web.views.policy_words import UNITS, halves

_DIGITS: Final = 9


def values_of(policy: Policy) -> dict[str, tuple[str, ...]]:
    """Return what a form holds that shows a policy."""
    filled: dict[str, tuple[str, ...]] = {}
    for field in FIELDS.values():
        value = getattr(policy, field.name)
        if field.sort == "duration":
            number, unit = ("", "") if value is None else (halves(value) or ("", value))
            filled[f"{field.name}_number"], filled[field.name] = (str(number),), (unit,)
        elif field.sort in {"roles", "scopes"}:
            filled[field.name] = value or ()
        elif field.sort == "ranges":
            filled[field.name] = ("\n".join(value or ()),)
        elif field.sort == "switch":
            filled[field.name] = ("on",) if value else ()
        else:
            filled[field.name] = (
                "" if value is None else f"{value:g}" if field.sort in {"count", "rate"} else value,
            )
    return filled


def changes_in(form: Form, before: Policy) -> tuple[dict[str, Any], str | None]:
    """Return which fields a form changes, and with which preset it begins again.

    Raises:
        Invalid: naming the field.
    """
    preset = form.text("preset") or None
    base = before if preset is None else begun_again(before, preset)
    told = {name: _READ[field.sort](form, field) for name, field in FIELDS.items()}
    return {name: value for name, value in told.items() if value != _kept(base, name)}, preset


def _kept(policy: Policy, name: str) -> object:
    """Return what a policy says in a field, a list of its names in the order of the form."""
    value = getattr(policy, name)
    sort = FIELDS[name].sort
    return tuple(sorted(value)) if value and sort in {"roles", "scopes"} else value


def enforced_at(form: Form, before: Policy, now: datetime) -> datetime | None:
    """Return when the limits shall hold for tokens that are there; None for new ones alone.

    Where nobody was asked, because no token falls outside, what was announced stays.

    Raises:
        Invalid: naming the field.
    """
    chosen = form.text("enforce")
    if chosen == "now":
        return now
    if chosen == "new":
        return None
    if chosen != "date":
        return before.enforce_at
    try:
        day = datetime.strptime(form.text("day"), "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise Invalid(Code.INVALID_FIELD, N_("Choose a day."), field="/day") from None
    if day <= now:
        raise Invalid(Code.INVALID_FIELD, N_("Choose a day in the future."), field="/day")
    return day


def _count(form: Form, field: Field) -> int | None:
    text = form.text(field.name).strip()
    if not text and field.none:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= _DIGITS):
        raise Invalid(Code.INVALID_FIELD, N_("This takes a whole number."), field=f"/{field.name}")
    return int(text)


def _rate(form: Form, field: Field) -> float | None:
    text = form.text(field.name).strip().replace(",", ".")
    if not text:
        return None
    try:
        return float(text)
    except ValueError:
        told = N_("This takes a number.")
        raise Invalid(Code.INVALID_FIELD, told, field=f"/{field.name}") from None


def _duration(form: Form, field: Field) -> str | None:
    unit, number = form.text(field.name), form.text(f"{field.name}_number").strip()
    if not unit and field.none:
        return None
    if unit not in UNITS:
        return unit  # one in several units stays as it is written
    if not (number.isascii() and number.isdigit() and len(number) <= _DIGITS):
        raise Invalid(Code.INVALID_FIELD, N_("This takes a whole number."), field=f"/{field.name}")
    return f"P{int(number)}{unit}"


def _choice(form: Form, field: Field) -> str:
    chosen = form.text(field.name)
    if chosen not in dict(field.options):
        raise Invalid(Code.INVALID_FIELD, N_("Choose one of these."), field=f"/{field.name}")
    return chosen


def _ticked(form: Form, field: Field) -> tuple[str, ...] | None:
    return tuple(sorted(set(form.many(field.name)))) or None


def _ranges(form: Form, _field: Field) -> tuple[str, ...] | None:
    found = ranges_in(form)
    return None if found is None else found.spelled


def _switch(form: Form, field: Field) -> bool:
    return form.ticked(field.name)


_READ: Final[Mapping[str, Callable[[Form, Field], Any]]] = MappingProxyType(
    {
        "count": _count,
        "rate": _rate,
        "duration": _duration,
        "choice": _choice,
        "switch": _switch,
        "roles": _ticked,
        "scopes": _ticked,
        "ranges": _ranges,
    }
)


def shown(before: Policy, preset: str | None) -> Policy:
    """Return the policy that a blank form shows: the present one, or a preset to begin again."""
    return begun_again(before, preset) if preset in PRESETS else before
