"""Whether a token can do something somewhere, for whoever may see it: its secret is not needed."""

from __future__ import annotations

from counterfoil import directory
from counterfoil.access.scope import Scope
from counterfoil.access.surface import Surfaces
from counterfoil.directory import Member
from counterfoil.kernel.errors import NotFound
from counterfoil.kernel.ids import NodeId, Prefix, TokenId, UserId, spell
from counterfoil.operation import Work, operation
from counterfoil.secret import Kind
from counterfoil.tokens.model import Token
from counterfoil.tokens.steps.able import METHODS, Powers, Question, place_of, scope_called
from counterfoil.tokens.steps.authority import MANAGERS
from counterfoil.tokens.steps.seen import api_token_seen, permit_seen
from counterfoil.tokens.store import rows


@operation("token.can", requires=Scope.TOKENS_APPROVE, owner=True, reads=True)
def can_token(work: Work, id_: TokenId, name: str, node: NodeId | None) -> Surfaces | None:
    """Say at which surfaces a personal token can do what a scope allows; None if it cannot.

    Raises:
        Invalid: for a scope that there is not, or a node where there is none to name.
        NotFound, Denied: for a node that the caller does not see.
    """
    token = rows.token(work.tx, work.caller.organization, id_, (Kind.PERSONAL,))
    permit_seen(work, token.owner, spell(Prefix.TOKEN, id_))
    return _surfaces(work, token, name, node)


@operation("api_token.can", requires=Scope.TOKENS_MANAGE, methods=MANAGERS, reads=True)
def can_api_token(work: Work, id_: TokenId, name: str, node: NodeId | None) -> Surfaces | None:
    """Say the same of an API token, if there still is one."""
    return _surfaces(work, api_token_seen(work, id_), name, node)


def _surfaces(work: Work, token: Token, name: str, node: NodeId | None) -> Surfaces | None:
    scope = scope_called(work, name)
    on = place_of(work, scope, node)
    if on is not None:
        work.caller.grant.permit(Scope.CONTENT_READ, on)
    power = Powers(work, _holder(work, token)).of(token)
    if power is None:
        return None
    return Question(work, scope, on).answer(METHODS[token.kind], power.grant)


def _holder(work: Work, token: Token) -> dict[UserId, Member]:
    """Return the member by whose authority a token acts, if there is one."""
    if token.authority != "user" or token.subject is None:
        return {}
    user = UserId(token.subject)
    try:
        return {user: directory.member(work.tx, work.caller.organization, user)}
    except NotFound:
        return {}
