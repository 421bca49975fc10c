"""Reading API tokens: for who manages them."""

from __future__ import annotations

from typing import Final

from counterfoil.access.scope import Scope
from counterfoil.kernel.ids import TokenId
from counterfoil.kernel.page import Page, Wanted
from counterfoil.operation import Work, operation
from counterfoil.secret import Kind
from counterfoil.tokens.model import Token
from counterfoil.tokens.sought import ANY, NEWEST, OLDEST, Order, Sought
from counterfoil.tokens.steps.authority import MANAGERS, require_administrator
from counterfoil.tokens.steps.seen import api_token_seen
from counterfoil.tokens.store import lists

_KIND: Final = (Kind.SERVICE,)


@operation("api_token.show", requires=Scope.TOKENS_MANAGE, methods=MANAGERS, reads=True)
def show_api_token(work: Work, id_: TokenId) -> Token:
    """Show an API token; one that is destroyed is not to be found any more."""
    return api_token_seen(work, id_)


@operation("api_token.list", requires=Scope.TOKENS_MANAGE, methods=MANAGERS, reads=True)
def list_api_tokens(work: Work, sought: Sought = ANY, order: Order = OLDEST) -> list[Token]:
    """List all API tokens of the organization."""
    work.permit()
    require_administrator(work)
    chosen = lists.Filter(_KIND, live=True, sought=sought, order=order)
    return lists.every(work.tx, work.caller.organization, chosen, work.now)


@operation("api_token.page", requires=Scope.TOKENS_MANAGE, methods=MANAGERS, reads=True)
def page_api_tokens(
    work: Work, wanted: Wanted, sought: Sought = ANY, order: Order = NEWEST
) -> Page[Token]:
    """List API tokens of the organization a piece at a time."""
    work.permit()
    require_administrator(work)
    chosen = lists.Filter(_KIND, live=True, sought=sought, order=order)
    return lists.page(work.tx, work.caller.organization, wanted, chosen, work.now)
