"""Off and on again: whoever owns a personal token, or may approve tokens, can do it (A24, Q3)."""

from __future__ import annotations

from counterfoil.access.scope import Scope
from counterfoil.kernel.ids import Prefix, TokenId, spell
from counterfoil.operation import Work, operation
from counterfoil.secret import Kind
from counterfoil.tokens.model import Token
from counterfoil.tokens.steps.change import switch
from counterfoil.tokens.store import rows

_PERSONAL = (Kind.PERSONAL,)


@operation("token.disable", requires=Scope.TOKENS_APPROVE, owner=True)
def disable(work: Work, id_: TokenId) -> Token:
    """Switch a personal token off: it answers 401 until it is switched on again."""
    token = rows.hold(work.tx, work.caller.organization, id_, _PERSONAL)
    work.permit(owner=token.owner, target=spell(Prefix.TOKEN, id_))
    return switch(work, token, on=False)


@operation("token.enable", requires=Scope.TOKENS_APPROVE, owner=True)
def enable(work: Work, id_: TokenId) -> Token:
    """Switch a personal token on again. What somebody else switched off, its owner cannot."""
    token = rows.hold(work.tx, work.caller.organization, id_, _PERSONAL)
    by = token.grant_in(work.caller.organization).disabled_by
    own = by is None or by == token.owner
    work.permit(owner=token.owner if own else None, target=spell(Prefix.TOKEN, id_))
    return switch(work, token, on=True)
