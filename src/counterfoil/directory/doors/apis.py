"""Registered APIs over HTTP, and the list of all scopes that there are."""

from __future__ import annotations

from functools import partial
from typing import Final

from counterfoil.directory import register_api, show
from counterfoil.directory.api import Api
from counterfoil.directory.doors.examples import API, NEW_API
from counterfoil.directory.doors.wire_apis import (
    ApiBody,
    NewApiBody,
    RegisteredApi,
    ScopeShown,
    show_api,
    show_scope,
    wish_of,
)
from counterfoil.jsonapi.body import require_same_id
from counterfoil.jsonapi.given import Many, One, effective, etag
from counterfoil.jsonapi.parameter import FLAG, Parameter, id_in
from counterfoil.jsonapi.route import Answer, Asked, Route
from counterfoil.kernel import ids
from counterfoil.kernel.errors import Code
from counterfoil.kernel.ids import ApiId, Prefix

_PATH: Final = "/cma/apis"
_ONE: Final = f"{_PATH}/{{id}}"
_route = partial(Route, section="Registered APIs")
_GRANTABLE: Final = "filter[grantable]"


def listed(asked: Asked) -> Answer:
    """Answer GET /cma/apis: all of them, without pages."""
    with asked.read() as work:
        found = show.list_apis(work)
    return Answer(200, Many([show_api(one) for one in found]))


def created(asked: Asked) -> Answer:
    """Answer POST /cma/apis."""
    wish = wish_of(asked.struct(NewApiBody).data.attributes)
    with asked.work() as work:
        api = register_api.create_api(work, wish)
    headers = {"Location": f"{_PATH}/{api.id}", **etag(api.version)}
    return Answer(201, One(show_api(api)), headers)


def shown(asked: Asked) -> Answer:
    """Answer GET /cma/apis/{id}."""
    with asked.read() as work:
        api = show.show_api(work, _id(asked))
    return Answer(200, One(show_api(api)), etag(api.version))


def changed(asked: Asked) -> Answer:
    """Answer PATCH /cma/apis/{id}: what is absent stays, scopes that are left out are retired."""
    id_, data, expected = _id(asked), asked.struct(ApiBody).data, asked.if_match()
    require_same_id(data.id, Prefix.API, id_)
    with asked.work() as work:
        api = register_api.edit_api(work, id_, wish_of(data.attributes), expected)
    return _effective(api, work.position)


def retired(asked: Asked) -> Answer:
    """Answer DELETE /cma/apis/{id} with the API that is no more."""
    with asked.work() as work:
        api = register_api.retire(work, _id(asked), asked.if_match())
    return _effective(api, work.position)


def scopes(asked: Asked) -> Answer:
    """Answer GET /cma/scopes: those that there are, and which of them the caller may ask for."""
    wanted = asked.query.boolean(_GRANTABLE)
    with asked.read() as work:
        found = show.list_scopes(work)
    data = [show_scope(one) for one in found if wanted is None or one.grantable is wanted]
    return Answer(200, Many(data))


def _id(asked: Asked) -> ApiId:
    return ApiId(ids.read(Prefix.API, asked.params["id"]))


def _effective(api: Api, position: int | None) -> Answer:
    return Answer(200, effective(show_api(api), position), etag(api.version))


_one = partial(
    _route, parts=(id_in("id", "The API.", Prefix.API),), gives={200: One[RegisteredApi]}
)

ROUTES: Final = (
    _route(
        "GET",
        _PATH,
        listed,
        "api.list",
        "List the registered APIs",
        gives={200: Many[RegisteredApi]},
    ),
    _route(
        "POST",
        _PATH,
        created,
        "api.create",
        "Register an API with scopes of its own",
        gives={201: One[RegisteredApi]},
        takes=NewApiBody,
        example=NEW_API,
        idempotent=True,
        fails=(Code.NAME_TAKEN,),
    ),
    _one("GET", _ONE, shown, "api.show", "Show a registered API"),
    _one(
        "PATCH",
        _ONE,
        changed,
        "api.edit",
        "Change an API; scopes that are left out are retired for good",
        takes=ApiBody,
        example=API,
        versioned=True,
        fails=(Code.NAME_TAKEN,),
    ),
    _one(
        "DELETE",
        _ONE,
        retired,
        "api.retire",
        "Retire an API with all its scopes, for good",
        versioned=True,
    ),
    Route(
        "GET",
        "/cma/scopes",
        scopes,
        "scope.list",
        "List the scopes that there are, and which of them you may ask for in a token",
        gives={200: Many[ScopeShown]},
        query=(
            Parameter(
                _GRANTABLE,
                "Only scopes that you may ask for now, or only the others.",
                FLAG,
                "true",
            ),
        ),
        section="Roles and scopes",
    ),
)
"""What the office serves of APIs and scopes."""
