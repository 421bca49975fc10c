"""Invitations of other organizations, for whoever has an account here: accept or decline."""

from __future__ import annotations

from typing import Final

from counterfoil.directory.join import decline_invitation, list_invitations
from counterfoil.jsonapi.parameter import id_in
from counterfoil.jsonapi.route import Answer
from counterfoil.kernel import ids
from counterfoil.kernel.ids import OrganizationId, Prefix
from counterfoil.signin.accept import accept_invitation
from counterfoil.web.language import N_
from counterfoil.web.notice import Notice
from counterfoil.web.page import Page, Visit

PATH: Final = "/invitations"
_TITLE: Final = N_("Invitations")
_ACCEPT: Final = f"{PATH}/{{id}}/accept"


def show(visit: Visit) -> Answer:
    """List the organizations that invite whoever is here."""
    with visit.read() as work:
        found = list_invitations(work)
    return visit.show("invitations", inviting=[(str(one.id), one.name) for one in found])


def accept(visit: Visit) -> Answer:
    """Become a member, by the code that the organization gave."""
    with visit.work() as work:
        joined = accept_invitation(work, _organization(visit), visit.form.text("code"))
    said = visit.say("You belong to %(name)s now: choose it at the top.", name=joined.name)
    return visit.go(PATH, Notice(said))


def decline(visit: Visit) -> Answer:
    """Stay away."""
    with visit.work() as work:
        decline_invitation(work, _organization(visit))
    return visit.go(PATH, Notice(visit.say("You stay away, and nothing of it is left.")))


def _organization(visit: Visit) -> OrganizationId:
    return OrganizationId(ids.read(Prefix.ORGANIZATION, visit.asked.params["id"]))


_PART: Final = id_in("id", "The organization.", Prefix.ORGANIZATION)

PAGES: Final = (
    Page("GET", PATH, show, _TITLE, operation="invitation.list"),
    Page(
        "POST",
        _ACCEPT,
        accept,
        _TITLE,
        operation="invitation.accept",
        also=("invitation.list",),
        parts=(_PART,),
        form=show,
        secrets=("code",),
    ),
    Page(
        "POST",
        f"{PATH}/{{id}}/decline",
        decline,
        _TITLE,
        operation="invitation.decline",
        parts=(_PART,),
    ),
)
