"""Users and organizations over HTTP. How a new one comes in is for the sign-in to say."""

from __future__ import annotations

from functools import partial
from typing import Final

from msgspec import UNSET

from counterfoil.directory import deactivate, enroll, show
from counterfoil.directory.doors.examples import USER
from counterfoil.directory.doors.sought import SEEKING, sought
from counterfoil.directory.doors.wire import UserBody, role_ids
from counterfoil.directory.doors.wire_show import (
    OrganizationShown,
    User,
    show_barred,
    show_organization,
    show_person,
)
from counterfoil.directory.model import Person
from counterfoil.jsonapi import cursor
from counterfoil.jsonapi.body import require_same_id
from counterfoil.jsonapi.given import Many, One, Paged, effective, etag
from counterfoil.jsonapi.parameter import PAGING, id_in
from counterfoil.jsonapi.route import Answer, Asked, Route
from counterfoil.kernel import ids
from counterfoil.kernel.errors import Code, Invalid
from counterfoil.kernel.ids import Prefix, UserId

_route = partial(Route, section="Users")


def listed(asked: Asked) -> Answer:
    """Answer GET /cma/users."""
    wanted = cursor.wanted(asked, "/cma/users")
    with asked.read() as work:
        page = show.list_users(work, wanted, sought(asked.query))
    data = [show_person(person) for person in page.items]
    return Answer(200, cursor.paged(asked, "/cma/users", page, data))


def shown(asked: Asked) -> Answer:
    """Answer GET /cma/users/{id}."""
    with asked.read() as work:
        person = show.show_user(work, _user(asked))
    return Answer(200, One(show_person(person)), etag(person.member.version))


def changed(asked: Asked) -> Answer:
    """Answer PATCH /cma/users/{id}: the roles, and whether the membership is in force."""
    id_, data, expected = _user(asked), asked.struct(UserBody).data, asked.if_match()
    require_same_id(data.id, Prefix.USER, id_)
    active = data.attributes.active
    roles = None if data.relationships is UNSET else role_ids(data.relationships)
    if roles is None and active is UNSET:
        raise Invalid(Code.INVALID_FIELD, "Nothing here is to change.", field="/data")
    done: list[Person] = []
    with asked.work() as work:
        if roles is not None:
            done.append(enroll.assign(work, id_, roles, expected))
            expected = None
        if active is not UNSET:
            act = enroll.reactivate if active else enroll.deactivate
            done.append(act(work, id_, expected))
    return _effective(done[-1], work.position)


def ended(asked: Asked) -> Answer:
    """Answer DELETE /cma/users/{id}: the membership ends."""
    with asked.work() as work:
        person = enroll.end(work, _user(asked), asked.if_match())
    return _effective(person, work.position)


def deactivated(asked: Asked) -> Answer:
    """Answer POST /cma/users/{id}/deactivate: shut out of the organization."""
    with asked.work() as work:
        person = deactivate.deactivate_user(work, _user(asked))
    return _effective(person, work.position)


def reactivated(asked: Asked) -> Answer:
    """Answer POST /cma/users/{id}/reactivate."""
    with asked.work() as work:
        person = deactivate.reactivate_user(work, _user(asked))
    return _effective(person, work.position)


def organizations(asked: Asked) -> Answer:
    """Answer GET /cma/organizations."""
    with asked.read() as work:
        found = show.list_organizations(work, asked.speaks_in)
    free = not asked.caller.grant.limits
    told = [
        show_barred(one.organization)
        if one.barred
        else show_organization(one.organization, above_roots=free)
        for one in found
    ]
    return Answer(200, Many(told))


def _user(asked: Asked) -> UserId:
    return UserId(ids.read(Prefix.USER, asked.params["id"]))


def _effective(person: Person, position: int | None) -> Answer:
    body = effective(show_person(person), position)
    return Answer(200, body, etag(person.member.version))


_one = partial(_route, parts=(id_in("id", "The user.", Prefix.USER),), gives={200: One[User]})

ROUTES: Final = (
    _route(
        "GET",
        "/cma/users",
        listed,
        "user.list",
        "List the members of the organization",
        gives={200: Paged[User]},
        query=(*PAGING, *SEEKING),
    ),
    _one("GET", "/cma/users/{id}", shown, "user.show", "Show a member"),
    _one(
        "PATCH",
        "/cma/users/{id}",
        changed,
        "member.assign",
        "Change a member's roles, shut a member out, let a member in again",
        also=("member.deactivate", "member.reactivate"),
        takes=UserBody,
        example=USER,
        versioned=True,
        fails=(Code.LAST_ADMIN, Code.INSUFFICIENT_ROLE),
    ),
    _one(
        "DELETE",
        "/cma/users/{id}",
        ended,
        "member.end",
        "End a membership",
        versioned=True,
        fails=(Code.LAST_ADMIN, Code.INSUFFICIENT_ROLE),
    ),
    _one(
        "POST",
        "/cma/users/{id}/deactivate",
        deactivated,
        "user.deactivate",
        "Shut a user out of the organization",
        fails=(Code.LAST_ADMIN, Code.INSUFFICIENT_ROLE),
    ),
    _one(
        "POST",
        "/cma/users/{id}/reactivate",
        reactivated,
        "user.reactivate",
        "Let a user in again",
    ),
    Route(
        "GET",
        "/cma/organizations",
        organizations,
        "organization.list",
        "List the organizations where the caller may act",
        gives={200: Many[OrganizationShown]},
        section="Organizations",
        everywhere=True,
    ),
)
"""What the office serves of users and organizations."""
