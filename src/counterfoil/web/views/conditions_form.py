"""From where, how often and from when on a token works: as the forms of tokens ask for it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from msgspec import UNSET, UnsetType

from counterfoil.access.conditions import LONGEST_S, MOST_REQUESTS, Conditions, Rate
from counterfoil.access.networks import MOST, Networks, read_networks
from counterfoil.kernel.errors import Code, Invalid
from counterfoil.kernel.sentence import sentence
from counterfoil.tokens.wish import Wish
from counterfoil.web.form import Form
from counterfoil.web.language import N_

_SEPARATORS: Final = re.compile(r"[\s,;]+")
_DIGITS: Final = len(str(MOST_REQUESTS))


def conditions_in(form: Form) -> dict[str, Any]:
    """Return what a form says of them, in the words of a wish; UNSET where it has no such field.

    Raises:
        Invalid: naming the field.
    """
    return {"networks": _networks(form), "rate": _rate(form), "not_before": _start(form)}


def without_the_same(wish: Wish, before: Conditions) -> Wish:
    """Return a wish that says nothing of the conditions which hold already.

    A form knows whole seconds.
    """
    since = before.not_before
    if wish.networks == before.networks:
        wish = replace(wish, networks=UNSET)
    if wish.rate == before.rate:
        wish = replace(wish, rate=UNSET)
    if wish.not_before == (None if since is None else since.replace(microsecond=0)):
        wish = replace(wish, not_before=UNSET)
    return wish


def filled_with(conditions: Conditions) -> dict[str, tuple[str, ...]]:
    """Return what a form begins with under these conditions."""
    where, rate, since = conditions.networks, conditions.rate, conditions.not_before
    return {
        "ip_ranges": ("" if where is None else "\n".join(where.spelled),),
        "rate_requests": ("" if rate is None else str(rate.requests),),
        "rate_seconds": ("60" if rate is None else str(rate.seconds),),
        "not_before": ("" if since is None else since.strftime("%Y-%m-%dT%H:%M:%S"),),
    }


def ranges_in(form: Form) -> Networks | None:
    """Return the ranges of addresses that a form names; None if it names none.

    Raises:
        Invalid: naming the field.
    """
    said = [part for part in _SEPARATORS.split(form.text("ip_ranges")) if part]
    if len(said) > MOST:
        raise _wrong(sentence(N_("Name at most %(most)s ranges."), most=MOST), "ip_ranges")
    return read_networks(said, "/ip_ranges") if said else None


def _networks(form: Form) -> Networks | UnsetType | None:
    return ranges_in(form) if "ip_ranges" in form.values else UNSET


def _rate(form: Form) -> Rate | UnsetType | None:
    if "rate_requests" not in form.values:
        return UNSET
    requests = form.text("rate_requests").strip()
    if not requests:
        return None
    often, span = _number(requests), _number(form.text("rate_seconds", "60"))
    if not 1 <= often <= MOST_REQUESTS:
        told = N_("Say how many requests, from 1 to %(most)s.")
        raise _wrong(sentence(told, most=MOST_REQUESTS), "rate_requests")
    if not 1 <= span <= LONGEST_S:
        told = N_("Say in how many seconds, from 1 to %(most)s.")
        raise _wrong(sentence(told, most=LONGEST_S), "rate_seconds")
    return Rate(often, span)


def _start(form: Form) -> datetime | UnsetType | None:
    if "not_before" not in form.values:
        return UNSET
    text = form.text("not_before").strip()
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is not None:
        raise _wrong(N_("Say a day and a time."), "not_before")
    return at.replace(tzinfo=UTC)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _DIGITS else 0


def _wrong(detail: str, field: str) -> Invalid:
    return Invalid(Code.INVALID_FIELD, detail, field=f"/{field}")
