"""A token's end comes near, or has come: its holder is told, once for each (G12d)."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from counterfoil import notices
from counterfoil.access.caller import Method
from counterfoil.kernel.clock import spell_instant
from counterfoil.kernel.ids import Prefix, TokenId, spell
from counterfoil.notices import Facts
from counterfoil.notices import Kind as Told
from counterfoil.operation import Work, operation
from counterfoil.tokens.model import Token
from counterfoil.tokens.news import TokenTurned, Turn
from counterfoil.tokens.steps.notify import LASTING, holder, page_of
from counterfoil.tokens.store import ending, rows
from counterfoil.tokens.store.last_used import last_uses

LATELY: Final = timedelta(days=1)
"""A token that was used within that time is in use: its end will be noticed."""


@operation("token.tell_of_end", requires=None, methods=frozenset({Method.SYSTEM}))
def tell_of_end(work: Work, id_: TokenId) -> Token:
    """Tell a token's holder that it ends soon, or has ended; of each they are told once."""
    work.permit(target=spell(Prefix.TOKEN, id_))
    token = rows.token(work.tx, work.caller.organization, id_, LASTING)
    whose, ends_at = holder(token), token.expires_at
    if whose is None or ends_at is None or not token.live_grants:
        return token
    use = last_uses(work.tx, token.organization, [id_]).get(id_)
    lately = use is not None and use.at > work.now - LATELY
    facts: Facts = {
        "name": token.name,
        "expires_at": spell_instant(ends_at),
        "used": lately,
        **page_of(token.kind),
    }
    about = spell(Prefix.TOKEN, id_)
    if token.expired(work.now):
        notices.tell(work, Told.TOKEN_EXPIRED, [whose], about, facts, mark=ending.ENDED)
        work.announce(TokenTurned(token.organization, id_, token.kind, Turn.EXPIRED))
        return token
    due = [days for days in token.reminders if ends_at <= work.now + timedelta(days=days)]
    if due:
        told = {**facts, "days": min(due)}
        notices.tell(work, Told.TOKEN_EXPIRING, [whose], about, told, mark=str(min(due)))
        work.announce(TokenTurned(token.organization, id_, token.kind, Turn.EXPIRING))
    return token
