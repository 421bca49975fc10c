"""Invitations of other organizations over HTTP, for whom they invite."""

from __future__ import annotations

from functools import partial
from typing import Final, Literal

from counterfoil.directory.doors.wire_show import OrganizationShown, show_organization
from counterfoil.directory.join import decline_invitation, list_invitations
from counterfoil.jsonapi.body import Body
from counterfoil.jsonapi.given import Many, One
from counterfoil.jsonapi.parameter import id_in
from counterfoil.jsonapi.route import Answer, Asked, Route
from counterfoil.kernel import ids
from counterfoil.kernel.ids import OrganizationId, Prefix
from counterfoil.signin.accept import accept_invitation

_PATH: Final = "/cma/invitations"
_ACCEPT: Final = f"{_PATH}/{{id}}/accept"
_route = partial(Route, section="Invitations", everywhere=True)


class Acceptance(Body, frozen=True):
    """The one-time code that whoever invites handed on."""

    code: str


class Accepted(Body, frozen=True):
    """An invitation that is accepted."""

    type: Literal["invitation"]
    attributes: Acceptance


class AcceptedBody(Body, frozen=True):
    """The document that accepts an invitation."""

    data: Accepted


_EXAMPLE: Final = {"data": {"type": "invitation", "attributes": {"code": "cfi_EXAMPLE"}}}


def accept_path(id_: OrganizationId) -> str:
    """Return where whom an organization invites accepts it."""
    return _ACCEPT.format(id=id_)


def listed(asked: Asked) -> Answer:
    """Answer GET /cma/invitations."""
    with asked.read() as work:
        found = list_invitations(work)
    return Answer(200, Many([show_organization(one) for one in found]))


def accepted(asked: Asked) -> Answer:
    """Answer POST /cma/invitations/{id}/accept."""
    code = asked.struct(AcceptedBody).data.attributes.code
    with asked.work() as work:
        found = accept_invitation(work, _organization(asked), code)
    return Answer(200, One(show_organization(found)))


def declined(asked: Asked) -> Answer:
    """Answer POST /cma/invitations/{id}/decline."""
    with asked.work() as work:
        decline_invitation(work, _organization(asked))
    return Answer(204)


def _organization(asked: Asked) -> OrganizationId:
    return OrganizationId(ids.read(Prefix.ORGANIZATION, asked.params["id"]))


_one = partial(_route, parts=(id_in("id", "The organization.", Prefix.ORGANIZATION),))

ROUTES: Final = (
    _route(
        "GET", _PATH, listed, "invitation.list",
        "List the organizations that invite you", gives={200: Many[OrganizationShown]},
    ),
    _one(
        "POST", _ACCEPT, accepted, "invitation.accept",
        "Become a member of an organization that invites you, by the code that it gave you",
        gives={200: One[OrganizationShown]}, takes=AcceptedBody, example=_EXAMPLE,
    ),
    _one(
        "POST", f"{_PATH}/{{id}}/decline", declined, "invitation.decline",
        "Decline an invitation", gives={204: None},
    ),
)  # fmt: skip
"""What the office serves to whom another organization invites. An invitation has its id."""
