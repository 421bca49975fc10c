"""Roles over HTTP, after DatoCMS's contract: 200 on create, failures as `api_error` (WIRE)."""

from __future__ import annotations

from functools import partial
from typing import Final

from msgspec import UNSET

from counterfoil.access.role import Role
from counterfoil.access.scope import NO_SCOPES
from counterfoil.directory import define_role, show
from counterfoil.directory.doors.examples import ROLE
from counterfoil.directory.doors.wire import RoleBody, role_change, roots_of, scopes_of
from counterfoil.directory.doors.wire_show import RoleShown, show_role
from counterfoil.directory.steps.bounded import roles_told
from counterfoil.jsonapi.body import require_same_id
from counterfoil.jsonapi.datocms import DATOCMS
from counterfoil.jsonapi.given import Many, One, effective, etag
from counterfoil.jsonapi.parameter import id_in
from counterfoil.jsonapi.route import Answer, Asked, Route
from counterfoil.kernel import ids
from counterfoil.kernel.errors import Code, Invalid
from counterfoil.kernel.ids import Prefix, RoleId
from counterfoil.operation import Work

_route = partial(Route, section="Roles and scopes")


def listed(asked: Asked) -> Answer:
    """Answer GET /roles."""
    with asked.read() as work:
        roles, words = roles_told(work, show.list_roles(work)), work.vocabulary()
    return Answer(200, Many([show_role(role, words) for role in roles]))


def shown(asked: Asked) -> Answer:
    """Answer GET /roles/{id}."""
    with asked.read() as work:
        return _answer(work, show.show_role(work, _id(asked)))


def created(asked: Asked) -> Answer:
    """Answer POST /roles: a name is enough, for a role that may do nothing yet."""
    data = asked.struct(RoleBody).data
    attributes = data.attributes
    if attributes.name is UNSET:
        raise Invalid(Code.INVALID_FIELD, "A role has a name.", field="/data/attributes/name")
    if data.id is not UNSET:
        raise Invalid(Code.INVALID_FIELD, "Ids are given by the office.", field="/data/id")
    with asked.work() as work:
        words = work.vocabulary()
        scopes, roots = scopes_of(attributes, NO_SCOPES, words), roots_of(attributes, None)
        return _answer(work, define_role.create_role(work, attributes.name, scopes, roots))


def duplicated(asked: Asked) -> Answer:
    """Answer POST /roles/{id}/duplicate with the new role."""
    with asked.work() as work:
        return _answer(work, define_role.duplicate_role(work, _id(asked)))


def changed(asked: Asked) -> Answer:
    """Answer PUT and PATCH /roles/{id}: what is absent stays."""
    id_, data, expected = _id(asked), asked.struct(RoleBody).data, asked.if_match()
    require_same_id(data.id, Prefix.ROLE, id_)
    with asked.work() as work:
        words = work.vocabulary()
        change = partial(role_change, data.attributes, words=words)
        done = _told(work, define_role.edit_role(work, id_, change, expected))
    return _settled(work, *done)


def deleted(asked: Asked) -> Answer:
    """Answer DELETE /roles/{id} with the role that is no more."""
    with asked.work() as work:
        done = _told(work, define_role.delete_role(work, _id(asked), asked.if_match()))
    return _settled(work, *done)


def _id(asked: Asked) -> RoleId:
    return RoleId(ids.read(Prefix.ROLE, asked.params["id"]))


def _answer(work: Work, role: Role) -> Answer:
    shown, version = _told(work, role)
    return Answer(200, One(shown), version)


def _told(work: Work, role: Role) -> tuple[RoleShown, dict[str, str]]:
    (told,) = roles_told(work, [role])
    return show_role(told, work.vocabulary()), etag(role.version)


def _settled(work: Work, shown: RoleShown, version: dict[str, str]) -> Answer:
    """Answer a change that may have taken power away, once its work is committed."""
    return Answer(200, effective(shown, work.position), version)


def _routes(path: str) -> tuple[Route, ...]:
    here = partial(_route, dialect=DATOCMS)
    one = partial(here, parts=(id_in("id", "The role.", Prefix.ROLE),), gives={200: One[RoleShown]})
    body = {"takes": RoleBody, "example": ROLE}
    return (
        here("GET", path, listed, "role.list", "List the roles", gives={200: Many[RoleShown]}),
        here(
            "POST",
            path,
            created,
            "role.create",
            "Create a role",
            gives={200: One[RoleShown]},
            idempotent=True,
            **body,
            fails=(Code.NAME_TAKEN, Code.INSUFFICIENT_ROLE, Code.NOT_FOUND),
        ),
        one("GET", f"{path}/{{id}}", shown, "role.show", "Show a role"),
        one(
            "POST",
            f"{path}/{{id}}/duplicate",
            duplicated,
            "role.duplicate",
            "Make a role like another one",
            idempotent=True,
            fails=(Code.INSUFFICIENT_ROLE, Code.NOT_FOUND),
        ),
        *(
            one(
                method,
                f"{path}/{{id}}",
                changed,
                "role.edit",
                "Change a role",
                versioned=True,
                **body,
            )
            for method in ("PUT", "PATCH")
        ),
        one(
            "DELETE",
            f"{path}/{{id}}",
            deleted,
            "role.delete",
            "Delete a role",
            versioned=True,
            fails=(Code.IN_USE,),
        ),
    )


def mounted(prefix: str) -> tuple[Route, ...]:
    """Return the routes of this door below a prefix, such as `/cma`."""
    return _routes(f"{prefix}/roles")


ROUTES: Final = (*mounted(""), *mounted("/cma"))
"""One door, mounted twice."""
