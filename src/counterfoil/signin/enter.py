"""A way in that the operator at the machine hands over: good once, for one person, for a while.

It is for who cannot sign in yet, or any more: the first admin, a demonstration, a lost password.
"""

from __future__ import annotations

from typing import Final

from counterfoil.access.caller import Origin
from counterfoil.kernel.ids import Prefix, UserId, spell
from counterfoil.office import Office
from counterfoil.operation import Work, operation
from counterfoil.signin import policy
from counterfoil.signin.model import Account, Code
from counterfoil.signin.steps.arrive import arrive
from counterfoil.signin.steps.session import OFFICE, account, on_behalf
from counterfoil.signin.store import rows
from counterfoil.signin.ticket import Ticket, digest, draw

_NO_CLIENT: Final = ""
"""Whom the code is for: no OAuth client can redeem it, for its digest is of another domain."""


@operation("signin.hand_entry", requires=None, methods=OFFICE)
def hand_entry(work: Work, user: UserId) -> str:
    """Return the ticket with which a person comes in once, within half an hour."""
    work.permit(target=spell(Prefix.USER, user))
    position = work.head()
    ticket, kept = draw(Ticket.ENTRY, work.entropy)
    code = Code(
        digest=kept,
        user=user,
        client=_NO_CLIENT,
        redirect_uri="",
        challenge="",
        position=position,
        authenticated_at=work.now,
        dies_at=work.now + policy.ENTRY_LIFE,
    )
    rows.add_code(work.tx, code)
    return ticket


def come_in(
    office: Office, ticket: str, origin: Origin, old: str = "", *, language: str | None = None
) -> str:
    """Return the ticket of a new browser session; the one that the `old` ticket names is over.

    `language` is that of the page.

    Raises:
        Refused: INVALID_INVITATION, whatever is wrong.
    """
    kept = digest(Ticket.ENTRY, ticket)
    with office.database.reading() as tx:
        code = None if kept is None else rows.find_code(tx, kept)
        if code is None or kept is None:
            raise policy.uninvited()
        who = account(tx, code.user, code.position)
    with office.work(on_behalf(who), origin) as work:
        return enter(work, who, kept, old, language)


@operation("signin.enter", requires=None, methods=OFFICE, vital=True)
def enter(work: Work, who: Account, kept: bytes, old: str = "", language: str | None = None) -> str:
    """Begin a browser session for whoever was handed this way in; it is used up."""
    work.permit(target=spell(Prefix.USER, who.user))
    code = rows.take_code(work.tx, kept)
    if code is None or code.dies_at <= work.now:
        raise policy.uninvited()
    account(work.tx, code.user, code.position)
    return arrive(work, code.user, code.position, work.now, old=old, language=language)
