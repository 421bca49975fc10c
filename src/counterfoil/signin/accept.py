"""Whom one organization has becomes a member of another by signing in and by the code it gave them.

It takes both. An account is in the hands of whoever got its first code, and that code was given out
by the organization that enrolled the address first, which may not be the person's: so an account by
itself accepts nothing. A code by itself opens no account that another organization has.
"""

from __future__ import annotations

from counterfoil import directory
from counterfoil.directory import Organization
from counterfoil.kernel.errors import Code, Denied, Invalid, NotFound
from counterfoil.kernel.ids import OrganizationId
from counterfoil.operation import Work, operation
from counterfoil.signin.steps.code import code_digest, require_inviter
from counterfoil.signin.store import invitations


@operation("invitation.accept", requires=None)
def accept_invitation(work: Work, id_: OrganizationId, code: str) -> Organization:
    """Become a member of an organization that invites one, with the roles that it gives.

    Raises:
        NotFound: where nobody invites the caller.
        Invalid: for a code that is not the one of this invitation, or that is worth nothing now.
    """
    place = directory.own_invitation(work, id_)
    shown = code_digest(code.strip(), work.prefix)
    found = None if shown is None else invitations.take(work.tx, shown, joins=True)
    if found is None or (found.organization, found.user) != (id_, place.user):
        raise _useless()
    if work.now >= found.dies_at or not place.invited:
        raise _useless()
    try:
        require_inviter(work.tx, found, place)
    except (Denied, NotFound):
        raise _useless() from None
    directory.answer_invitation(work, place.accepted(work.now))
    return directory.organization(work.tx, id_)


def _useless() -> Invalid:
    return Invalid(
        Code.INVALID_FIELD,
        "The code is unknown, used or late: ask whoever invited you.",
        field="/data/attributes/code",
    )
