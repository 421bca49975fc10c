"""Whom one organization has and another invites says yes or no: nobody else says it for them."""

from __future__ import annotations

from counterfoil.directory.model import Member, Organization
from counterfoil.directory.steps.replay import member_record
from counterfoil.directory.store.members import hold_member, memberships_of, save_member
from counterfoil.directory.store.rows import hold_organization, organization
from counterfoil.kernel.errors import Code, Denied, NotFound
from counterfoil.kernel.ids import OrganizationId, Prefix, UserId, spell
from counterfoil.operation import Work, operation


@operation("invitation.list", requires=None, reads=True)
def list_invitations(work: Work) -> list[Organization]:
    """List the organizations that invite whoever signed in."""
    work.permit()
    places = memberships_of(work.tx, _me(work))
    return [organization(work.tx, one.organization) for one in places if one.invited_as is not None]


@operation("invitation.accept", requires=None)
def accept_invitation(work: Work, id_: OrganizationId) -> Organization:
    """Become a member of an organization that invites one, with the roles that it gives."""
    _settle(work, _invited(work, id_).accepted(work.now))
    return organization(work.tx, id_)


@operation("invitation.decline", requires=None)
def decline_invitation(work: Work, id_: OrganizationId) -> None:
    """Stay away from an organization that invites one."""
    found = _invited(work, id_)
    _settle(work, found.ended(found.own_cut_off, work.now))


def _invited(work: Work, id_: OrganizationId) -> Member:
    work.permit(target=spell(Prefix.ORGANIZATION, id_))
    hold_organization(work.tx, id_)
    found = hold_member(work.tx, id_, _me(work))
    if found.invited_as is None:
        raise NotFound
    return found


def _settle(work: Work, then: Member) -> None:
    save_member(work.tx, then)
    work.emit(member_record(then))


def _me(work: Work) -> UserId:
    if work.caller.user is None:
        raise Denied(Code.NOT_A_MEMBER, "Nobody in particular asks.")
    return work.caller.user
