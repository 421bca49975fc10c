"""Whom one organization has and another invites sees so, and may stay away.

To say yes takes the code of the invitation: that is `signin/accept.py`.
"""

from __future__ import annotations

from counterfoil.directory.model import Organization
from counterfoil.directory.steps.joining import answer_invitation, own_invitation, whoever_asks
from counterfoil.directory.store.members import memberships_of
from counterfoil.directory.store.rows import organization
from counterfoil.kernel.ids import OrganizationId
from counterfoil.operation import Work, operation


@operation("invitation.list", requires=None, reads=True)
def list_invitations(work: Work) -> list[Organization]:
    """List the organizations that invite whoever signed in."""
    work.permit()
    places = memberships_of(work.tx, whoever_asks(work))
    return [organization(work.tx, one.organization) for one in places if one.invited_as is not None]


@operation("invitation.decline", requires=None)
def decline_invitation(work: Work, id_: OrganizationId) -> None:
    """Stay away from an organization that invites one."""
    found = own_invitation(work, id_)
    answer_invitation(work, found.ended(found.own_cut_off, work.now))
