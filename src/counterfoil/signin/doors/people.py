"""How people come in, over HTTP: enrolled, invited, and shown out of their sessions."""

from __future__ import annotations

from functools import partial
from typing import Final

from msgspec import UNSET, UnsetType

from counterfoil import directory
from counterfoil.directory import Person
from counterfoil.directory.doors.examples import NEW_USER
from counterfoil.directory.doors.wire import NewUserBody, newcomer_of, role_ids
from counterfoil.directory.doors.wire_show import User, show_person
from counterfoil.directory.enroll import enroll
from counterfoil.jsonapi.given import Effect, Given, Instant, One, effective, etag
from counterfoil.jsonapi.parameter import id_in
from counterfoil.jsonapi.route import Answer, Asked, Route
from counterfoil.kernel import ids
from counterfoil.kernel.errors import Code
from counterfoil.kernel.ids import Prefix, UserId
from counterfoil.signin.doors.browser_password import SETUP
from counterfoil.signin.doors.invitations import accept_path
from counterfoil.signin.invite import Invited, awaited, invite
from counterfoil.signin.login import sign_out

_PATH: Final = "/cma/users"
_WARNING: Final = "Hand the code on now: it is shown this once."
_route = partial(Route, section="Users")


class Invitation(Given, frozen=True):
    """A one-time code, where to use it, and until when. A repeated answer shows no code again.

    `/setup` is for who has no account yet; the other address is where somebody who is signed in
    accepts the invitation.
    """

    code: str | None
    url: str
    expires_at: Instant


class Inviting(Given, frozen=True):
    """What stands beside a member who has yet to choose a password, or to accept."""

    invitation: Invitation | UnsetType | None = UNSET
    warning: str | UnsetType = UNSET
    secret_already_shown: bool | UnsetType = UNSET


class Enrolled(Given, frozen=True):
    """A new member and, for who has yet to choose a password, or to accept, an invitation."""

    data: User
    meta: Inviting | UnsetType = UNSET


class Handed(Effect, frozen=True):
    """An invitation; what a member signed in with before is over from this position on."""

    invitation: Invitation
    warning: str | UnsetType = UNSET
    secret_already_shown: bool | UnsetType = UNSET


class Invitations(Given, frozen=True):
    """A document with an invitation alone."""

    data: None
    meta: Handed


def enrolled(asked: Asked) -> Answer:
    """Answer POST /cma/users, with a code for who needs one, shown this once."""
    data = asked.struct(NewUserBody).data
    newcomer, roles = newcomer_of(data.attributes), role_ids(data.relationships)
    with asked.work() as work:
        person = enroll(work, newcomer, roles)
        invited = None
        if awaited(work, person):
            invited = invite(work, person.user.id)
            here = asked.caller.organization
            person = Person(person.user, directory.member(work.tx, here, person.user.id))
    headers = {"Location": f"{_PATH}/{person.user.id}", **etag(person.member.version)}
    meta: Inviting | UnsetType = UNSET
    if invited is not None:
        meta = Inviting(invitation=_shown(asked, invited), warning=_WARNING)
    body = Enrolled(data=show_person(person), meta=meta)
    return Answer(201, body, headers, secret=invited is not None)


def invited(asked: Asked) -> Answer:
    """Answer POST /cma/users/{id}/invitation: what a member signed in with before is over."""
    with asked.work() as work:
        made = invite(work, _user(asked))
    meta = Handed(
        effective="host",
        position=work.position,
        invitation=_shown(asked, made),
        warning=_WARNING,
    )
    body = Invitations(data=None, meta=meta)
    return Answer(200, body, secret=True)


def signed_out(asked: Asked) -> Answer:
    """Answer DELETE /cma/users/{id}/sessions."""
    with asked.work() as work:
        sign_out(work, _user(asked))
    return Answer(200, effective(None, work.position))


def _shown(asked: Asked, made: Invited) -> Invitation:
    path = SETUP if made.joins is None else accept_path(made.joins)
    url = f"{asked.office.address}{path}"
    return Invitation(code=made.code.reveal(), url=url, expires_at=made.dies_at)


def _user(asked: Asked) -> UserId:
    return UserId(ids.read(Prefix.USER, asked.params["id"]))


_one = partial(_route, parts=(id_in("id", "The user.", Prefix.USER),))

ROUTES: Final = (
    _route(
        "POST",
        _PATH,
        enrolled,
        "user.enroll",
        "Enrol a member; the answer may carry a one-time code for them",
        also=("user.invite",),
        gives={201: Enrolled},
        takes=NewUserBody,
        example=NEW_USER,
        idempotent=True,
        fails=(Code.NAME_TAKEN, Code.INSUFFICIENT_ROLE, Code.NOT_FOUND, Code.STEP_UP_REQUIRED),
    ),
    _one(
        "POST",
        f"{_PATH}/{{id}}/invitation",
        invited,
        "user.invite",
        "Give a member a code for a password; the one they have, and their sessions, are over",
        gives={200: Invitations},
        idempotent=True,
        fails=(Code.INSUFFICIENT_ROLE,),
    ),
    _one(
        "DELETE",
        f"{_PATH}/{{id}}/sessions",
        signed_out,
        "user.sign_out",
        "End every session of a member",
        gives={200: One[None]},
        fails=(Code.INSUFFICIENT_ROLE,),
    ),
)
"""What the office serves of people who come in."""
