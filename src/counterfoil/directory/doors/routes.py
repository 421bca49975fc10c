"""What gates decide by for a registered API, over HTTP: its routes and its tree."""

from __future__ import annotations

from functools import partial
from typing import Final

from counterfoil.directory import declare_routes, sync_resources
from counterfoil.directory.doors.examples import API_ROUTES, API_TREE, API_TREE_CHANGE
from counterfoil.directory.doors.wire_routes import (
    ChangeBody,
    ResourceShown,
    RoutesBody,
    RoutesShown,
    TreeBody,
    TreeShown,
    routes_of,
    show_resource,
    show_routes,
    show_synced,
    tree_wish,
)
from counterfoil.directory.routed import TreeWish
from counterfoil.jsonapi import cursor
from counterfoil.jsonapi.body import require_same_id
from counterfoil.jsonapi.given import One, Paged, effective, etag
from counterfoil.jsonapi.parameter import PAGING, TEXT, Parameter, id_in
from counterfoil.jsonapi.route import Answer, Asked, Route
from counterfoil.kernel import ids
from counterfoil.kernel.errors import Code
from counterfoil.kernel.ids import ApiId, Prefix

_API: Final = "/cma/apis/{id}"
_ROUTES: Final = f"{_API}/routes"
_TREE: Final = f"{_API}/tree"
_RESOURCES: Final = f"{_API}/resources"
_KEY: Final = "filter[key]"
_route = partial(Route, section="Registered APIs", parts=(id_in("id", "The API.", Prefix.API),))


def shown(asked: Asked) -> Answer:
    """Answer GET /cma/apis/{id}/routes."""
    with asked.read() as work:
        table = declare_routes.show_routes(work, _id(asked))
    return Answer(200, One(show_routes(table)), etag(table.version))


def declared(asked: Asked) -> Answer:
    """Answer PUT /cma/apis/{id}/routes: these, and no others."""
    id_, data, expected = _id(asked), asked.struct(RoutesBody).data, asked.if_match()
    require_same_id(data.id, Prefix.API, id_)
    with asked.work() as work:
        table = declare_routes.declare_routes(
            work,
            id_,
            routes_of(data.attributes),
            expected,
            preflights=data.attributes.preflights,
            grace_seconds=data.attributes.grace_seconds,
        )
    return Answer(200, effective(show_routes(table), work.position), etag(table.version))


def told(asked: Asked) -> Answer:
    """Answer PUT /cma/apis/{id}/tree: this is all of it."""
    id_, data = _id(asked), asked.struct(TreeBody).data
    require_same_id(data.id, Prefix.API, id_)
    return _synced(asked, id_, tree_wish(data.attributes))


def changed(asked: Asked) -> Answer:
    """Answer PATCH /cma/apis/{id}/tree: what it does not say stays."""
    id_, data = _id(asked), asked.struct(ChangeBody).data
    require_same_id(data.id, Prefix.API, id_)
    return _synced(asked, id_, tree_wish(data.attributes))


def listed(asked: Asked) -> Answer:
    """Answer GET /cma/apis/{id}/resources, in the order of their ids."""
    id_ = _id(asked)
    path = f"/cma/apis/{id_}/resources"
    wanted, key = cursor.wanted(asked, path), asked.query.text(_KEY)
    with asked.read() as work:
        page = sync_resources.list_resources(work, id_, wanted, key)
    return Answer(200, cursor.paged(asked, path, page, [show_resource(one) for one in page.items]))


def _synced(asked: Asked, id_: ApiId, wish: TreeWish) -> Answer:
    with asked.work() as work:
        synced = sync_resources.sync(work, id_, wish)
    return Answer(200, effective(show_synced(synced), work.position))


def _id(asked: Asked) -> ApiId:
    return ApiId(ids.read(Prefix.API, asked.params["id"]))


ROUTES: Final = (
    _route(
        "GET",
        _ROUTES,
        shown,
        "api.show_routes",
        "Show the routes of an API",
        gives={200: One[RoutesShown]},
    ),
    _route(
        "PUT",
        _ROUTES,
        declared,
        "api.route",
        "Declare the routes of an API; what it does not list is closed",
        gives={200: One[RoutesShown]},
        takes=RoutesBody,
        example=API_ROUTES,
        versioned=True,
    ),
    _route(
        "PUT",
        _TREE,
        told,
        "api.sync",
        "Tell of the whole tree of an API",
        gives={200: One[TreeShown]},
        takes=TreeBody,
        example=API_TREE,
        fails=(Code.CONFLICT,),
    ),
    _route(
        "PATCH",
        _TREE,
        changed,
        "api.sync",
        "Tell what changed in the tree of an API",
        gives={200: One[TreeShown]},
        takes=ChangeBody,
        example=API_TREE_CHANGE,
        fails=(Code.CONFLICT,),
    ),
    _route(
        "GET",
        _RESOURCES,
        listed,
        "api.list_resources",
        "List the resources of an API, or find one by its key",
        gives={200: Paged[ResourceShown]},
        query=(
            *PAGING,
            Parameter(_KEY, "Only the resource that the API calls so.", TEXT, "/blog"),
        ),
    ),
)
"""What the office serves of routes and trees."""
