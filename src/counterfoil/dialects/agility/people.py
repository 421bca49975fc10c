"""Who asks, and saving users: which no token may, whatever its owner may (G9)."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from msgspec import field

from counterfoil import directory
from counterfoil.dialects.agility.instance import GUID, INSTANCE, here
from counterfoil.dialects.agility.voice import AGILITY
from counterfoil.directory import Organization, User
from counterfoil.directory.enroll import enroll
from counterfoil.directory.steps.admit import Newcomer
from counterfoil.jsonapi.body import Body
from counterfoil.jsonapi.parameter import SAMPLE, TEXT, Parameter
from counterfoil.jsonapi.route import Answer, Asked, Route
from counterfoil.kernel import ids
from counterfoil.kernel.errors import Code, Malformed
from counterfoil.kernel.ids import Prefix, RoleId
from counterfoil.tokens.show import show_self

_route = partial(Route, dialect=AGILITY, section="Agility users")


class AgilityRole(Body, frozen=True):
    """A role, by its id."""

    id: str = field(name="roleID")


class ServerUser(Body, frozen=True):
    """Somebody, in Agility's members. A role's token acts for nobody, whose `userID` is null."""

    userID: int | None  # noqa: N815 - the vendor's spelling
    userName: str | None  # noqa: N815 - as above
    emailAddress: str | None  # noqa: N815 - as above
    firstName: str | None  # noqa: N815 - as above
    lastName: str | None  # noqa: N815 - as above
    isDeleted: bool  # noqa: N815 - as above
    isTeamUser: bool  # noqa: N815 - as above
    websiteAccess: list[dict[str, Any]]  # noqa: N815 - as above


def myself(asked: Asked) -> Answer:
    """Answer GET /agility/api/v1/users/me, with the instances where the caller speaks (G1)."""
    with asked.read() as work:
        user = show_self(work).user
        places = {asked.caller.organization}
        if user is not None:
            belongs = [one.organization for one in directory.memberships(work.tx, user.id)]
            places |= set(filter(asked.speaks_in, belongs))
        access = [_show_place(directory.organization(work.tx, one)) for one in sorted(places)]
    return Answer(200, _show(user, access))


def saved(asked: Asked) -> Answer:
    """Answer POST …/user/save: the body lists roles by their ids, the query says who it is."""
    here(asked)
    email = asked.query.text("emailAddress")
    if not email:
        raise Malformed(Code.INVALID_REQUEST, "Say who it is.", meta={"parameter": "emailAddress"})
    names = (asked.query.text("firstName") or "", asked.query.text("lastName") or "")
    roles = [RoleId(ids.read(Prefix.ROLE, one.id)) for one in asked.struct(list[AgilityRole])]
    with asked.work() as work:
        person = enroll(work, Newcomer(" ".join(names).strip() or email, email), roles)
    return Answer(200, _show(person.user, []))


def _show_place(one: Organization) -> dict[str, Any]:
    return {"websiteID": one.id, "displayName": one.name, "guid": str(one.id)}


def _show(user: User | None, access: list[dict[str, Any]]) -> ServerUser:
    first, _, last = (user.name if user else "").partition(" ")
    email = user.email if user else None
    return ServerUser(
        userID=user.id if user else None,
        userName=email,
        emailAddress=email,
        firstName=first or None,
        lastName=last or None,
        isDeleted=False,
        isTeamUser=False,
        websiteAccess=access,
    )


_WHO: Final = (
    Parameter("emailAddress", "Who it is.", TEXT, "ben@example.com", required=True),
    Parameter("firstName", "What they are called.", TEXT, "Ben"),
    Parameter("lastName", "And by family.", TEXT, "Okri"),
)

ROUTES: Final = (
    _route(
        "GET",
        "/agility/api/v1/users/me",
        myself,
        "token.show_self",
        "Who asks",
        gives={200: ServerUser},
    ),
    _route(
        "POST",
        f"{INSTANCE}/user/save",
        saved,
        "user.enroll",
        "Make somebody a member",
        idempotent=True,
        takes=list[AgilityRole],
        gives={200: ServerUser},
        example=[{"roleID": SAMPLE}],
        parts=(GUID,),
        place="guid",
        query=_WHO,
        fails=(Code.NAME_TAKEN, Code.INSUFFICIENT_ROLE, Code.NOT_FOUND),
    ),
)
