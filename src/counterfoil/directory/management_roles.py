"""Roles over HTTP, after DatoCMS's contract: 200 on create, failures as `api_error` (WIRE)."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from msgspec import UNSET

from counterfoil.access.role import Role
from counterfoil.directory import define, lookup
from counterfoil.directory.wire import RoleBody, roots_of, same, scopes_of, show_role
from counterfoil.jsonapi.datocms import DATOCMS
from counterfoil.jsonapi.document import document, etag
from counterfoil.jsonapi.route import Answer, Asked, Route
from counterfoil.kernel import ids
from counterfoil.kernel.errors import Code, Invalid
from counterfoil.kernel.ids import Prefix, RoleId
from counterfoil.operation import Office

_PATHS: Final = ("/roles", "/cma/roles")
_SECTION: Final = "Roles and scopes"


def listed(asked: Asked) -> Answer:
    """Answer GET /roles."""
    office: Office = asked.office
    with office.read(asked.caller, asked.origin) as work:
        roles = lookup.list_roles(work)
    return Answer(200, document([show_role(role) for role in roles]))


def shown(asked: Asked) -> Answer:
    """Answer GET /roles/{id}."""
    office: Office = asked.office
    with office.read(asked.caller, asked.origin) as work:
        role = lookup.show_role(work, _id(asked))
    return Answer(200, document(show_role(role)), etag(role.version))


def created(asked: Asked) -> Answer:
    """Answer POST /roles: a name is enough, for a role that may do nothing yet."""
    office: Office = asked.office
    data = asked.struct(RoleBody).data
    attributes = data.attributes
    if attributes.name is UNSET:
        raise Invalid(Code.INVALID_FIELD, "A role has a name.", field="/data/attributes/name")
    if data.id is not UNSET:
        raise Invalid(Code.INVALID_FIELD, "Ids are given by the office.", field="/data/id")
    scopes, roots = scopes_of(attributes, 0), roots_of(attributes, None)
    with office.work(asked.caller, asked.origin) as work:
        role = define.create_role(work, attributes.name, scopes, roots)
    position = work.position if work.position >= 0 else None
    return Answer(200, document(show_role(role)), etag(role.version), position=position)


def changed(asked: Asked) -> Answer:
    """Answer PUT and PATCH /roles/{id}: what is absent stays."""
    office: Office = asked.office
    id_, data, expected = _id(asked), asked.struct(RoleBody).data, asked.if_match()
    same(data, Prefix.ROLE, id_)

    def then(role: Role) -> Role:
        attributes = data.attributes
        return replace(
            role,
            name=role.name if attributes.name is UNSET else attributes.name,
            scopes=scopes_of(attributes, role.scopes),
            roots=roots_of(attributes, role.roots),
        )

    with office.work(asked.caller, asked.origin) as work:
        role = define.edit_role(work, id_, then, expected)
    return _written(role, work.position)


def deleted(asked: Asked) -> Answer:
    """Answer DELETE /roles/{id} with the role that is no more."""
    office: Office = asked.office
    with office.work(asked.caller, asked.origin) as work:
        role = define.delete_role(work, _id(asked), asked.if_match())
    return _written(role, work.position)


def _id(asked: Asked) -> RoleId:
    return RoleId(ids.read(Prefix.ROLE, asked.params["id"]))


def _written(role: Role, position: int) -> Answer:
    return Answer(200, document(show_role(role)), etag(role.version), position=position)


def _routes(path: str) -> tuple[Route, ...]:
    one, dialect = path + "/{id}", DATOCMS
    return (
        Route(
            "GET", path, listed, "role.list", "List the roles", dialect=dialect, section=_SECTION
        ),
        Route(
            "POST",
            path,
            created,
            "role.create",
            "Create a role",
            takes=RoleBody,
            dialect=dialect,
            section=_SECTION,
            idempotent=True,
        ),
        Route("GET", one, shown, "role.show", "Show a role", dialect=dialect, section=_SECTION),
        *(
            Route(
                method,
                one,
                changed,
                "role.edit",
                "Change a role",
                takes=RoleBody,
                dialect=dialect,
                section=_SECTION,
            )
            for method in ("PUT", "PATCH")
        ),
        Route(
            "DELETE",
            one,
            deleted,
            "role.delete",
            "Delete a role",
            dialect=dialect,
            section=_SECTION,
        ),
    )


ROUTES: Final = tuple(route for path in _PATHS for route in _routes(path))
"""One door, mounted twice."""
