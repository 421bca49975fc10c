"""Renewing is a new token with the settings of the old one, which lives on to its own end (X19)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from msgspec import UnsetType

from counterfoil import directory
from counterfoil.access.conditions import Conditions
from counterfoil.kernel.errors import Code
from counterfoil.kernel.ids import Prefix, TokenId, spell
from counterfoil.operation import Work, operation
from counterfoil.secret import Kind
from counterfoil.tokens import policy
from counterfoil.tokens.bounds import Bounds
from counterfoil.tokens.model import Token
from counterfoil.tokens.steps.issue import Requested, carry_out
from counterfoil.tokens.steps.plan import active, caller_member, lineage_of, plan
from counterfoil.tokens.steps.seen import permit_seen
from counterfoil.tokens.store import rows
from counterfoil.tokens.wish import Wish

T = TypeVar("T")


@operation(
    "token.renew", requires=None, owner=True, fresh=True, denies_with=Code.PAT_CANNOT_CREATE_PAT
)
def renew(work: Work, id_: TokenId, wish: Wish) -> Requested:
    """Ask for a successor of one's own token: the same settings where the wish names no others.

    It counts, ends and is approved as any new token; the old one is not touched (X16).
    """
    old = rows.token(work.tx, work.caller.organization, id_, (Kind.PERSONAL,))
    permit_seen(work, old.owner, spell(Prefix.TOKEN, id_))
    grant = old.changeable(work.caller.organization, work.now)
    filled = _filled(old, _still_good(work, grant.bounds), wish)
    filled = _conditioned(filled, grant.bounds.conditions, work.now)
    return carry_out(work, plan(work, filled, hold=True), predecessor=old.id)


def _still_good(work: Work, bounds: Bounds) -> Bounds:
    """Return the bounds without what they no longer give: lost scopes, and roots that are gone."""
    home = work.caller.organization
    member = active(directory.member, work.tx, home, caller_member(work))
    at = lineage_of(work.tx, home)
    if bounds.scopes is not None:
        had = policy.grantable(member.terms, bounds.roots, at, work.vocabulary())
        bounds = replace(bounds, scopes=bounds.scopes & had or bounds.scopes)
    if bounds.roots is not None:
        bounds = replace(bounds, roots=frozenset(root for root in bounds.roots if at(root)))
    return bounds


def _filled(old: Token, bounds: Bounds, wish: Wish) -> Wish:
    if isinstance(wish.scopes, UnsetType) and wish.inherit is not True:
        if bounds.scopes is not None:
            wish = replace(wish, scopes=bounds.scopes)
        elif isinstance(wish.inherit, UnsetType):
            wish = replace(wish, inherit=True)
    return replace(
        wish,
        name=_or(wish.name, old.name),
        description=_or(wish.description, old.description),
        roots=_or(wish.roots, bounds.roots),
        surfaces=_or(wish.surfaces, bounds.surfaces),
        span_all=_or(wish.span_all, old.spans_all),
        reminders=_or(wish.reminders, old.reminders),
    )


def _conditioned(wish: Wish, before: Conditions, now: datetime) -> Wish:
    """Fill in from where, how often and, if that still lies ahead, from when on."""
    since = before.not_before
    return replace(
        wish,
        networks=_or(wish.networks, before.networks),
        rate=_or(wish.rate, before.rate),
        not_before=_or(wish.not_before, since if since is not None and since > now else None),
    )


def _or(said: T | UnsetType, otherwise: T) -> T:
    return otherwise if isinstance(said, UnsetType) else said
