"""How people come in, over HTTP: enrolled, invited, and shown out of their sessions."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from counterfoil.directory.doors.wire import NewUserBody, newcomer_of, role_ids, show_person
from counterfoil.directory.enroll import enroll
from counterfoil.jsonapi.document import document, etag
from counterfoil.jsonapi.route import Answer, Asked, Route
from counterfoil.kernel import ids
from counterfoil.kernel.ids import Prefix, UserId
from counterfoil.signin.doors.browser_password import SETUP
from counterfoil.signin.invite import Invited, awaited, invite
from counterfoil.signin.login import sign_out

_PATH: Final = "/cma/users"
_route = partial(Route, section="Users")


def enrolled(asked: Asked) -> Answer:
    """Answer POST /cma/users; who has nothing yet to sign in with gets a code, shown this once."""
    data = asked.struct(NewUserBody).data
    newcomer, roles = newcomer_of(data.attributes), role_ids(data.relationships)
    with asked.work() as work:
        person = enroll(work, newcomer, roles)
        invited = invite(work, person.user.id) if awaited(work, person) else None
    headers = {"Location": f"{_PATH}/{person.user.id}", **etag(person.member.version)}
    meta = None if invited is None else _shown(asked, invited)
    body = document(show_person(person), meta)
    return Answer(201, body, headers, work.position, secret=invited is not None)


def invited(asked: Asked) -> Answer:
    """Answer POST /cma/users/{id}/invitation: what they signed in with before is over."""
    with asked.work() as work:
        made = invite(work, _user(asked))
    taken = {"effective": "host", "position": work.position}
    body = document(None, {**_shown(asked, made), **taken})
    return Answer(200, body, position=work.position, secret=True)


def signed_out(asked: Asked) -> Answer:
    """Answer DELETE /cma/users/{id}/sessions."""
    with asked.work() as work:
        sign_out(work, _user(asked))
    meta = {"effective": "host", "position": work.position}
    return Answer(200, document(None, meta), position=work.position)


def _shown(asked: Asked, made: Invited) -> dict[str, Any]:
    invitation = {
        "code": made.code.reveal(),
        "url": f"{asked.office.address}{SETUP}",
        "expires_at": made.dies_at,
    }
    return {"invitation": invitation, "warning": "Hand the code on now: it is shown this once."}


def _user(asked: Asked) -> UserId:
    return UserId(ids.read(Prefix.USER, asked.params["id"]))


ROUTES: Final = (
    _route(
        "POST",
        _PATH,
        enrolled,
        "user.enroll",
        "Enrol a member; the answer may carry a one-time code for them",
        takes=NewUserBody,
        gives={201: None},
        idempotent=True,
    ),
    _route(
        "POST",
        f"{_PATH}/{{id}}/invitation",
        invited,
        "user.invite",
        "Invite a member to choose a password; the one they have, and their sessions, are over",
    ),
    _route(
        "DELETE",
        f"{_PATH}/{{id}}/sessions",
        signed_out,
        "user.sign_out",
        "End every session of a member",
    ),
)
"""What the office serves of people who come in."""
