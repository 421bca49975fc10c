"""The form that changes a token: the wish says what is other than before, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time

from msgspec import UNSET, UnsetType

from counterfoil.access.roots import Roots
from counterfoil.access.scope import Scopes
from counterfoil.access.vocabulary import Vocabulary
from counterfoil.kernel.errors import Code, Invalid
from counterfoil.tokens.model import Bounds, Token
from counterfoil.tokens.wish import Wish
from counterfoil.web.form import Form
from counterfoil.web.language import N_
from counterfoil.web.views.picker import picked
from counterfoil.web.views.token_form import CHOSEN, wish_in


def change_in(
    form: Form,
    token: Token,
    *,
    bounds: Bounds,
    offered: Scopes,
    seen: Roots,
    words: Vocabulary,
    now: datetime,
) -> Wish:
    """Return what the form changes of a token.

    Args:
        form: as it was filled in.
        token: as it is now, with its `bounds` here.
        bounds: what it may do now.
        offered: the scopes that its owner may give, which alone the form shows.
        seen: those of its roots that its owner sees.
        words: the scopes of the organization.
        now: what time it is.

    Raises:
        Invalid: naming the field.
    """
    if form.text("where") == CHOSEN and not picked(form) and not seen and bounds.roots is not None:
        form = replace(form, values={**form.values, "where": ("",)})
    wish = replace(
        wish_in(_without_end(form), words, now), expires_at=_end(form.text("expires_at"), token)
    )
    if wish.name == token.name:
        wish = replace(wish, name=UNSET)
    if wish.description == token.description:
        wish = replace(wish, description=UNSET)
    if wish.roots == seen:
        wish = replace(wish, roots=UNSET)
    if wish.surfaces == bounds.surfaces:
        wish = replace(wish, surfaces=UNSET)
    shown = None if bounds.scopes is None else bounds.scopes & offered
    same = wish.inherit is True if shown is None else wish.scopes == shown
    return replace(wish, inherit=UNSET, scopes=UNSET) if same else wish


def _without_end(form: Form) -> Form:
    return replace(form, values={**form.values, "expires_at": ("",)})


def _end(typed: str, token: Token) -> datetime | UnsetType:
    """Return the end of the day that was typed, unless the token ends on that day anyway."""
    if not typed.strip():
        return UNSET
    try:
        day = date.fromisoformat(typed.strip())
    except ValueError:
        raise Invalid(
            Code.INVALID_FIELD, N_("Write a date like 2027-01-31."), field="/expires_at"
        ) from None
    if token.expires_at is not None and day == token.expires_at.date():
        return UNSET
    return datetime.combine(day, time(23, 59, 59), tzinfo=UTC)
