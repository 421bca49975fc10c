"""The form in which a request is approved: the wish says where it leaves less than was asked."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from msgspec import UNSET

from counterfoil.access.scope import NO_SCOPES, Scopes
from counterfoil.access.surface import Surface, surfaces
from counterfoil.kernel import ids
from counterfoil.kernel.errors import Code, Invalid
from counterfoil.kernel.ids import NodeId, Prefix
from counterfoil.operation import Work
from counterfoil.tokens.request_model import Request
from counterfoil.tokens.steps.told import request_told
from counterfoil.tokens.wish import Wish
from counterfoil.web.form import Form
from counterfoil.web.language import N_
from counterfoil.web.views.conditions_form import conditions_in, without_the_same
from counterfoil.web.views.last_day import end_of
from counterfoil.web.views.picker import picked
from counterfoil.web.views.token_form import roots_in

_NO_SCOPES: Final = N_("Leave at least one scope, or deny the request.")
_NO_ROOTS: Final = N_("Leave at least one root node, or deny the request.")


def narrower_in(form: Form, request: Request, work: Work) -> Wish:
    """Return what the form leaves, where that is other than what was asked.

    Raises:
        Invalid: naming the field.
    """
    bounds = request.bounds
    wish = Wish(
        expires_at=end_of(form.text("expires_at"), request.expires_at), **conditions_in(form)
    )
    wish = _with_roots(without_the_same(wish, bounds.conditions), form, request, work)
    chosen = work.vocabulary().read(form.many("scopes"))
    if bounds.scopes is None:
        if chosen:
            wish = replace(wish, inherit=False, scopes=chosen)
    elif not chosen:
        raise Invalid(Code.INVALID_FIELD, _NO_SCOPES, field="/data/attributes/scopes")
    elif chosen != bounds.scopes:
        wish = replace(wish, scopes=chosen)
    open_at = surfaces(*(one for one in Surface if form.ticked("surfaces", str(one))))
    return wish if open_at == bounds.surfaces else replace(wish, surfaces=open_at)


def weighed_in(form: Form, request: Request, work: Work) -> tuple[Wish, Scopes]:
    """Return what to weigh and the scopes that are left: as the form stands, else as was asked.

    What is wrong with the form is said when it is sent; until then it is weighed as was asked.
    """
    asked = ~NO_SCOPES if request.bounds.scopes is None else request.bounds.scopes
    if not form.values:
        return Wish(), asked
    ticked = work.vocabulary().read(form.many("scopes"))
    left = ticked or (asked if request.bounds.scopes is None else NO_SCOPES)
    try:
        return narrower_in(form, request, work), left
    except Invalid:
        return Wish(), left


def _with_roots(wish: Wish, form: Form, request: Request, work: Work) -> Wish:
    """Return the wish with the roots that are ticked; those that nobody is told of stay."""
    asked = request.bounds.roots
    if asked is None:
        roots = roots_in(form)
        return wish if roots is None or roots is UNSET else replace(wish, roots=roots)
    told = request_told(work, request).bounds.roots or frozenset()
    roots = frozenset(NodeId(ids.read(Prefix.NODE, one)) for one in picked(form))
    if told and not roots:
        raise Invalid(Code.INVALID_FIELD, _NO_ROOTS, field="/data/attributes/roots")
    roots |= asked - told
    return wish if roots == asked else replace(wish, roots=roots)
