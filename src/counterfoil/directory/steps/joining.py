"""How somebody finds the invitation that they answer, and what their answer makes of it."""

from __future__ import annotations

from counterfoil.directory.model import Member
from counterfoil.directory.steps.replay import member_record
from counterfoil.directory.store.members import hold_member, save_member
from counterfoil.directory.store.rows import hold_organization
from counterfoil.kernel.errors import Code, Denied, NotFound
from counterfoil.kernel.ids import OrganizationId, Prefix, UserId, spell
from counterfoil.operation import Work


def own_invitation(work: Work, id_: OrganizationId) -> Member:
    """Find the caller's place in an organization that invites them, and hold it.

    Raises:
        NotFound: where nobody invites them.
    """
    work.permit(target=spell(Prefix.ORGANIZATION, id_))
    hold_organization(work.tx, id_)
    found = hold_member(work.tx, id_, whoever_asks(work))
    if found.invited_as is None:
        raise NotFound
    return found


def answer_invitation(work: Work, then: Member) -> None:
    """Keep what an answer made of a place, and tell the gates."""
    save_member(work.tx, then)
    work.emit(member_record(then))


def whoever_asks(work: Work) -> UserId:
    """Return the caller's user."""
    if work.caller.user is None:
        raise Denied(Code.NOT_A_MEMBER, "Nobody in particular asks.")
    return work.caller.user
