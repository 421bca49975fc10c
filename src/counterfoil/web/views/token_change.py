"""The form that changes a token: the wish says what is other than before, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from msgspec import UNSET

from counterfoil.access.roots import Roots
from counterfoil.access.scope import Scopes
from counterfoil.access.vocabulary import Vocabulary
from counterfoil.tokens.bounds import Bounds
from counterfoil.tokens.model import Token
from counterfoil.tokens.wish import Wish
from counterfoil.web.form import Form
from counterfoil.web.views.conditions_form import without_the_same
from counterfoil.web.views.last_day import end_of
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
        wish_in(_without_end(form), words, now),
        expires_at=end_of(form.text("expires_at"), token.expires_at),
    )
    if wish.name == token.name:
        wish = replace(wish, name=UNSET)
    if wish.description == token.description:
        wish = replace(wish, description=UNSET)
    if wish.reminders == token.reminders:
        wish = replace(wish, reminders=UNSET)
    if wish.roots == seen:
        wish = replace(wish, roots=UNSET)
    if wish.surfaces == bounds.surfaces:
        wish = replace(wish, surfaces=UNSET)
    wish = without_the_same(wish, bounds.conditions)
    shown = None if bounds.scopes is None else bounds.scopes & offered
    same = wish.inherit is True if shown is None else wish.scopes == shown
    return replace(wish, inherit=UNSET, scopes=UNSET) if same else wish


def _without_end(form: Form) -> Form:
    return replace(form, values={**form.values, "expires_at": ("",)})
