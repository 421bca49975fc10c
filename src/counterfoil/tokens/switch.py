"""Off and on again: whoever owns a personal token, or may approve tokens, can do it (A24, Q3)."""

from __future__ import annotations

from counterfoil.access.scope import Scope
from counterfoil.kernel.ids import Prefix, TokenId, spell
from counterfoil.kernel.version import require_version
from counterfoil.operation import Work, operation
from counterfoil.secret import Kind
from counterfoil.tokens.model import Token
from counterfoil.tokens.steps.change import switch
from counterfoil.tokens.steps.requests import Edited
from counterfoil.tokens.steps.seen import permit_seen
from counterfoil.tokens.store import requests, rows

_PERSONAL = (Kind.PERSONAL,)


@operation("token.disable", requires=Scope.TOKENS_APPROVE, owner=True, vital=True)
def disable(work: Work, id_: TokenId, version: int | None = None) -> Edited:
    """Switch a personal token off: it answers 401 until it is switched on again.

    `version` is the one that the caller looked at.
    """
    token = rows.hold(work.tx, work.caller.organization, id_, _PERSONAL)
    permit_seen(work, token.owner, spell(Prefix.TOKEN, id_))
    require_version(token.version, version)
    return _switched(work, token, on=False)


@operation("token.enable", requires=Scope.TOKENS_APPROVE, owner=True)
def enable(work: Work, id_: TokenId, version: int | None = None) -> Edited:
    """Switch a personal token on again. What somebody else switched off, its owner cannot."""
    token = rows.hold(work.tx, work.caller.organization, id_, _PERSONAL)
    by = token.grant_in(work.caller.organization).disabled_by
    permit_seen(work, token.owner, spell(Prefix.TOKEN, id_))
    if by is not None and by != token.owner:
        work.caller.grant.hold(Scope.TOKENS_APPROVE)
    require_version(token.version, version)
    return _switched(work, token, on=True)


def _switched(work: Work, token: Token, *, on: bool) -> Edited:
    waiting = requests.open_request(work.tx, work.caller.organization, token.id)
    return Edited(switch(work, token, on=on), waiting)
