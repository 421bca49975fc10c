"""Revoking is final, and holds before the call returns (X15, G11, G15)."""

from __future__ import annotations

from dataclasses import replace

from counterfoil import directory
from counterfoil.access.caller import Method
from counterfoil.access.scope import Scope
from counterfoil.kernel.errors import Code, Denied
from counterfoil.kernel.ids import OrganizationId, Prefix, TokenId, spell
from counterfoil.notices import Kind as Told
from counterfoil.operation import ANY_TOKEN, Work, operation
from counterfoil.secret import Kind
from counterfoil.tokens.model import LIVE, State, Token
from counterfoil.tokens.sought import OLDEST
from counterfoil.tokens.steps.end import end, position_after
from counterfoil.tokens.steps.notify import told_taken
from counterfoil.tokens.steps.plan import caller_member
from counterfoil.tokens.steps.record import put
from counterfoil.tokens.steps.requests import close
from counterfoil.tokens.steps.seen import permit_seen
from counterfoil.tokens.store import lists, requests, rows

_PERSONAL = (Kind.PERSONAL,)


@operation("token.revoke", requires=Scope.TOKENS_APPROVE, owner=True, vital=True)
def revoke(work: Work, id_: TokenId) -> Token:
    """Revoke a personal token: one's own without asking, anybody's by who may approve (A21, A24).

    Its owner ends it everywhere, somebody else in their own organization. To revoke what is revoked
    changes nothing and answers the same again; what has expired stays expired (G6, G11).
    """
    here = work.caller.organization
    token = rows.hold(work.tx, here, id_, _PERSONAL)
    permit_seen(work, token.owner, spell(Prefix.TOKEN, id_))
    if token.state_in(here) in LIVE:
        token.changeable(here, work.now)
    if token.owner == work.caller.user or _speaks_only(token, here):
        return end(work, [token])[0]
    if token.state_in(here) not in LIVE:
        return token
    waiting = requests.open_request(work.tx, here, token.id)
    close(work, [waiting] if waiting else [])
    told_taken(work, Told.TOKEN_REVOKED, token, here)
    return put(
        work,
        token,
        replace(token.closed(here, State.REVOKED), revoked_position=position_after(work, 1)),
    )


@operation("token.revoke_mine", requires=None, vital=True)
def revoke_mine(work: Work) -> list[Token]:
    """Revoke every personal token of the caller that is in force in this organization, at once."""
    user = caller_member(work)
    work.permit(target=spell(Prefix.USER, user))
    mine = lists.Filter(_PERSONAL, owner=user, live=True, order=OLDEST)
    found = lists.every(work.tx, work.caller.organization, mine, work.now)
    here = work.caller.organization
    held = [rows.hold(work.tx, here, one.id, _PERSONAL) for one in sorted(found, key=_id)]
    return end(work, [token for token in held if not token.expired(work.now)])


@operation(
    "token.surrender",
    requires=None,
    methods=ANY_TOKEN | {Method.SYSTEM},
    surface=None,
    vital=True,
)
def surrender(work: Work, id_: TokenId) -> Token:
    """Revoke the very token that the caller holds: who finds a leaked one can end it.

    The sign-in speaks for a holder who shows the secret at its revocation endpoint.
    """
    token = rows.hold(
        work.tx, work.caller.organization, id_, (Kind.PERSONAL, Kind.SERVICE, Kind.EXCHANGED)
    )
    work.permit(target=spell(Prefix.TOKEN, id_))
    if work.caller.method is not Method.SYSTEM and work.caller.token != id_:
        raise Denied(Code.INSUFFICIENT_SCOPE, "A token surrenders itself alone.")
    if token.expired(work.now):
        return token
    cascade = directory.policy(work.tx, token.organization).cascade and token.live_grants
    return end(work, [token, *(lists.family(work.tx, token) if cascade else [])])[0]


def _speaks_only(token: Token, here: OrganizationId) -> bool:
    return [grant.organization for grant in token.live_grants] == [here]


def _id(token: Token) -> TokenId:
    return token.id
