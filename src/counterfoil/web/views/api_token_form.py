"""The form of an API token: what it begins with, whom it offers, and the wish that it expresses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from counterfoil.access.grant import Grant
from counterfoil.access.roots import Roots
from counterfoil.access.scope import Scope
from counterfoil.access.surface import Surface, spell_surfaces, surfaces
from counterfoil.directory import Person
from counterfoil.directory.show import list_roles, list_users
from counterfoil.kernel import ids
from counterfoil.kernel.errors import Code, Invalid, NotFound
from counterfoil.kernel.ids import Prefix
from counterfoil.kernel.page import LARGEST, Wanted
from counterfoil.operation import Work
from counterfoil.tokens.model import Authority, State, Token
from counterfoil.tokens.steps.told import tokens_told
from counterfoil.tokens.wish import Wish
from counterfoil.web.form import Form
from counterfoil.web.language import N_
from counterfoil.web.views.conditions_form import conditions_in, filled_with
from counterfoil.web.views.token_form import CHOSEN, EVERYWHERE, Values, roots_in

STEPS: Final = ("toggle", "add", "remove", "step")
"""Buttons inside the form that only change what it shows."""


_DIGITS: Final = 15


@dataclass(frozen=True, slots=True)
class Candidate:
    """A user or role whose permissions a token can take; `writes` if it may change content."""

    id: str
    name: str
    writes: bool


@dataclass(frozen=True, slots=True)
class Candidates:
    """Whom one may choose; empty for who may not list them."""

    users: tuple[Candidate, ...] = ()
    roles: tuple[Candidate, ...] = ()


def candidates(work: Work) -> Candidates:
    """Return all users and roles that one may see: whatever kind of account may be chosen (Q8)."""
    held = work.caller.grant.scopes
    users = _users(work) if held & Scope.USERS_READ.bit else ()
    roles: tuple[Candidate, ...] = ()
    if held & Scope.ROLES_READ.bit:
        roles = tuple(
            Candidate(str(one.id), one.name, bool(one.scopes & Scope.CONTENT_WRITE.bit))
            for one in list_roles(work)
        )
    return Candidates(users, roles)


def everybody(work: Work) -> Iterator[Person]:
    """Yield all who belong to the organization."""
    after: str | None = None
    while True:
        page = list_users(work, Wanted(LARGEST, after))
        yield from (one for one in page.items if one.member.joined)
        after = page.after
        if after is None:
            return


def _users(work: Work) -> tuple[Candidate, ...]:
    found: list[Candidate] = []
    for one in everybody(work):
        writes = Grant(one.member.held).scopes & Scope.CONTENT_WRITE.bit
        found.append(Candidate(str(one.user.id), one.name, bool(writes)))
    return tuple(sorted(found, key=lambda one: one.name.casefold()))


def is_step(form: Form) -> bool:
    """Say whether a button was pressed that only changes what the form shows."""
    return any(name in form.values for name in STEPS)


def blank() -> Values:
    """Return what the form begins with: off until somebody selects Enabled (Q14), delivery on."""
    return {
        "name": ("",),
        "user": ("",),
        "role": ("",),
        "surfaces": ("", Surface.DELIVERY.value),
        "where": (EVERYWHERE,),
    }


def like(work: Work, token: Token) -> Values:
    """Return what the form begins with for a token that goes on in the place of a person's.

    Whose permissions it takes is still to be chosen: they were its owner's.
    """
    (told,) = tokens_told(work, [token])
    bounds = told.grant_in(work.caller.organization).bounds
    return {
        "name": (token.name,),
        "surfaces": ("", *spell_surfaces(bounds.surfaces)),
        "where": (EVERYWHERE if bounds.roots is None else CHOSEN,),
        "roots": tuple(str(root) for root in sorted(bounds.roots or ())),
        **filled_with(bounds.conditions),
    }


def filled(work: Work, token: Token) -> Values:
    """Return what the form begins with for a token that there is."""
    (token,) = tokens_told(work, [token])
    grant = token.grant_in(work.caller.organization)
    subject = "" if token.subject is None else str(token.subject)
    return {
        "enabled": () if grant.state is State.DISABLED else ("on",),
        "name": (token.name,),
        "user": (subject if token.authority == "user" else "",),
        "role": (subject if token.authority == "role" else "",),
        "surfaces": ("", *spell_surfaces(grant.bounds.surfaces)),
        "where": (EVERYWHERE if grant.bounds.roots is None else CHOSEN,),
        "roots": tuple(str(root) for root in sorted(grant.bounds.roots or ())),
        **filled_with(grant.bounds.conditions),
    }


def wish_in(form: Form, kept: Roots = None) -> Wish:
    """Return what was asked for.

    Args:
        form: what was typed.
        kept: root nodes that are told of and cannot be seen in the form: those stay. None if all
            that there are stand in it.

    Raises:
        Invalid: naming the field.
    """
    try:
        chosen = surfaces(*(Surface(name) for name in form.many("surfaces") if name))
    except ValueError:
        raise Invalid(Code.INVALID_FIELD, N_("There is no such API."), field="/surfaces") from None
    authority, subject = _lender(form)
    return Wish(
        name=form.text("name"),
        enabled="on" in form.many("enabled"),
        authority=authority,
        subject=subject,
        surfaces=chosen,
        roots=_roots(form, kept),
        **conditions_in(form),
    )


def version_in(form: Form) -> int | None:
    """Return which version the form was filled in from; None if it does not say."""
    given = form.text("version")
    return int(given) if given.isascii() and given.isdigit() and len(given) <= _DIGITS else None


def _roots(form: Form, kept: Roots) -> Roots:
    """Return the chosen nodes; those that cannot be seen are no reason to open everything."""
    if form.text("where") != CHOSEN:
        return None
    if kept is not None and not form.many("roots") and not form.many("add"):
        return kept
    named = roots_in(form)
    return (kept or frozenset()) | (named or frozenset())


def _lender(form: Form) -> tuple[Authority, int | None]:
    user, role = form.text("user"), form.text("role")
    if user and role:
        raise Invalid(Code.INVALID_FIELD, N_("Choose a user or a role, not both."), field="/role")
    if role:
        return "role", _id(Prefix.ROLE, role, "role")
    return "user", _id(Prefix.USER, user, "user") if user else None


def _id(prefix: Prefix, text: str, field: str) -> int:
    try:
        return ids.read(prefix, text)
    except NotFound:
        told = N_("There is nobody like that here.")
        raise Invalid(Code.INVALID_FIELD, told, field=f"/{field}") from None
