"""Who stands at a browser door: the person whose cookie is still good, and where they may act."""

from __future__ import annotations

from counterfoil.kernel.ids import OrganizationId
from counterfoil.office import Office
from counterfoil.signin import policy
from counterfoil.signin.model import Purpose, Session
from counterfoil.signin.steps.session import account
from counterfoil.signin.store import rows
from counterfoil.signin.ticket import Ticket, digest


def visitor(office: Office, ticket: str) -> tuple[Session, OrganizationId]:
    """Return the living browser session of a ticket, and the organization of its record.

    Raises:
        Refused: if it is unknown, idle or over, or the person may not come in any more.
    """
    kept = digest(Ticket.COOKIE, ticket)
    if kept is None:
        raise policy.signed_out()
    with office.database.reading() as tx:
        session = rows.by_secret(tx, Purpose.COOKIE, kept)
        if session is None or not policy.alive(session, office.clock()):
            raise policy.signed_out()
        return session, account(tx, session.user, session.position).organization
