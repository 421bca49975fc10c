"""Who joins an organization brings their tokens of all organizations along (G1, K3).

It happens with the joining and in its transaction, by the rules of the organization that is joined:
where somebody must approve, the token waits there; where it breaks a rule, it stays away. What was
denied or revoked there once stays so, and what a cut-off ended does not come back. A token that was
made before its owner's account came into their hands is whoever's had the account then: it stays
away for good.
"""

from __future__ import annotations

from dataclasses import replace

from counterfoil import directory
from counterfoil.access.caller import Method
from counterfoil.access.scope import ALL_BUILT_IN
from counterfoil.feed.event import MemberRecorded
from counterfoil.kernel.errors import Conflict, Denied, Invalid
from counterfoil.kernel.ids import OrganizationId, Prefix, UserId, spell
from counterfoil.operation import Work, operation
from counterfoil.tokens import policy
from counterfoil.tokens.bounds import Bounds
from counterfoil.tokens.holders import require_holder
from counterfoil.tokens.model import LIVE, State, Token, TokenGrant
from counterfoil.tokens.request_model import Asking, RequestKind
from counterfoil.tokens.steps.plan import Place, asked, made_in, place_of
from counterfoil.tokens.steps.record import put
from counterfoil.tokens.steps.requests import ask
from counterfoil.tokens.store import lists


@operation("token.extend", requires=None, methods=frozenset({Method.SESSION, Method.SYSTEM}))
def extend(work: Work, token: Token, place: Place, bounds: Bounds) -> Token:
    """Let a token speak where its owner has become a member, or wait there for approval."""
    work.permit(target=spell(Prefix.TOKEN, token.id))
    state = State.PENDING if place.needs_approval else State.ACTIVE
    after = put(work, token, token.joined(TokenGrant(place.organization, state, bounds)))
    if place.needs_approval:
        asking = Asking(RequestKind.NEW, bounds, token.expires_at, "")
        ask(work, after, asking, place.organization, place.policy)
    return after


def bring_along(work: Work, told: MemberRecorded) -> None:
    """Do what follows from somebody's being an active member of an organization now."""
    if not told.active or told.organization is None:
        return
    here, user = OrganizationId(told.organization), UserId(told.user)
    held = directory.user(work.tx, user).held_since
    for token in lists.followers(work.tx, user, here):
        place = place_of(work, directory.member(work.tx, here, user))
        bounds = _bounds(token)
        if bounds is not None and token.position >= held and _fits(work, token, place):
            life = (token.created_at, token.expires_at)
            extend(work, token, asked(work, place, bounds, life), bounds)


def _bounds(token: Token) -> Bounds | None:
    """Return what the token may do at home, or wherever it still lives, as far as it means all.

    None where it lives nowhere: a token that cut-offs have ended everywhere begins to live nowhere
    else (S20).
    """
    living = [grant for grant in token.grants if grant.standing in LIVE]
    live = sorted(living, key=lambda one: one.organization != token.organization)
    if not live or live[0].bounds.roots is not None:
        return None
    bounds = live[0].bounds
    if bounds.scopes is None:
        return bounds
    scopes = bounds.scopes & ALL_BUILT_IN  # the others are words of one organization
    return replace(bounds, scopes=scopes) if scopes else None


def _fits(work: Work, token: Token, place: Place) -> bool:
    """Say whether the rules of the place would have let the token be made there.

    Where people have to come by a provider, nobody can say any more whether its owner did.
    """
    if token.expired(work.now) or token.position <= place.member.cut_off:
        return False
    if directory.cut(work.tx, place.organization).reached(token.position):
        return False
    if place.policy.provider_only:
        return False
    try:
        require_holder(place.policy, place.member)
        policy.require_quota(place.policy, place.held, made_in(work, place))
        policy.ends_at(place.policy, token.expires_at, token.created_at)
    except (Conflict, Denied, Invalid):
        return False
    return True
