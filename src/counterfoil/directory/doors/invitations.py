"""Invitations of other organizations over HTTP, for whom they invite."""

from __future__ import annotations

from functools import partial
from typing import Final

from counterfoil.directory import join
from counterfoil.directory.doors.wire_show import OrganizationShown, show_organization
from counterfoil.jsonapi.given import Many, One
from counterfoil.jsonapi.parameter import id_in
from counterfoil.jsonapi.route import Answer, Asked, Route
from counterfoil.kernel import ids
from counterfoil.kernel.ids import OrganizationId, Prefix

_route = partial(Route, section="Invitations")


def listed(asked: Asked) -> Answer:
    """Answer GET /cma/invitations."""
    with asked.read() as work:
        found = join.list_invitations(work)
    return Answer(200, Many([show_organization(one) for one in found]))


def accepted(asked: Asked) -> Answer:
    """Answer POST /cma/invitations/{id}/accept."""
    with asked.work() as work:
        found = join.accept_invitation(work, _organization(asked))
    return Answer(200, One(show_organization(found)))


def declined(asked: Asked) -> Answer:
    """Answer POST /cma/invitations/{id}/decline."""
    with asked.work() as work:
        join.decline_invitation(work, _organization(asked))
    return Answer(204)


def _organization(asked: Asked) -> OrganizationId:
    return OrganizationId(ids.read(Prefix.ORGANIZATION, asked.params["id"]))


_one = partial(_route, parts=(id_in("id", "The organization.", Prefix.ORGANIZATION),))

ROUTES: Final = (
    _route(
        "GET", "/cma/invitations", listed, "invitation.list",
        "List the organizations that invite you", gives={200: Many[OrganizationShown]},
    ),
    _one(
        "POST", "/cma/invitations/{id}/accept", accepted, "invitation.accept",
        "Become a member of an organization that invites you", gives={200: One[OrganizationShown]},
    ),
    _one(
        "POST", "/cma/invitations/{id}/decline", declined, "invitation.decline",
        "Decline an invitation", gives={204: None},
    ),
)  # fmt: skip
"""What the office serves to whom another organization invites. An invitation has its id."""
