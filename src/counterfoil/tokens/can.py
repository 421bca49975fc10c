"""Whether a token can do something somewhere, for whoever may see it: its secret is not needed."""

from __future__ import annotations

from counterfoil import directory
from counterfoil.access.scope import Scope
from counterfoil.access.surface import Surfaces
from counterfoil.kernel.errors import NotFound
from counterfoil.kernel.ids import NodeId, Prefix, TokenId, spell
from counterfoil.operation import Work, operation
from counterfoil.secret import Kind
from counterfoil.tokens.model import LIVE, Token
from counterfoil.tokens.steps.able import METHODS, Powers, Question, place_of, scope_called
from counterfoil.tokens.steps.authority import MANAGERS, require_administrator
from counterfoil.tokens.steps.seen import permit_seen
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
    here = work.caller.organization
    token = rows.token(work.tx, here, id_, (Kind.SERVICE,))
    work.permit(target=spell(Prefix.TOKEN, id_))
    require_administrator(work)
    if token.state_in(here) not in LIVE:
        raise NotFound
    return _surfaces(work, token, name, node)


def _surfaces(work: Work, token: Token, name: str, node: NodeId | None) -> Surfaces | None:
    scope = scope_called(work, name)
    on = place_of(work, scope, node)
    if on is not None:
        work.caller.grant.permit(Scope.CONTENT_READ, on)
    people = {one.user: one for one in directory.everybody(work.tx, work.caller.organization)}
    power = Powers(work, people).of(token)
    if power is None:
        return None
    return Question(work, scope, on).answer(METHODS[token.kind], power.grant)
