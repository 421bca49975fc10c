"""Whose authority an API token takes, and whether its maker may hand it out (K5, K11, D11)."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from msgspec import UnsetType

from counterfoil import directory
from counterfoil.access.caller import Method
from counterfoil.access.grant import Grant, Term
from counterfoil.access.roots import Roots
from counterfoil.access.scope import EVERY_SCOPE, Scope
from counterfoil.directory import Policy
from counterfoil.kernel.errors import Code, Conflict, Denied, Invalid, NotFound, Refused
from counterfoil.kernel.ids import NodeId, OrganizationId, RoleId, UserId
from counterfoil.kernel.sentence import sentence
from counterfoil.operation import Work
from counterfoil.secret import Kind
from counterfoil.tokens import policy
from counterfoil.tokens.bounds import Bounds
from counterfoil.tokens.model import Authority, State, Token
from counterfoil.tokens.steps.plan import lineage_of
from counterfoil.tokens.steps.record import recipient
from counterfoil.tokens.store import rows, secrets
from counterfoil.tokens.wish import Wish

MANAGERS: Final = frozenset({Method.SESSION, Method.SERVICE})
"""Who manages API tokens. A personal token manages none, whatever its owner may do (S17, G4)."""

_READS: Final = Scope.CONTENT_READ.bit | Scope.ASSETS_READ.bit

_NOBODY: Final = {
    "role": sentence("There is no such role in this organization."),
    "user": sentence("There is no such user in this organization."),
}


def terms_of(work: Work, authority: Authority, subject: int | None) -> tuple[Term, ...]:
    """Return what a role or user of the caller's organization may do, be the user here or away.

    Who is away returns one day, and all that takes their authority then works again: it is judged
    by what it will be.

    Raises:
        Invalid: pointing at the relationship, for a role or user that is not of this organization.
    """
    here = work.caller.organization
    if authority == "none" or subject is None:
        return ()
    try:
        if authority == "role":
            return (directory.role(work.tx, here, RoleId(subject)).term,)
        return directory.member(work.tx, here, UserId(subject)).held
    except NotFound:
        raise Invalid(
            Code.INVALID_FIELD,
            _NOBODY[authority],
            field=f"/data/relationships/{authority}/data/id",
        ) from None


def require_own_power(work: Work, terms: tuple[Term, ...], bounds: Bounds) -> None:
    """Return if the caller may hand out what these bounds leave of an authority.

    Raises:
        Invalid: for roots that the caller cannot see, and scopes that the authority has not.
        Denied: INSUFFICIENT_ROLE if it reaches further than the caller, term by term.
    """
    at = lineage_of(work.tx, work.caller.organization)
    policy.require_roots(bounds.roots, work.caller.grant, at)
    if terms:
        policy.require_scopes(bounds.scopes, bounds.roots, terms, at, work.vocabulary())
    if not policy.lies_inside(bounds.of(terms), work.caller.grant, at):
        raise Denied(Code.INSUFFICIENT_ROLE, "This reaches further than you do yourself.")


def no_larger(work: Work, terms: tuple[Term, ...], bounds: Bounds) -> Bounds:
    """Return what the caller gives away, which lies inside its own power now, as it will stay.

    A person's roles grow by a person's deed. What a token has made must not outgrow it because the
    role behind it did: so a token that is itself bounded says in a list what it gives.
    """
    caller = work.caller
    if caller.method is Method.SESSION or not terms:
        return bounds
    held, scopes, roots = caller.grant.scopes, bounds.scopes, bounds.roots
    if scopes is None and held != EVERY_SCOPE:
        scopes = held & Grant(terms).scopes
    if roots is None:
        roots = _within(caller.grant)
    return replace(bounds, scopes=scopes, roots=roots)


def _within(grant: Grant) -> Roots:
    """Return roots under which all lies that a grant reaches; None if it reaches everywhere."""
    if grant.limits:
        return grant.limits[0]
    reached = [term.roots for term in grant.terms]
    if not reached or None in reached:
        return None
    return frozenset[NodeId]().union(*(roots for roots in reached if roots is not None))


def shown_to_nobody_less(work: Work, token: Token, terms: tuple[Term, ...], bounds: Bounds) -> None:
    """Return if all who were shown a living secret of a token may do what it is to be given.

    Raises:
        Conflict: whoever was, holds in hand what nobody has given them.
    """
    mine = recipient(work)
    at = lineage_of(work.tx, work.caller.organization)
    for who in secrets.shown_to(work.tx, token.id):
        if who is None or who == mine:  # the operator at the machine, and the caller
            continue
        if not policy.lies_inside(bounds.of(terms), _power(work, who), at):
            raise Conflict(
                Code.CONFLICT,
                "The secret of this token was shown to somebody who may do less than that: give it "
                "another secret first, or make a new token.",
            )


def _power(work: Work, user: int) -> Grant:
    """Return what somebody may do now; nothing, if it is no person but a token."""
    try:
        return Grant(directory.member(work.tx, work.caller.organization, UserId(user)).terms)
    except NotFound:
        return Grant(())


def shows_drafts(work: Work, token: Token) -> bool:
    """Say whether an API token makes drafts visible because its user may write (Q7)."""
    if token.authority != "user" or token.subject is None:
        return False
    bounds = token.grant_in(work.caller.organization).bounds
    return bounds.of(_power(work, token.subject).terms).shows_drafts


def unread_roots(work: Work, token: Token) -> frozenset[NodeId]:
    """Return in which of its root nodes an API token reads nothing: its user or role does not.

    Whoever is away counts as they will be when they return; of who left, nothing is known.
    """
    roots = token.grant_in(work.caller.organization).bounds.roots
    try:
        terms = terms_of(work, token.authority, token.subject)
    except Invalid:
        return frozenset()
    at, words = lineage_of(work.tx, work.caller.organization), work.vocabulary()
    return frozenset(
        root
        for root in (roots or ())
        if terms and not policy.grantable(terms, frozenset({root}), at, words) & _READS
    )


def issuer(work: Work) -> Token | None:
    """Return the API token that asks, held so that it cannot die meanwhile; None for a person.

    Raises:
        Refused: if it has died since it was verified.
    """
    caller = work.caller
    if caller.method is Method.SESSION or caller.token is None:
        return None
    token = rows.hold(work.tx, caller.organization, caller.token, (Kind.SERVICE,))
    if token.state_in(caller.organization) is not State.ACTIVE or token.expired(work.now):
        raise Refused
    return token


def require_administrator(work: Work) -> Policy:
    """Return the policy if the caller may manage API tokens where the admin role alone does (Q2).

    Raises:
        Denied: POLICY_BLOCKED.
    """
    rules = directory.policy(work.tx, work.caller.organization)
    if not _may_administer(work, rules):
        raise Denied(Code.POLICY_BLOCKED, "Here the admin role alone manages API tokens.")
    return rules


def manages(work: Work) -> bool:
    """Say whether the caller may manage API tokens and pairs, and so is told of them."""
    if not work.caller.grant.scopes & Scope.TOKENS_MANAGE.bit:
        return False
    return _may_administer(work, directory.policy(work.tx, work.caller.organization))


def _may_administer(work: Work, rules: Policy) -> bool:
    return not rules.admins_only_api_tokens or _is_admin(work, work.caller.organization)


def _is_admin(work: Work, here: OrganizationId) -> bool:
    token = issuer(work)
    authority, subject = ("user", work.caller.user) if token is None else _source(token)
    if subject is None:
        return False
    try:
        if authority == "role":
            role = directory.role(work.tx, here, RoleId(subject))
            return role.built_in and role.name == directory.ADMIN
        return directory.member(work.tx, here, UserId(subject)).is_admin
    except NotFound:
        return False


def _source(token: Token) -> tuple[Authority, int | None]:
    return token.authority, token.subject


def chosen_authority(wish: Wish, rules: Policy) -> tuple[Authority, int | None]:
    """Return whose authority is wanted (K11).

    Raises:
        Invalid: if a role shall lend it and none is named. A user may be chosen later (Q9).
    """
    authority = wish.authority
    if isinstance(authority, UnsetType):
        authority = rules.api_token_authority
    subject = None if isinstance(wish.subject, UnsetType) else wish.subject
    if authority == "role" and subject is None:
        raise Invalid(Code.INVALID_FIELD, "Choose a role.", field="/data/relationships/role/data")
    return ("none", None) if subject is None else (authority, subject)
