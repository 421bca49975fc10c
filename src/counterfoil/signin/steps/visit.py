"""Who stands at a browser door: the person whose cookie is still good, and where they may act.

At the pages they act with what their roles allow now, and the gate of this host says what that is:
it knows a browser session as it knows every other credential.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from msgspec import structs

from counterfoil import directory
from counterfoil.access.caller import Caller, Method
from counterfoil.access.grant import Grant
from counterfoil.kernel.errors import Code, Denied, Refused
from counterfoil.kernel.ids import OrganizationId, UserId
from counterfoil.office import Office
from counterfoil.runtime.witness import NOBODY
from counterfoil.signin import policy
from counterfoil.signin.model import Account, Purpose, Session
from counterfoil.signin.steps.session import BROWSER, account
from counterfoil.signin.store import rows
from counterfoil.signin.ticket import Ticket, digest

_NOTED: Final = timedelta(minutes=1)
"""How exactly it is written down when somebody was last here."""


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
        if session.provider is None and not office.providers.passwords:
            raise policy.signed_out()
        return session, account(tx, session.user, session.position).organization


def entered(office: Office, ticket: str, user: UserId) -> list[Caller]:
    """Return who a session is in each organization that it opens to its person, a member there."""
    with office.database.reading() as tx:
        places = [one.organization for one in directory.memberships(tx, user) if one.active]
    found = []
    for place in places:
        try:
            caller = in_the_house(office, ticket, Account(user, place))
        except Denied:
            continue
        if caller.organization == place:
            found.append(caller)
    return found


def formerly(office: Office, ticket: str) -> Account | None:
    """Return whose browser session a ticket was, also one that is over, and where their record is.

    None where that is known no more, or they may not come in any more. It lets nobody in: what they
    left here is kept for them, until they have signed in.
    """
    kept = digest(Ticket.COOKIE, ticket)
    if kept is None:
        return None
    with office.database.reading() as tx:
        session = rows.by_secret(tx, Purpose.COOKIE, kept)
        if session is None:
            return None
        try:
            return account(tx, session.user, session.position)
        except Refused:
            return None


def in_the_house(office: Office, ticket: str, last: Account | None) -> Caller:
    """Return who a ticket names, with what they may do now where they act.

    That is where they acted `last` in this browser, which says nothing of anybody else; else, and
    where they are no member any more, it is the organization of their record.

    Raises:
        Refused: if nobody is signed in by that ticket.
        Denied: PROVIDER_REQUIRED, where that organization asks for another way to sign in.
    """
    session, home = visitor(office, ticket)
    now = office.clock()
    if now - session.seen_at >= _NOTED:
        with office.database.transaction(NOBODY, spare=True) as tx:
            rows.touch(tx, session.id, now)
    claimed = Caller(
        organization=last.organization if last and last.user == session.user else home,
        user=session.user,
        method=Method.SESSION,
        grant=Grant(()),
        token=session.id,
        token_name=BROWSER,
        authenticated_at=session.authenticated_at,
        credential=digest(Ticket.COOKIE, ticket),
    )
    try:
        return office.verify_again(claimed, None)
    except Denied as error:
        if error.code is Code.PROVIDER_REQUIRED:
            raise
        return office.verify_again(structs.replace(claimed, organization=home), None)
