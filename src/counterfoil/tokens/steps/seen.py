"""Permission for what is asked for by its id: whoever may not know of it learns nothing of it."""

from __future__ import annotations

from counterfoil.access.scope import Scope
from counterfoil.kernel.errors import NotFound
from counterfoil.kernel.ids import Prefix, TokenId, UserId, spell
from counterfoil.operation import Work
from counterfoil.secret import Kind
from counterfoil.tokens.model import LIVE, Token
from counterfoil.tokens.steps.authority import require_administrator
from counterfoil.tokens.store import rows


def permit_seen(
    work: Work, owner: UserId | None, target: str, *, by: Scope = Scope.TOKENS_APPROVE
) -> None:
    """Ask for permission to do this on a thing of somebody's (`tok_…`, `req_…`).

    Everybody's are seen by who holds the scope `by`.

    Raises:
        NotFound: to who is neither its owner nor sees everybody's: for them it is like one that
            never was. The trail has what they tried.
        Denied: to who sees it, and may not do this.
    """
    work.aims_at(target)
    if owner != work.caller.user and not work.caller.grant.scopes & by.bit:
        raise NotFound
    work.permit(owner=owner, target=target)


def api_token_seen(work: Work, id_: TokenId, *, hold: bool = False) -> Token:
    """Return an API token that lives, to who manages them.

    With `hold`, of two who do something about it one comes second.

    Raises:
        NotFound: if there is none, or none any more.
        Denied: to who manages none.
    """
    here = work.caller.organization
    token = (rows.hold if hold else rows.token)(work.tx, here, id_, (Kind.SERVICE,))
    work.permit(target=spell(Prefix.TOKEN, id_))
    require_administrator(work)
    if token.state_in(here) not in LIVE:
        raise NotFound
    return token
