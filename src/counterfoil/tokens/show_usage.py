"""How tokens were used lately: for whoever may see them."""

from __future__ import annotations

from counterfoil.access.scope import Scope
from counterfoil.kernel.ids import Prefix, TokenId, spell
from counterfoil.operation import Work, operation
from counterfoil.secret import Kind
from counterfoil.tokens.model import Token
from counterfoil.tokens.steps.authority import MANAGERS, require_administrator
from counterfoil.tokens.steps.seen import api_token_seen, permit_seen
from counterfoil.tokens.store import last_used, rows, usage
from counterfoil.tokens.usage_model import Range, Report, report


@operation("token.show_usage", requires=Scope.TOKENS_APPROVE, owner=True, reads=True)
def show_usage(work: Work, id_: TokenId, range_: Range) -> Report:
    """Show how a personal token was used here, in whatever state it is now (G12g)."""
    token = rows.token(work.tx, work.caller.organization, id_, (Kind.PERSONAL,))
    permit_seen(work, token.owner, spell(Prefix.TOKEN, id_))
    return _report(work, token, range_)


@operation("api_token.show_usage", requires=Scope.TOKENS_MANAGE, methods=MANAGERS, reads=True)
def show_api_usage(work: Work, id_: TokenId, range_: Range) -> Report:
    """Show how an API token was used, if there still is one."""
    return _report(work, api_token_seen(work, id_), range_)


@operation("key_pair.show_usage", requires=Scope.TOKENS_MANAGE, reads=True)
def show_pair_usage(work: Work, id_: TokenId, range_: Range) -> Report:
    """Show how the tokens were used that were given for a pair (A23)."""
    token = rows.token(work.tx, work.caller.organization, id_, (Kind.CLIENT,))
    work.permit(target=spell(Prefix.TOKEN, id_))
    require_administrator(work)
    return _report(work, token, range_)


def _report(work: Work, token: Token, range_: Range) -> Report:
    here = work.caller.organization
    since = range_.until(work.now) - range_.span
    last = last_used.last_uses(work.tx, here, [token.id]).get(token.id)
    return report(range_, work.now, usage.buckets(work.tx, here, token.id, since), last)
