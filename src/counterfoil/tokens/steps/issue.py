"""Steps that make tokens: a planned personal one, or one that belongs to the organization."""

from __future__ import annotations

from dataclasses import dataclass

from msgspec import UnsetType

from counterfoil import directory
from counterfoil.access.surface import Surface
from counterfoil.kernel.errors import Code, Invalid
from counterfoil.kernel.ids import Prefix, TokenId, spell
from counterfoil.operation import Work
from counterfoil.secret import Kind, Secret
from counterfoil.tokens import policy
from counterfoil.tokens.bounds import Bounds
from counterfoil.tokens.model import State, Token, TokenGrant
from counterfoil.tokens.request_model import Asking, Request, RequestKind
from counterfoil.tokens.steps.authority import (
    chosen_authority,
    issuer,
    no_larger,
    require_own_power,
    terms_of,
)
from counterfoil.tokens.steps.change import require_start
from counterfoil.tokens.steps.notify import told_made
from counterfoil.tokens.steps.plan import Plan, caller_member
from counterfoil.tokens.steps.record import Issued, issue
from counterfoil.tokens.steps.requests import ask, others_who_approve
from counterfoil.tokens.wish import Wish


@dataclass(frozen=True, slots=True)
class Requested:
    """A new personal token with its secret, shown this once.

    Attributes:
        request: what waits at home; None if the token works there already.
        approvers: how many people could decide it (A10d).
    """

    token: Token
    secret: Secret
    request: Request | None
    approvers: int


def carry_out(work: Work, planned: Plan, predecessor: TokenId | None = None) -> Requested:
    """Make the planned token, and ask for approval where it is needed.

    The secret is minted now, so that approval needs no second visit and nothing recoverable is
    kept; a pending token opens nothing (G14).
    """
    user = caller_member(work)
    new = Token(
        id=TokenId(work.new_id()),
        organization=work.caller.organization,
        kind=Kind.PERSONAL,
        name=planned.name,
        authority="user",
        subject=user,
        position=work.head(),
        created_at=work.now,
        grants=tuple(
            TokenGrant(
                place.organization,
                State.PENDING if place.needs_approval else State.ACTIVE,
                planned.bounds,
            )
            for place in planned.places
        ),
        owner=user,
        issuer=user,
        description=planned.description,
        expires_at=planned.expires_at,
        predecessor=predecessor,
        spans_all=planned.spans_all,
        reminders=planned.reminders,
    )
    work.aims_at(spell(Prefix.TOKEN, new.id))
    issued = issue(work, new)
    asking = Asking(RequestKind.NEW, planned.bounds, planned.expires_at, planned.justification)
    asked = {
        place.organization: ask(work, new, asking, place.organization, place.policy)
        for place in planned.places
        if place.needs_approval
    }
    if not asked:
        told_made(work, new)
    request = asked.get(new.organization)
    approvers = others_who_approve(work, new.organization, user) if request else 0
    return Requested(issued.token, issued.secret, request, approvers)


def draw_up(work: Work, wish: Wish, kind: Kind) -> Issued:
    """Make what belongs to the organization and no person: an API token or a pair."""
    new = drawn(work, wish, kind)
    told_made(work, new)
    return issue(work, new)


def drawn(work: Work, wish: Wish, kind: Kind) -> Token:
    """Return what belongs to the organization as it would be made: every rule is asked."""
    if isinstance(wish.name, UnsetType):
        raise Invalid(Code.INVALID_FIELD, "A token needs a name.", field="/data/attributes/name")
    here = work.caller.organization
    rules = directory.policy(work.tx, here)
    maker = issuer(work)
    authority, subject = chosen_authority(wish, rules)
    bounds = wish.bounds(
        Bounds(surfaces=Surface.DELIVERY.bit, conditions=work.caller.grant.conditions)
    )
    terms = terms_of(work, authority, subject)
    require_own_power(work, terms, bounds)
    bounds = no_larger(work, terms, bounds)
    ends_at = policy.ends_at(
        rules, wish.expires_at, work.now, None if maker is None else maker.expires_at
    )
    require_start(bounds, ends_at)
    enabled = (
        rules.api_tokens_start_enabled if isinstance(wish.enabled, UnsetType) else wish.enabled
    )
    new = Token(
        id=TokenId(work.new_id()),
        organization=here,
        kind=kind,
        name=policy.named(wish.name),
        authority=authority,
        subject=subject,
        position=work.head(),
        created_at=work.now,
        grants=(TokenGrant(here, State.ACTIVE if enabled else State.DISABLED, bounds),),
        issuer=work.caller.user,
        issuer_token=None if maker is None else maker.id,
        description=""
        if isinstance(wish.description, UnsetType)
        else policy.remark(wish.description, "description"),
        expires_at=ends_at,
    )
    work.aims_at(spell(Prefix.TOKEN, new.id))
    return new
