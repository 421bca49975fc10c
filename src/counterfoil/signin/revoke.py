"""Whoever holds a session's secret may end the session (RFC 7009)."""

from __future__ import annotations

from counterfoil.access.caller import Origin
from counterfoil.kernel.errors import Refused
from counterfoil.kernel.ids import Prefix, TokenId, spell
from counterfoil.office import Office
from counterfoil.operation import Work, operation
from counterfoil.signin.model import Purpose
from counterfoil.signin.steps.session import OFFICE, account, end, on_behalf
from counterfoil.signin.store import rows


def give_up(office: Office, purpose: Purpose, digested: bytes, origin: Origin) -> int:
    """End the session that an access or refresh token belongs to, with all its secrets.

    Returns the position from which on it is over; 0 for an unknown one, which is dead already.
    """
    with office.database.reading() as tx:
        session = rows.by_secret(tx, purpose, digested)
        if session is None:
            return 0
        try:
            who = account(tx, session.user, session.position)
        except Refused:
            return 0
    with office.work(on_behalf(who), origin) as work:
        revoke(work, session.id, purpose, digested)
    return work.position or 0


@operation("oauth.revoke", requires=None, methods=OFFICE, vital=True)
def revoke(work: Work, session_id: TokenId, purpose: Purpose, digested: bytes) -> None:
    """End an OAuth session by one of its tokens."""
    session = rows.by_secret(work.tx, purpose, digested)
    work.permit(target=spell(Prefix.TOKEN, session_id))
    if session is not None:
        end(work, session)
