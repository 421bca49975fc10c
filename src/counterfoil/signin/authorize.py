"""Somebody who is signed in lets a client speak for them: the authorization endpoint's half."""

from __future__ import annotations

from counterfoil.kernel.ids import Prefix, TokenId, spell
from counterfoil.operation import Work, operation
from counterfoil.signin import policy
from counterfoil.signin.model import Ask, Code
from counterfoil.signin.steps.session import account, find
from counterfoil.signin.store import rows
from counterfoil.signin.ticket import Ticket, draw


@operation("oauth.authorize", requires=None, vital=True)
def authorize(work: Work, cookie: str, ask: Ask) -> str:
    """Return a code for a client, good for one minute and one use."""
    session = find(work, cookie)
    work.permit(target=spell(Prefix.TOKEN, work.caller.token or TokenId(0)))
    if session is None or not policy.alive(session, work.now):
        raise policy.signed_out()
    account(work.tx, session.user, session.position)
    rows.touch(work.tx, session.id, work.now)
    ticket, kept = draw(Ticket.CODE, work.entropy)
    rows.add_code(
        work.tx,
        Code(
            digest=kept,
            user=session.user,
            client=ask.client,
            redirect_uri=ask.redirect_uri,
            challenge=ask.challenge,
            position=session.position,
            authenticated_at=session.authenticated_at,
            dies_at=work.now + policy.CODE_LIFE,
            provider=session.provider,
        ),
    )
    return ticket
